/** Tellings in an account's document: how they are kept, tried, given up and bounded. */
import type { EventName } from '@holdfast/client/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexOf } from '../../src/domain/account-index.ts'
import type { Account, Notice } from '../../src/domain/account.ts'
import { handedOver, MOST_ITEMS } from '../../src/domain/digests.ts'
import { reachOf, type Stated, type Told, withReach } from '../../src/domain/reach.ts'
import { settleTellings } from '../../src/domain/settle-tellings.ts'
import { type Handed, MOST_URGENT, MOST_URGENT_OF_ONE, MOST_WARNINGS } from '../../src/domain/told-at-once.ts'
import { bounded, isOwed, KEPT_TOLD, KEPT_UNADDRESSED, MOST_OWED } from '../../src/domain/told-bounds.ts'
import { type Outcome, owedNow, queuedForOwner, tried, TRIED_FOR_MS, tryKey } from '../../src/domain/told.ts'
import { accountOf, newId } from '../support/store.ts'

const HOUR = 3_600_000
const T0 = 1_700_000_000_000
const DOWN: Outcome = { state: 'failed', reason: 'unreachable', again: true }

const IDENTITY = {
  keys: { signing: 'c2ln', sealing: 'c2VhbA' },
  statement: { body: '{}', signature: 'c2ln' },
}
const STATED: Stated = {
  sequence: 1,
  sealed: 'c2VhbGVk',
  digests: true,
  ways: [
    { way: '1.0', channel: 'mail', gone: false },
    { way: '1.1', channel: 'push', gone: false },
  ],
}
const reachable = (stated: Partial<Stated> = {}): Account =>
  withReach(
    accountOf({
      identity: IDENTITY,
      recoveries: [],
      outbox: { entries: [], notices: [], erasures: [] },
    }),
    {
      stated: { ...STATED, ...stated },
    },
  )

const noticeOf = (account: Account, event: EventName, number = 0): Notice => ({
  notice: `${account.id}.7.${number}`,
  at: T0,
  event,
  audience: { role: 'owner', account: account.id },
  recovery: null,
})
const withOutbox = (account: Account, notices: readonly Notice[]): Account => ({
  ...account,
  outbox: { ...account.outbox, notices },
})
/** The tellings of an outbox that has been emptied since. */
const queuedFor = (event: EventName): Account => {
  const account = reachable()
  const queued = queuedForOwner(withOutbox(account, [noticeOf(account, event)]), T0)
  return { ...queued, outbox: account.outbox }
}
/** Every way that is due now, with the same outcome. */
const triedAll = (account: Account, outcome: Outcome, now: number): Account => {
  const keys = owedNow(account).flatMap(({ id, states }) => states.map(({ way }) => tryKey(id, way)))
  return tried(account, new Map(keys.map((key) => [key, outcome])), now)
}

describe('what an owner is told', () => {
  it('is queued once for each way, and in sight of every sweep until it was tried', () => {
    const account = reachable()
    const notices = [noticeOf(account, 'recovery-opened')]
    const queued = queuedForOwner(withOutbox(account, notices), T0)
    expect(queued.outbox.queued).toEqual(notices.map(({ notice }) => notice))
    expect(indexOf(queued)).toMatchObject({ unrelayed: true, dueAt: indexOf(account).dueAt })
    expect(owedNow(queued).map(({ states }) => states.length)).toEqual([2])
    expect(queuedForOwner(queued, T0)).toBe(queued)
    const sent = triedAll({ ...queued, outbox: account.outbox }, { state: 'sent' }, T0 + 5)
    expect(indexOf(sent).unrelayed).toBe(false)
    expect(reachOf(sent).told[0]?.states).toMatchObject([
      { channel: 'mail', state: 'sent', tries: 1, at: T0 + 5 },
      { channel: 'push', state: 'sent', tries: 1, at: T0 + 5 },
    ])
  })

  it('is nothing for steps of a comparison, for others’ notices, and where nobody is registered', () => {
    const account = reachable()
    const others: Notice = {
      ...noticeOf(account, 'recovery-opened'),
      audience: { role: 'contact', account: newId() },
    }
    const quiet = withOutbox(account, [noticeOf(account, 'session-matched'), others])
    expect(queuedForOwner(quiet, T0)).toBe(quiet)
    const decoy = { ...withOutbox(account, [noticeOf(account, 'recovery-opened')]), identity: null }
    expect(queuedForOwner(decoy, T0)).toBe(decoy)
  })

  it('waits for its next try where no sweep looks, longer each time, and ends after three days', () => {
    let account = queuedFor('recovery-opened')
    let now = T0
    const waits: number[] = []
    for (;;) {
      account = triedAll(account, DOWN, now)
      expect(owedNow(account)).toEqual([])
      expect(indexOf(account).unrelayed).toBe(false)
      const { dueAt } = indexOf(account)
      if (dueAt === null) break
      expect(settleTellings(account, dueAt - 1).account).toBe(account)
      const settled = settleTellings(account, dueAt)
      expect(settled.notBefore).toBe(dueAt)
      expect(indexOf(settled.account).unrelayed).toBe(true)
      waits.push((dueAt - now) / 1000)
      account = settled.account
      now = dueAt
    }
    expect(waits.slice(0, 7)).toEqual([30, 120, 600, 3600, 3 * 3600, 6 * 3600, 6 * 3600])
    expect(now).toBeLessThanOrEqual(T0 + TRIED_FOR_MS)
    expect(now).toBeGreaterThan(T0 + TRIED_FOR_MS - 6 * HOUR)
    expect(reachOf(account).told[0]?.states[0]).toMatchObject({
      state: 'failed',
      reason: 'unreachable',
      at: now,
    })
  })

  it('is not changed by an outcome that comes twice or too late', () => {
    const queued = queuedFor('recovery-opened')
    const [{ id } = { id: '' }] = owedNow(queued)
    const outcome = new Map([[tryKey(id, '1.0'), { state: 'sent' } as Outcome]])
    const sent = tried(queued, outcome, T0)
    const again = tried(sent, new Map([[tryKey(id, '1.0'), DOWN]]), T0 + 9)
    expect(reachOf(again).told).toEqual(reachOf(sent).told)
    expect(reachOf(again).told[0]?.states.map(({ state }) => state)).toEqual(['sent', 'queued'])
  })

  it('takes bounded room, whatever happens: the newest stay, and what is given up says so', () => {
    const state = fc.constantFrom('queued', 'sent', 'failed', 'skipped', null)
    fc.assert(
      fc.property(fc.array(state, { maxLength: 3 * MOST_OWED }), (states) => {
        const told = states.map((one, index): Told => ({
          id: String(index),
          role: 'owner',
          items: [],
          more: false,
          queuedAt: T0,
          states:
            one === null
              ? []
              : [{ way: '1.0', channel: 'mail', state: one, reason: null, tries: 0, at: null }],
        }))
        const account = reachable()
        const kept = bounded(account, told)
        expect(kept.filter(isOwed).length).toBe(Math.min(MOST_OWED, told.filter(isOwed).length))
        const over = kept.filter((one) => !isOwed(one))
        const missed = over.filter((one) => one.states.length === 0)
        expect(over.length - missed.length).toBeLessThanOrEqual(KEPT_TOLD)
        expect(missed.length).toBeLessThanOrEqual(KEPT_UNADDRESSED)
        const newest = told.filter(isOwed).slice(-MOST_OWED)
        expect(kept.filter(isOwed)).toEqual(newest)
        expect(bounded(account, kept)).toEqual(kept)
      }),
      { numRuns: 300 },
    )
  })
})

describe('what a contact is told', () => {
  const handed = (event: EventName, isHolder: boolean, more: Partial<Handed> = {}): Handed => ({
    notice: newId(),
    event,
    at: T0,
    owner: newId(),
    recovery: null,
    isHolder,
    ...more,
  })
  const given = (account: Account, all: readonly Handed[], now: number): Account => {
    const decision = handedOver(account, all, now, 3600)
    return decision.kind === 'changed' ? { ...decision.next, revision: account.revision + 1 } : account
  }

  it('at most one digest in a period, eight urgent ones and 32 warnings, over all owners and orders of things', () => {
    const step = fc.record({
      event: fc.constantFrom<EventName>(
        'share-offered',
        'recovery-opened',
        'recovery-ended',
        'change-proposed',
      ),
      isHolder: fc.boolean(),
      afterMs: fc.integer({ min: 0, max: HOUR / 4 }),
      digests: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let [account, now] = [reachable(), T0]
        const out: { id: string; at: number; isWarning: boolean }[] = []
        for (const { event, isHolder, afterMs, digests } of steps) {
          now += afterMs
          account = withReach(settleTellings(account, now).account, { stated: { ...STATED, digests } })
          account = given(account, [handed(event, isHolder)], now)
          for (const { id, items } of owedNow(account))
            out.push({ id, at: now, isWarning: items[0]?.event === 'change-proposed' })
          account = triedAll(account, { state: 'sent' }, now)
        }
        const isDigest = ({ id }: { id: string }): boolean => id.endsWith('digest')
        const digestsOut = out.filter(isDigest)
        digestsOut.slice(1).forEach(({ at }, index) => {
          expect(at - (digestsOut[index]?.at ?? 0)).toBeGreaterThanOrEqual(HOUR)
        })
        // Two windows of an hour can meet in any hour: twice the number, no more.
        for (const { at } of out) {
          const within = out.filter((one) => !isDigest(one) && one.at >= at && one.at < at + HOUR)
          const warnings = within.filter(({ isWarning }) => isWarning)
          expect(warnings.length).toBeLessThanOrEqual(2 * MOST_WARNINGS)
          expect(within.length - warnings.length).toBeLessThanOrEqual(2 * MOST_URGENT)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('nothing twice, nothing without a destination, and no write once the digest is full', () => {
    const account = reachable()
    const one = handed('share-offered', false)
    const first = given(account, [one], T0)
    expect(handedOver(first, [one], T0, 3600).kind).toBe('unchanged')
    expect(handedOver(accountOf(), [one], T0, 3600).kind).toBe('unchanged')
    const flood = Array.from({ length: MOST_ITEMS + 5 }, () => handed('share-offered', false))
    const full = given(first, flood, T0 + 1)
    expect(reachOf(full).digest).toMatchObject({ more: true })
    expect(reachOf(full).digest.items).toHaveLength(MOST_ITEMS)
    expect(handedOver(full, [handed('share-offered', false)], T0 + 2, 3600).kind).toBe('unchanged')
    const urgent = given(full, [handed('recovery-opened', true)], T0 + 3)
    expect(owedNow(urgent)).toHaveLength(2)
  })

  it('of one owner at most three at once: another’s is told as well; what has no room goes before offers', () => {
    const [loud, quiet] = [newId(), newId()]
    const first = given(reachable(), [handed('share-offered', false)], T0)
    const many = Array.from({ length: MOST_URGENT }, () => handed('recovery-opened', true, { owner: loud }))
    const flooded = given(first, many, T0)
    expect(owedNow(flooded)).toHaveLength(1 + MOST_URGENT_OF_ONE)
    const told = given(flooded, [handed('recovery-opened', true, { owner: quiet })], T0 + 1)
    expect(owedNow(told)).toHaveLength(2 + MOST_URGENT_OF_ONE)
    const offers = Array.from({ length: MOST_ITEMS }, () => handed('share-offered', false))
    const full = given(told, offers, T0 + 2)
    const late = handed('recovery-opened', true, { owner: loud, recovery: newId() })
    const { items, more } = reachOf(given(full, [late], T0 + 3)).digest
    expect([items.length, more]).toEqual([MOST_ITEMS, true])
    expect(items.at(-1)?.notice, 'in the place of the newest offer').toBe(late.notice)
  })

  it('before any number of strangers, whatever happens in their circles', () => {
    const first = given(reachable(), [handed('share-offered', false)], T0)
    const strangers = Array.from({ length: 2 * MOST_ITEMS }, () => handed('recovery-alarmed', false))
    const friend = handed('recovery-quorum', true, { recovery: newId() })
    const { items } = reachOf(given(given(first, strangers, T0), [friend], T0)).digest
    expect(items.map(({ notice }) => notice)).toContain(friend.notice)
  })

  it('nothing at once of a circle that it never joined, whatever happens there', () => {
    const first = given(reachable(), [handed('share-offered', false)], T0)
    for (const event of ['recovery-opened', 'recovery-alarmed', 'change-proposed'] as const) {
      expect(owedNow(given(first, [handed(event, false)], T0 + 1))).toHaveLength(1)
      expect(owedNow(given(first, [handed(event, true)], T0 + 1))).toHaveLength(2)
    }
    const each = withReach(first, { stated: { ...STATED, digests: false } })
    expect(owedNow(given(each, [handed('recovery-ended', false)], T0 + 1))).toHaveLength(1)
    expect(owedNow(given(each, [handed('recovery-ended', true)], T0 + 1))).toHaveLength(2)
  })

  it('a digest for whoever named no place since is dropped', () => {
    const waiting = given(
      given(reachable(), [handed('share-offered', false)], T0),
      [handed('share-offered', false)],
      T0,
    )
    const left = withReach(waiting, { stated: { ...STATED, ways: [] } })
    const settled = settleTellings(left, T0 + HOUR).account
    expect(reachOf(settled).digest.items).toEqual([])
    expect(reachOf(settled).told).toHaveLength(reachOf(waiting).told.length)
  })
})
