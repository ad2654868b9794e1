import { verifyLog } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account, Recovery } from '../../src/domain/account.ts'
import { changeDueAt, settleCircle } from '../../src/domain/circle-change.ts'
import { cancelPending, endCircle } from '../../src/domain/circle-end.ts'
import { requestDeletion } from '../../src/domain/circle-consent.ts'
import {
  accepted,
  answerBy,
  contact,
  contacts,
  COOLING,
  DELAY,
  hash32,
  HOUR,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  proposed,
  protectedOwner,
  registered,
  relayed,
  requestOn,
  SETTINGS,
  type Shape,
  signedText,
  T0,
} from '../support/circles.ts'

const COOLED = T0 + COOLING
const settled = (account: Account, now: number): Account => settleCircle(account, now, SETTINGS).account

/** A second epoch that has every acceptance and only has to cool. */
const changing = (shape: Shape = {}): Account => relayed(accepted(proposed(protectedOwner(), shape)))
const deleting = (account = protectedOwner()): Account => {
  const { circle, epoch, coreHash } = account.circle.active!
  const body = { account: account.id, circle, epoch, coreHash }
  return relayed(nextOf(requestDeletion(account, { body, message: signedText(body) }, T0)))
}
const withRequests = (account: Account, ...requests: readonly Partial<Recovery>[]): Account => ({
  ...account,
  recoveries: requests.map((more, index) =>
    requestOn(account, { recovery: idOf(`recovery ${index}`), ...more }),
  ),
})
const APPROVED = { answers: [answerBy(1)] }
const UNAPPROVED = {
  answers: [{ ...answerBy(1), displaced: true }, answerBy(2, 'alarm'), answerBy(3, 'decline')],
}

describe('cooling', () => {
  it('holds a later epoch back to the millisecond', () => {
    const account = changing()
    expect(changeDueAt(account)).toBe(COOLED)
    expect(settleCircle(account, COOLED - 1, SETTINGS)).toEqual({ account, notBefore: null })
    const { account: next, notBefore } = settleCircle(account, COOLED, SETTINGS)
    expect(notBefore).toBe(COOLED)
    expect(next.circle).toMatchObject({ pending: null, active: { epoch: 2, activatedAt: COOLED } })
    expect(next.circle.lastCoreHash).toBe(account.circle.pending?.coreHash)
    expect(changeDueAt(next)).toBeNull()
  })

  it('is not enough without the acceptances', () => {
    const account = accepted(proposed(protectedOwner()), T0, [1, 2, 3, 4])
    expect(changeDueAt(account)).toBeNull()
    expect(settled(account, COOLED + 1000 * HOUR)).toBe(account)
  })

  it('ends with the old factor, payload and shares, and both circles told', () => {
    const account = changing({ contacts: [contact(1), contact(2), contact(8)] })
    const next = settled(account, COOLED)
    expect(next.outbox.erasures).toEqual([
      { what: 'factors-below', epoch: 2 },
      { what: 'blob', hash: hash32('payload 1') },
      ...[0, 1, 2, 3, 4].map((slot) => ({ what: 'blob', hash: hash32(`sealed 1 ${slot}`) })),
    ])
    expect(logTypesOf(next)).toEqual(['epoch-activated'])
    expect(next.outbox.entries[0]?.details).toEqual({
      circle: next.circle.active?.circle,
      epoch: 2,
      coreHash: next.circle.lastCoreHash,
    })
    expect(noticesOf(next).toSorted()).toEqual([
      ...[1, 2, 3, 4, 5, 8].map((number) => `epoch-activated contact ${number}`),
      'epoch-activated owner',
    ])
    const { previous } = next.outbox.entries[0]!
    expect(verifyLog(next.outbox.entries, { sequence: account.log.sequence, hash: previous! })).toEqual(
      next.log,
    )
  })
})

describe.each([
  ['a pending epoch', changing, (account: Account) => account.circle.active?.epoch === 2],
  ['a deletion', deleting, (account: Account) => account.circle.active === null],
] as const)('open requests and %s', (_, start, isDone) => {
  const coolsAt = (account: Account) => (account.circle.deletion ?? account.circle.pending)?.coolsAt

  it.each(['collecting', 'waiting', 'contested', 'releasable', 'released'] as const)(
    'with an approval block it while %s',
    (state) => {
      const account = withRequests(start(), { ...APPROVED, state })
      expect(changeDueAt(account)).toBeNull()
      expect(settled(account, COOLED + 1000 * HOUR)).toBe(account)
    },
  )

  it.each(['completed', 'vetoed', 'declined', 'cancelled', 'expired', 'superseded'] as const)(
    'neither block nor delay it once %s',
    (state) => {
      const next = settled(withRequests(start(), { ...APPROVED, state }), COOLED)
      expect(isDone(next)).toBe(true)
      expect(next.recoveries[0]?.state).toBe(state)
    },
  )

  it('of an epoch that is not active count for nothing', () => {
    const account = withRequests(start(), { ...APPROVED, coreHash: hash32('decoy'), epoch: 0 })
    const next = settled(account, COOLED)
    expect(isDone(next)).toBe(true)
    expect(next.recoveries[0]?.state).toBe('collecting')
  })

  it('without a live approval delay it once, by 72 h', () => {
    const account = withRequests(start(), UNAPPROVED)
    const { account: delayed, notBefore } = settleCircle(account, COOLED + 5, SETTINGS)
    expect(notBefore).toBe(COOLED)
    expect(isDone(delayed)).toBe(false)
    expect(coolsAt(delayed)).toBe(COOLED + 5 + DELAY)
    expect(logTypesOf(delayed)).toEqual(['change-delayed'])
    expect(noticesOf(delayed)).toEqual([
      'change-delayed owner',
      ...[1, 2, 3, 4, 5].map((number) => `change-delayed contact ${number}`),
    ])
    expect(settled(delayed, COOLED + 5 + DELAY - 1)).toBe(delayed)
    const { account: next, notBefore: after } = settleCircle(delayed, COOLED + 5 + DELAY, SETTINGS)
    expect(isDone(next)).toBe(true)
    expect(after).toBe(COOLED + 5 + DELAY)
  })

  it('delay it no further: the requests end, and owner, contacts and requesters are told', () => {
    const delayed = settled(withRequests(start(), UNAPPROVED, {}), COOLED)
    const next = settled(relayed(delayed), COOLED + DELAY)
    expect(next.recoveries.map(({ state }) => state)).toEqual(['superseded', 'superseded'])
    expect(next.recoveries.map(({ endedAt }) => endedAt)).toEqual([COOLED + DELAY, COOLED + DELAY])
    const ended = noticesOf(next).filter((text) => text.startsWith('recovery-ended'))
    expect(ended).toHaveLength(2 * 7)
    expect(ended).toContain('recovery-ended requester')
    expect(logTypesOf(next).slice(0, 2)).toEqual(['recovery-ended', 'recovery-ended'])
  })

  it.each(['vetoed', 'superseded', 'cancelled', 'expired'] as const)(
    'that are %s meanwhile shorten the delay by nothing: who evicts one gains nothing',
    (state) => {
      const delayed = settled(withRequests(start(), UNAPPROVED), COOLED)
      const over = withRequests(delayed, { state })
      expect(changeDueAt(over)).toBe(COOLED + DELAY)
      expect(settled(over, COOLED + DELAY - 1)).toBe(over)
      expect(isDone(settled(over, COOLED + DELAY))).toBe(true)
    },
  )

  it('that gained an approval during the delay block it on', () => {
    const delayed = settled(withRequests(start(), UNAPPROVED), COOLED)
    expect(changeDueAt(withRequests(delayed, APPROVED))).toBeNull()
  })

  it('that lost their last approval long after cooling delay it from then on, once', () => {
    const later = COOLED + 1000 * HOUR
    const delayed = settled(withRequests(start(), UNAPPROVED), later)
    expect(coolsAt(delayed)).toBe(later + DELAY)
    expect(isDone(settled(delayed, later + DELAY))).toBe(true)
  })

  it('with one approved among several block it', () => {
    expect(changeDueAt(withRequests(start(), UNAPPROVED, APPROVED, {}))).toBeNull()
  })
})

it('a contested request that a change supersedes counts as vetoed in the back-off', () => {
  const account = withRequests({ ...changing() }, { state: 'contested', contestedUntil: COOLED + 2 * DELAY })
  const next = settled(settled(account, COOLED), COOLED + DELAY)
  expect(next.recoveries[0]?.state).toBe('superseded')
  expect(next.backOff.account.vetoes).toBe(1)
})

describe('deletion', () => {
  it('takes effect when cooled, in sight of the contacts, and erases everything', () => {
    const account = deleting()
    expect(changeDueAt(account)).toBe(COOLED)
    expect(settled(account, COOLED - 1)).toBe(account)
    const next = settled(account, COOLED)
    expect(next.circle).toEqual({
      highestEpoch: 1,
      active: null,
      pending: null,
      deletion: null,
      lastCoreHash: account.circle.active?.coreHash,
      coolsBy: COOLING / 1000,
    })
    expect(next.outbox.erasures[0]).toEqual({ what: 'factors-below', epoch: 2 })
    expect(next.outbox.erasures).toHaveLength(7)
    expect(logTypesOf(next)).toEqual(['circle-deleted'])
    expect(noticesOf(next)).toEqual([
      'circle-deleted owner',
      ...[1, 2, 3, 4, 5].map((number) => `circle-deleted contact ${number}`),
    ])
  })

  it('does not make the next epoch a first one: it cools, and only the one after that is done', () => {
    const next = accepted(proposed(settled(deleting(), COOLED), {}, COOLED), COOLED)
    expect(next.circle.active).toBeNull()
    expect(next.circle.pending?.coolsAt).toBe(COOLED + COOLING)
    const active = settled(next, COOLED + COOLING)
    expect(active.circle).toMatchObject({ active: { epoch: 2 }, coolsBy: null })
  })
})

describe('cancelPending', () => {
  it('is nothing without a change', () => {
    const account = protectedOwner()
    expect(cancelPending(account, T0, 'stolen')).toBe(account)
  })

  it('tells both circles and erases what only the change needed', () => {
    const next = cancelPending(changing({ contacts: contacts(6) }), T0 + 1, 'stolen')
    expect(next.circle).toMatchObject({ pending: null, deletion: null, active: { epoch: 1 } })
    expect(noticesOf(next)).toEqual([
      'change-cancelled owner',
      ...[1, 2, 3, 4, 5, 6].map((number) => `change-cancelled contact ${number}`),
    ])
    expect(next.outbox.erasures).toHaveLength(1 + 1 + 6)
    expect(next.outbox.entries[0]?.details).toMatchObject({ kind: 'epoch', epoch: 2, reason: 'stolen' })
  })

  it('withdraws a deletion and erases nothing', () => {
    const next = cancelPending(deleting(), T0 + 1, 'withdrawn')
    expect(next.circle).toMatchObject({ deletion: null, active: { epoch: 1 } })
    expect(next.outbox.erasures).toEqual([])
    expect(next.outbox.entries[0]?.details).toEqual({ kind: 'deletion', reason: 'withdrawn' })
  })
})

describe('endCircle, after a recovery', () => {
  it('spends the epoch with its factor and ciphertexts and ends a pending change', () => {
    const next = endCircle(changing(), T0 + 1)
    expect(next.circle).toMatchObject({ active: null, pending: null, deletion: null, highestEpoch: 2 })
    expect(next.circle.lastCoreHash).toBe(protectedOwner().circle.lastCoreHash)
    expect(logTypesOf(next)).toEqual(['change-cancelled', 'epoch-spent'])
    expect(next.outbox.erasures).toContainEqual({ what: 'factor', epoch: 2 })
    expect(next.outbox.erasures).toContainEqual({ what: 'factors-below', epoch: 2 })
    for (const epoch of [1, 2])
      expect(next.outbox.erasures).toContainEqual({ what: 'blob', hash: hash32(`payload ${epoch}`) })
  })

  it('lets the recovered owner’s next epoch be active at once, in the same chain', () => {
    const ended = endCircle(deleting(), T0 + 1)
    const next = accepted(proposed(ended, {}, T0 + 2), T0 + 2)
    expect(next.circle.active).toMatchObject({ epoch: 2, activatedAt: T0 + 2 })
  })

  it('is nothing without a circle', () => {
    const account = registered()
    expect(endCircle(account, T0)).toBe(account)
  })
})
