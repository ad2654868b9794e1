import { describe, expect, it } from 'vitest'
import { indexOf } from '../../src/domain/account-index.ts'
import type { Account, Recovery, RecoveryState } from '../../src/domain/account.ts'
import { END_STATES } from '../../src/domain/account.ts'
import { releasableAtOf, remindersOf } from '../../src/domain/reminders.ts'
import { POLICY, accountOf, epochOf, recoveryOf, slotOf } from '../support/store.ts'

const HOUR = 3_600_000
const QUORUM = 1_000_000_000_000

const waiting = (hours: number, more: Partial<Recovery> = {}): Recovery =>
  recoveryOf({
    state: 'waiting',
    quorumAt: QUORUM,
    policy: { ...POLICY, waitingSeconds: hours * 3_600 },
    ...more,
  })

const dueAt = (recoveries: readonly Recovery[], circle: Partial<Account['circle']> = {}): number | null =>
  indexOf(accountOf({ recoveries, circle: { ...accountOf().circle, ...circle } })).dueAt

const ALL_SENT = ['quorum', 'half', 'day', 'hour']

describe('releasableAt', () => {
  it('is quorum plus one waiting period, and one more for each of alarm and overruled veto, and a whole one from there', () => {
    const after = (more: Partial<Recovery>) => (releasableAtOf(waiting(10, more)) ?? 0) - QUORUM
    expect([
      after({}),
      after({ alarmed: true }),
      after({ overriddenAt: QUORUM }),
      after({ alarmed: true, overriddenAt: QUORUM }),
      after({ overriddenAt: QUORUM + 50 * HOUR }),
    ]).toEqual([10 * HOUR, 20 * HOUR, 20 * HOUR, 30 * HOUR, 60 * HOUR])
    expect(releasableAtOf(recoveryOf())).toBeNull()
  })
})

describe('reminders', () => {
  const inHours = (recovery: Recovery) =>
    remindersOf(recovery).map(({ name, at }) => [name, (at - QUORUM) / HOUR])

  it('come at quorum, half-time, 24 h and 1 h before release, soonest first', () => {
    expect(inHours(waiting(72))).toEqual([
      ['quorum', 0],
      ['half', 36],
      ['day', 48],
      ['hour', 71],
    ])
    expect(inHours(waiting(30))).toEqual([
      ['quorum', 0],
      ['day', 6],
      ['half', 15],
      ['hour', 29],
    ])
  })

  it('are only those that fit into the waiting period, none twice', () => {
    expect(inHours(waiting(24))).toEqual([
      ['quorum', 0],
      ['half', 12],
      ['hour', 23],
    ])
    expect(inHours(waiting(48))).toEqual([
      ['quorum', 0],
      ['half', 24],
      ['hour', 47],
    ])
    expect(inHours(waiting(2))).toEqual([
      ['quorum', 0],
      ['half', 1],
    ])
    expect(inHours(waiting(1))).toEqual([
      ['quorum', 0],
      ['half', 0.5],
    ])
  })

  it('leave out those sent, and follow an alarm', () => {
    const sent = waiting(72, { reminded: ['quorum', 'half'] })
    expect(inHours(sent)).toEqual([
      ['day', 48],
      ['hour', 71],
    ])
    expect(inHours({ ...sent, alarmed: true })).toEqual([
      ['day', 120],
      ['hour', 143],
    ])
  })

  it('are for waiting requests only', () => {
    for (const state of [
      'collecting',
      'contested',
      'releasable',
      'released',
      ...END_STATES,
    ] as RecoveryState[]) {
      expect(remindersOf({ ...waiting(72), state })).toEqual([])
    }
  })
})

describe('offers', () => {
  const circle = (more: object) => ({ ...accountOf().circle, ...more })

  it('name whoever has not accepted, once, with the newest proposal, and nobody who is a contact', () => {
    const slots = [slotOf('b', 1, 'offered'), slotOf('c', 2), slotOf('a', 3, 'declined')]
    const active = epochOf([], { slots, proposedAt: 5 })
    const next = [slotOf('b', 1, 'offered'), slotOf('c', 2, 'offered'), slotOf('d', 3, 'offered')]
    const pending = {
      ...epochOf([], { slots: next, proposedAt: 9 }),
      coolsAt: 1,
      delayed: false,
      countersigned: [],
    }
    const index = indexOf(accountOf({ circle: circle({ active, pending }) }))
    expect(index.contacts).toEqual(['c'])
    expect(index.offers).toEqual([
      { contact: 'a', at: 5 },
      { contact: 'b', at: 9 },
      { contact: 'd', at: 9 },
    ])
  })
})

describe('dueAt', () => {
  it('is null where nothing is pending', () => {
    expect(dueAt([])).toBeNull()
  })

  it('is the end of collecting, of a contest, of waiting, or of what may follow it, by state', () => {
    const all = { expiresAt: 5, contestedUntil: 7, quorumAt: QUORUM, reminded: ALL_SENT }
    const by = (state: RecoveryState) => dueAt([recoveryOf({ ...all, state })])
    expect(by('collecting')).toBe(5)
    expect(by('contested')).toBe(7)
    expect(by('waiting')).toBe(QUORUM + HOUR)
    const { collectingSeconds } = recoveryOf().policy
    const released = recoveryOf({ ...all, state: 'released', releasedAt: 9 })
    expect(dueAt([released])).toBe(9 + collectingSeconds * 1000)
    expect(by('releasable')).toBe(QUORUM + HOUR + collectingSeconds * 1000)
    for (const state of END_STATES)
      expect(dueAt([recoveryOf({ ...all, state, endedAt: 9 })])).toBe(9 + 14 * 24 * HOUR)
  })

  it('is the next reminder while some are left', () => {
    expect(dueAt([waiting(72)])).toBe(QUORUM)
    expect(dueAt([waiting(72, { reminded: ['quorum'] })])).toBe(QUORUM + 36 * HOUR)
    expect(dueAt([waiting(72, { reminded: ['quorum', 'half', 'day'] })])).toBe(QUORUM + 71 * HOUR)
    expect(dueAt([waiting(72, { reminded: ALL_SENT })])).toBe(QUORUM + 72 * HOUR)
  })

  it('is the end of cooling once enough contacts have accepted', () => {
    const pendingOf = (
      states: readonly ('offered' | 'accepted' | 'declined')[],
      coolsAt: number | null = 9,
    ) => ({
      ...epochOf([], { slots: states.map((state, index) => slotOf(`c${index}`, index + 1, state)) }),
      coolsAt,
      delayed: false,
      countersigned: [],
    })
    expect(dueAt([], { pending: pendingOf(['accepted', 'offered', 'declined']) })).toBeNull()
    expect(dueAt([], { pending: pendingOf(['accepted', 'accepted', 'declined']) })).toBe(9)
    // Nothing cools: due since it was proposed, that is at once.
    expect(dueAt([], { pending: pendingOf(['accepted', 'accepted'], null) })).toBe(1)
  })

  it('is the end of a deletion’s cooling, and always the earliest of all', () => {
    const deletion = { statement: { body: '{}', signature: '' }, proposedAt: 1, coolsAt: 20, delayed: false }
    expect(dueAt([], { deletion })).toBe(20)
    const three = [recoveryOf({ expiresAt: 30 }), recoveryOf({ expiresAt: 10 }), waiting(1)]
    expect(dueAt(three, { deletion })).toBe(10)
    expect(dueAt(three.slice(2), { deletion })).toBe(20)
  })

  it('does not come from invitations', () => {
    const invitation = { invitation: 'i', createdAt: 1, expiresAt: 2, answer: null }
    expect(indexOf(accountOf({ invitations: [invitation] })).dueAt).toBeNull()
  })
})
