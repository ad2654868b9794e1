import { verifyLog } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import {
  answerInvitation,
  createInvitation,
  INVITATION_MS,
  KEPT_INVITATIONS,
  OPEN_INVITATIONS,
} from '../../src/domain/invitations.ts'
import {
  contact,
  hash32,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  OWNER,
  registered,
  signedText,
  T0,
} from '../support/circles.ts'

const invitation = (number: number): { readonly invitation: string } => ({
  invitation: idOf(`invitation ${number}`),
})
const invited = (count: number, account = registered(), from = 0): Account =>
  Array.from({ length: count }, (_, index) => invitation(from + index)).reduce(
    (next, one) => nextOf(createInvitation(next, one, T0)),
    account,
  )

const answerTo = (number: number, by = contact(1), mac = 'mac', owner = OWNER) => {
  const keys = { signing: hash32('signing'), sealing: hash32('sealing') }
  const body = { ...invitation(number), owner, contact: by, contactIdentity: keys, mac: hash32(mac) }
  return { body, message: signedText(body) }
}

describe('createInvitation', () => {
  it('opens for 14 days and returns what it opened', () => {
    const decision = createInvitation(registered(), invitation(0), T0)
    expect(INVITATION_MS).toBe(14 * 24 * 3_600_000)
    expect(decision).toMatchObject({
      kind: 'changed',
      value: { ...invitation(0), createdAt: T0, expiresAt: T0 + INVITATION_MS, answer: null },
    })
    expect(logTypesOf(nextOf(decision))).toEqual(['invitation-created'])
  })

  it('is unchanged by the same id', () => {
    const account = invited(1)
    const decision = createInvitation(account, invitation(0), T0 + 5)
    expect(decision).toEqual({ kind: 'unchanged', value: account.invitations[0] })
  })

  it('refuses one more than 32 open ones, until they expire', () => {
    const full = invited(OPEN_INVITATIONS)
    const refusal = { kind: 'refused', code: 'limit_reached' }
    expect(createInvitation(full, invitation(99), T0)).toEqual(refusal)
    expect(createInvitation(full, invitation(99), T0 + INVITATION_MS - 1)).toEqual(refusal)
    expect(nextOf(createInvitation(full, invitation(99), T0 + INVITATION_MS)).invitations).toHaveLength(1)
  })

  it('counts only unanswered ones as open, and bounds all that are kept', () => {
    let account = registered()
    for (let number = 0; number < KEPT_INVITATIONS; number += 1)
      account = nextOf(answerInvitation(invited(1, account, number), answerTo(number), T0))
    expect(account.invitations).toHaveLength(KEPT_INVITATIONS)
    expect(createInvitation(account, invitation(999), T0)).toEqual({ kind: 'refused', code: 'limit_reached' })
  })
})

describe('answerInvitation', () => {
  it('keeps the answer as long again, logs it and tells the owner', () => {
    const next = nextOf(answerInvitation(invited(2), answerTo(1), T0 + 100))
    expect(next.invitations[1]).toMatchObject({
      answer: { contact: contact(1), message: answerTo(1).message },
      expiresAt: T0 + 100 + INVITATION_MS,
    })
    expect(next.invitations[0]?.answer).toBeNull()
    expect(noticesOf(next)).toEqual(['invitation-answered owner'])
    expect(next.outbox.entries.at(-1)?.details).toEqual({ ...invitation(1), contact: contact(1) })
    expect(verifyLog(next.outbox.entries, null)).toEqual(next.log)
  })

  it('is unchanged by the same answer again', () => {
    const next = nextOf(answerInvitation(invited(1), answerTo(0), T0))
    expect(answerInvitation(next, answerTo(0), T0 + 1)).toMatchObject({ kind: 'unchanged' })
  })

  const answered = nextOf(answerInvitation(invited(1), answerTo(0), T0))
  it.each([
    ['an invitation that never was', invited(1), answerTo(7), T0, 'not_found'],
    ['one of another owner', invited(1), answerTo(0, contact(1), 'mac', idOf('else')), T0, 'not_found'],
    ['one that has expired', invited(1), answerTo(0), T0 + INVITATION_MS, 'invitation_rejected'],
    ['the owner’s own answer', invited(1), answerTo(0, OWNER), T0, 'invitation_rejected'],
    ['a second contact', answered, answerTo(0, contact(2)), T0, 'invitation_rejected'],
    [
      'a second answer by the same contact',
      answered,
      answerTo(0, contact(1), 'x'),
      T0,
      'invitation_rejected',
    ],
  ] as const)('refuses %s', (_, account, answer, now, code) => {
    expect(answerInvitation(account, answer, now)).toEqual({ kind: 'refused', code })
  })

  it('still takes an answer in the last millisecond', () => {
    expect(answerInvitation(invited(1), answerTo(0), T0 + INVITATION_MS - 1).kind).toBe('changed')
  })
})
