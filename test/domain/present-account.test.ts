import { accountView as accountSchema, HoldfastError } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { emptyAccount } from '../../src/domain/accounts.ts'
import { settleCircle } from '../../src/domain/circle-change.ts'
import { requestDeletion } from '../../src/domain/circle-consent.ts'
import { answerInvitation, createInvitation, INVITATION_MS } from '../../src/domain/invitations.ts'
import { accountView } from '../../src/domain/present-account.ts'
import {
  accepted,
  answerBy,
  contact,
  COOLING,
  hash32,
  HOUR,
  idOf,
  nextOf,
  PROOF,
  OWNER,
  proposed,
  protectedOwner,
  registered,
  requestOn,
  SETTINGS,
  signedText,
  T0,
} from '../support/circles.ts'

const ACTIVATION = signedText({ activation: 1 })

describe('accountView', () => {
  it('is what the schema says, for every stage of a circle', () => {
    const pending = accepted(proposed(protectedOwner()), T0, [1, 2])
    const { circle, epoch, coreHash } = protectedOwner().circle.active!
    const body = { account: OWNER, circle, epoch, coreHash }
    const deleting = nextOf(requestDeletion(protectedOwner(), { body, message: signedText(body) }, T0))
    const deleted = settleCircle(deleting, T0 + COOLING, SETTINGS).account
    for (const account of [registered(), proposed(registered()), pending, deleting, deleted]) {
      const view = accountView(account, T0, account.circle.active && ACTIVATION)
      expect(accountSchema.parse(view)).toEqual(view)
    }
  })

  it('shows contacts and acceptances to their owner, and no key or blob of the service', () => {
    const account = accepted(proposed(protectedOwner()), T0, [2])
    const { circle } = accountView(account, T0, ACTIVATION)
    expect(circle.active?.activation).toEqual(ACTIVATION)
    expect(circle.pending).toMatchObject({
      epoch: 2,
      activation: null,
      coolsAt: T0 + COOLING,
      delayed: false,
    })
    expect(circle.pending?.slots[1]).toMatchObject({
      contact: contact(2),
      state: 'accepted',
      acceptance: { proof: PROOF },
    })
    const text = JSON.stringify(circle.active)
    expect(text).not.toContain(hash32('wrapped 1'))
  })

  it('shows requests with all answers but no shares', () => {
    const account: Account = {
      ...protectedOwner(),
      recoveries: [
        requestOn(protectedOwner(), {
          state: 'waiting',
          quorumAt: T0 + HOUR,
          alarmed: true,
          answers: [answerBy(1), answerBy(4, 'alarm')],
        }),
      ],
    }
    const view = accountView(account, T0, ACTIVATION)
    expect(accountSchema.parse(view)).toEqual(view)
    expect(view.recoveries[0]).toMatchObject({
      recovery: idOf('recovery'),
      state: 'waiting',
      // Twice the waiting period of 72 h, for the alarm.
      releasableAt: T0 + HOUR + 2 * 72 * HOUR,
      answers: [
        { slot: 1, decision: 'approve', stolen: false, at: T0 },
        { slot: 4, decision: 'alarm', stolen: false, at: T0 },
      ],
    })
    expect(JSON.stringify(view)).not.toContain(hash32('handed 1'))
  })

  it('shows invitations until they expire', () => {
    const invitation = idOf('invitation')
    const open = nextOf(createInvitation(registered(), { invitation }, T0))
    const keys = { signing: hash32('a'), sealing: hash32('b') }
    const body = { invitation, owner: OWNER, contact: contact(1), contactIdentity: keys, mac: hash32('c') }
    const answered = nextOf(answerInvitation(open, { body, message: signedText(body) }, T0 + 1))
    const view = accountView(answered, T0 + INVITATION_MS, null)
    expect(accountSchema.parse(view).invitations).toEqual([
      {
        invitation,
        expiresAt: T0 + 1 + INVITATION_MS,
        answer: { contact: contact(1), message: signedText(body) },
      },
    ])
    expect(accountView(answered, T0 + 1 + INVITATION_MS, null).invitations).toEqual([])
  })

  it('does not exist for an account that nobody registered', () => {
    expect(() => accountView(emptyAccount('demo', OWNER), T0, null)).toThrow(HoldfastError)
  })
})
