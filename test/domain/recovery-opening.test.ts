import type { PublicIdentity } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import { emptyAccount } from '../../src/domain/accounts.ts'
import { KEPT_ENDED } from '../../src/domain/recovery-ending.ts'
import { MAX_OPEN, openRecovery } from '../../src/domain/recovery-opening.ts'
import { withRecovery } from '../../src/domain/recovery.ts'
import { cancelRecovery } from '../../src/domain/recovery-veto.ts'
import {
  contact,
  hash32,
  HOUR,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  OWNER,
  protectedOwner,
  registered,
  relayed,
  T0,
} from '../support/circles.ts'
import {
  answered,
  approvedBy,
  at,
  COLLECTING,
  compared,
  CONTEST,
  DAY,
  NEXT_IDENTITY,
  opened,
  opening,
  pull,
  request,
  REQUESTER,
  RULES,
  STOLEN_RULE,
  veto,
  WAITING,
} from '../support/requests.ts'

const OTHER = protectedOwner(STOLEN_RULE)
const owner = protectedOwner()
const names = (account: typeof owner): readonly string[] =>
  account.recoveries.map(({ recovery, state }) => {
    const name = ['a', 'b', 'c', 'd'].find((one) => idOf(one) === recovery)
    return `${name} ${state}`
  })
const SMALL_ORDER: PublicIdentity = { ...REQUESTER, signing: 'A'.repeat(43) }

describe('openRecovery', () => {
  it('pins the circle, the keys and the ticket, and tells owner and contacts, not the requester', () => {
    const next = opened(owner)
    const { active } = owner.circle
    expect(request(next)).toMatchObject({
      state: 'collecting',
      requester: REQUESTER,
      epoch: active?.epoch,
      coreHash: active?.coreHash,
      policy: active?.policy,
      openedAt: T0,
      expiresAt: T0 + COLLECTING,
      answers: [],
      quorumAt: null,
    })
    expect(next.tickets).toEqual([{ hash: hash32('ticket a'), expiresAt: T0 + HOUR }])
    expect(logTypesOf(next)).toEqual(['recovery-opened'])
    expect(noticesOf(next)).toEqual([
      'recovery-opened owner',
      ...[1, 2, 3, 4, 5].map((slot) => `recovery-opened contact ${slot}`),
    ])
  })

  it.each([
    ['another account', { body: { account: contact(9) } }, 'malformed'],
    ['another app', { body: { app: 'other' } }, 'malformed'],
    ['a theft without a next identity', { body: { cause: 'stolen' } }, 'malformed'],
    ['a next identity without a theft', { body: { nextIdentity: NEXT_IDENTITY } }, 'malformed'],
    ['another ticket than it was signed for', { opening: { ticketHash: hash32('x') } }, 'ticket_rejected'],
    ['a requester key of small order', { body: { requester: SMALL_ORDER } }, 'key_rejected'],
    [
      'a next identity of small order',
      { body: { cause: 'stolen', nextIdentity: SMALL_ORDER } },
      'key_rejected',
    ],
  ] as const)('refuses %s', (_, more, code) => {
    expect(openRecovery(owner, opening(owner, 'a', more), T0, RULES)).toEqual({ kind: 'refused', code })
  })

  it('takes a ticket once, also after the request has ended, and forgets it when it has expired', () => {
    const next = at(opened(owner), T0 + COLLECTING)
    const again = opening(next, 'b', { body: { ticketHash: hash32('ticket a') } })
    const reused = { ...again, ticketHash: hash32('ticket a') }
    expect(openRecovery(next, reused, T0 + COLLECTING, RULES)).toMatchObject({ code: 'ticket_rejected' })
    expect(opened(next, 'b', T0 + HOUR - 1).tickets).toHaveLength(2)
    expect(opened(next, 'b', T0 + HOUR).tickets).toHaveLength(1)
  })

  it('answers a repeat with the request as it stands, and refuses another message under its id', () => {
    const next = opened(owner)
    const repeat = openRecovery(next, opening(next), T0 + 5, RULES)
    expect(repeat).toEqual({ kind: 'unchanged', value: request(next) })
    const other = opening(next, 'a', { opening: { requestHash: hash32('other') } })
    expect(openRecovery(next, other, T0, RULES)).toEqual({ kind: 'refused', code: 'malformed' })
  })
})

describe('places', () => {
  const three = opened(opened(opened(owner, 'a', T0), 'b', T0 + 1), 'c', T0 + 2)

  it(`are ${MAX_OPEN}; the oldest request that nobody vouches for gives way`, () => {
    const next = opened(relayed(three), 'd')
    expect(names(next)).toEqual(['a superseded', 'b collecting', 'c collecting', 'd collecting'])
    expect(logTypesOf(next)).toEqual(['recovery-ended', 'recovery-opened'])
    expect(noticesOf(next)).toContain('recovery-ended requester')
  })

  it('are not kept by a contact who has spoken for another since: it holds one place', () => {
    const one = compared(three, 1, 'a', T0 + 1)
    const two = compared(one, 1, 'b', T0 + 2)
    expect(names(opened(two, 'd'))).toContain('a superseded')
    const back = compared(compared(three, 1, 'b', T0 + 1), 1, 'a', T0 + 2)
    expect(names(opened(back, 'd'))).toContain('b superseded')
    // An approval given earlier counts no more than a match; another contact's still does.
    const approved = compared(answered(three, 1, 'approve', { name: 'a', now: T0 + 1 }), 1, 'b', T0 + 2)
    expect(names(opened(approved, 'd'))).toContain('a superseded')
    const other = answered(approved, 2, 'approve', { name: 'a', now: T0 + 1 })
    expect(names(opened(other, 'd'))).toContain('c superseded')
    const all = compared(compared(compared(three, 1, 'a'), 1, 'b'), 1, 'c')
    expect(names(opened(opened(all, 'd'), 'e'))).toEqual([
      'a superseded',
      'b superseded',
      'c collecting',
      'd collecting',
      'undefined collecting',
    ])
  })

  it('are kept by a matched code and by a live approval, not by other answers or codes that differed', () => {
    const matched = compared(three, 1, 'a')
    expect(names(opened(matched, 'd'))).toEqual([
      'a collecting',
      'b superseded',
      'c collecting',
      'd collecting',
    ])
    const alarmed = answered(answered(three, 1, 'alarm'), 2, 'decline')
    expect(names(opened(alarmed, 'd'))[0]).toBe('a superseded')
    // Codes that differ afterwards do not undo an approval.
    const approved = approvedBy(three, [1])
    const sessions = request(approved).sessions.map((one) => ({ ...one, step: 'differed' as const }))
    const doubted = withRecovery(approved, { ...request(approved), sessions })
    expect(names(opened(doubted, 'd'))[0]).toBe('a collecting')
    const allMatched = compared(compared(matched, 2, 'b'), 3, 'c')
    expect(openRecovery(allMatched, opening(allMatched, 'd'), T0, RULES)).toEqual({
      kind: 'refused',
      code: 'too_many_open',
    })
  })

  it('are kept by a release, whatever becomes of its approvals', () => {
    const approved = approvedBy(three, [1, 2, 3])
    const released = nextOf(pull(approved, T0 + WAITING))
    // All three approve another request instead, and compare anew here: nothing but the release is left.
    const moved = approvedBy(released, [1, 2, 3], { name: 'b', now: T0 + WAITING })
    const bare = {
      ...moved,
      recoveries: moved.recoveries.map((one) =>
        one.recovery === idOf('a') ? { ...one, sessions: [] } : one,
      ),
    }
    expect(names(opened(bare, 'd', T0 + WAITING))).toEqual([
      'a released',
      'b waiting',
      'c superseded',
      'd collecting',
    ])
  })

  it('count a contested veto when its request gives way', () => {
    const contested = nextOf(veto(opened(opened(opened(OTHER, 'a'), 'b'), 'c')))
    expect(request(contested).state).toBe('contested')
    const next = opened(contested, 'd')
    expect(request(next).state).toBe('superseded')
    expect(next.backOff.account).toEqual({ vetoes: 1, until: T0 + HOUR })
    expect(CONTEST).toBeGreaterThan(HOUR)
  })

  it(`of ended requests are ${KEPT_ENDED}`, () => {
    let account = opened(owner, 'first')
    for (let index = 0; index < 20; index += 1) {
      account = opened(account, `${index}`)
      const body = { account: OWNER, recovery: idOf(`${index}`) }
      account = nextOf(cancelRecovery(account, { body }, T0, RULES))
    }
    expect(account.recoveries).toHaveLength(KEPT_ENDED + 1)
    expect(account.recoveries[0]?.recovery).toBe(idOf('first'))
    expect(account.recoveries[1]?.recovery).toBe(idOf('4'))
    expect(account.recoveries.at(-1)?.recovery).toBe(idOf('19'))
  })
})

describe('back-off', () => {
  const vetoed = nextOf(veto(opened(owner)))

  it('refuses until it is over, says how long that is, and puts its end into the write', () => {
    const late = opening(vetoed, 'b', { opening: { subject: hash32('someone else') } })
    expect(openRecovery(vetoed, late, T0 + HOUR - 1, RULES)).toEqual({
      kind: 'refused',
      code: 'backing_off',
      retryAfterMs: 1,
    })
    expect(openRecovery(vetoed, late, T0 + HOUR, RULES)).toMatchObject({
      kind: 'changed',
      notBefore: T0 + HOUR,
    })
  })

  it('holds longer for the subject whose request was stopped', () => {
    expect(openRecovery(vetoed, opening(vetoed, 'b'), T0 + 4 * HOUR - 1, RULES)).toMatchObject({
      code: 'backing_off',
      retryAfterMs: 1,
    })
    expect(openRecovery(vetoed, opening(vetoed, 'b'), T0 + 4 * HOUR, RULES).kind).toBe('changed')
  })

  it('doubles up to a day for the account and up to 30 days for the subject', () => {
    let account = owner
    let now = T0
    const steps: number[][] = []
    for (let index = 0; index < 12; index += 1) {
      account = nextOf(veto(opened(account, `${index}`, now), 'identity', now, `${index}`))
      const [subject] = account.backOff.subjects
      steps.push([account.backOff.account.until - now, (subject?.until ?? 0) - now])
      now = subject?.until ?? now
    }
    const hours = [1, 2, 4, 8, 16, 24, 24, 24, 24, 24, 24, 24]
    const subject = [4, 8, 16, 32, 64, 128, 256, 512, 720, 720, 720, 720]
    expect(steps).toEqual(hours.map((each, index) => [each * HOUR, (subject[index] ?? 0) * HOUR]))
    expect(30 * DAY).toBe(720 * HOUR)
  })
})

describe('an account without a circle', () => {
  it.each([
    ['unknown', emptyAccount('demo', OWNER)],
    ['registered', registered()],
  ])('%s gets a request that lives and ends alike', (_, account) => {
    const next = opened(account)
    expect(request(next)).toMatchObject({
      state: 'collecting',
      epoch: 0,
      coreHash: hash32('decoy'),
      expiresAt: T0 + 14 * DAY,
      vetoKey: null,
    })
    expect(noticesOf(next)).toEqual(['recovery-opened owner'])
    expect(at(next, T0 + 14 * DAY - 1)).toBe(next)
    expect(request(at(next, T0 + 14 * DAY)).state).toBe('expired')
    const crowded = opened(opened(opened(next, 'b'), 'c'), 'd')
    expect(names(crowded)).toEqual(['a superseded', 'b collecting', 'c collecting', 'd collecting'])
  })

  it('keeps the period within the bounds of the service', () => {
    const bounds = { min: 60, max: 600 }
    const settings = { ...RULES, collectingSeconds: bounds }
    const next = nextOf(openRecovery(registered(), opening(registered()), T0, settings))
    expect(request(next).expiresAt).toBe(T0 + 600_000)
  })
})
