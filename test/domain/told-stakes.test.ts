/** What is at stake stays, whatever noise there is: among tellings under way, those that are over, and items of one telling. */
import { EVENT_NAMES, type EventName } from '@holdfast/client/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Account, Recovery } from '../../src/domain/account.ts'
import type { Told, ToldItem } from '../../src/domain/reach.ts'
import { MAX_OPEN } from '../../src/domain/recovery-opening.ts'
import { isPointless } from '../../src/domain/telling.ts'
import { bounded, isOwed, KEPT_ITEMS, KEPT_TOLD, MOST_OWED } from '../../src/domain/told-bounds.ts'
import { mostAtStake, STAKES, stakesOf } from '../../src/domain/told-stakes.ts'
import { accountOf, newId, recoveryOf } from '../support/store.ts'

const T0 = 1_700_000_000_000

const item = (event: EventName, recovery: Recovery | null, at = T0): ToldItem => ({
  notice: newId(),
  event,
  at,
  owner: 'owner',
  recovery: recovery?.recovery ?? null,
})
const telling = (items: readonly ToldItem[], more: Partial<Told> = {}): Told => ({
  id: newId(),
  role: 'owner',
  items,
  more: false,
  queuedAt: T0,
  states: [{ way: '1.0', channel: 'mail', state: 'queued', reason: null, tries: 2, at: T0 }],
  ...more,
})
const on = (way: string, state: Told['states'][number]['state'] = 'queued'): Told['states'] => [
  { way, channel: 'mail', state, reason: null, tries: 1, at: T0 },
]
const times = <T>(count: number, one: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => one(index))

const ended = recoveryOf({ state: 'superseded', endedAt: T0 })
const collecting = recoveryOf()
const waiting = recoveryOf({ state: 'waiting', quorumAt: T0 })
const account = accountOf({ recoveries: [ended, waiting, collecting] })

describe('the stake of a telling', () => {
  const stakes = (...told: readonly Told[]) => {
    const all = stakesOf(account, told)
    return told.map(({ id }) => all.get(id))
  }

  it('rises from what is over to a quorum', () => {
    const rising = [
      telling([item('recovery-ended', ended)]),
      telling([item('recovery-opened', collecting)], { role: 'contact' }),
      telling([item('recovery-opened', collecting), item('recovery-alarmed', collecting)], {
        role: 'contact',
      }),
      telling([item('deletion-proposed', null)]),
      telling([item('recovery-opened', collecting)]),
      telling([item('recovery-quorum', waiting)]),
    ]
    const { over, others, warning, account: own, open, quorum } = STAKES
    expect(stakes(...rising)).toEqual([over, others, warning, own, open, quorum])
  })

  it('is a request’s that is forgotten: none, unless the key was handed out', () => {
    expect(stakes(telling([item('recovery-opened', recoveryOf())]))).toEqual([STAKES.over])
    expect(stakes(telling([item('recovery-released', recoveryOf())]))).toEqual([STAKES.quorum])
    expect(stakes(telling([item('recovery-completed', ended)]))).toEqual([STAKES.quorum])
  })

  it('is the highest of its items’; of a reminder that a later one overtook, none', () => {
    expect(stakes(telling([item('recovery-ended', ended), item('recovery-alarmed', waiting)]))).toEqual([
      STAKES.quorum,
    ])
    expect(
      stakes(
        telling([item('recovery-quorum', waiting)]),
        telling([item('recovery-hour-left', waiting, T0 + 1)]),
      ),
    ).toEqual([STAKES.over, STAKES.quorum])
  })

  it('is little where a later one says the same on the same ways, and only there', () => {
    const answered = (state: Told['states']) =>
      telling([item('recovery-answered', waiting)], { states: state })
    const { repeated, quorum } = STAKES
    expect(stakes(answered(on('1.0')), answered(on('1.0')))).toEqual([repeated, quorum])
    expect(stakes(answered(on('1.0')), answered(on('2.0')))).toEqual([quorum, quorum])
    expect(stakes(answered(on('1.0')), answered(on('1.0', 'failed')))).toEqual([quorum, quorum])
    expect(
      stakes(telling([item('device-registered', null)]), telling([item('device-registered', null)])),
      'which devices, only both together say',
    ).toEqual([STAKES.account, STAKES.account])
  })
})

describe('of too many tellings', () => {
  const noise = (count: number): readonly Told[] =>
    times(count, (index) => telling([item(index % 2 === 0 ? 'recovery-opened' : 'recovery-ended', ended)]))

  it('those give way that are about requests which have ended, then others’, their warnings last, then the account’s, then collecting ones', () => {
    const kinds = [
      telling([item('recovery-quorum', waiting)]),
      telling([item('recovery-opened', collecting)]),
      telling([item('change-proposed', null)]),
      telling([item('recovery-alarmed', collecting)], { role: 'contact' }),
      telling([item('recovery-opened', collecting)], { role: 'contact' }),
      telling([item('recovery-ended', ended)]),
    ]
    times(kinds.length, (index) => {
      const room = kinds.slice(0, index + 1)
      const last = kinds[index]!
      const more = times(MOST_OWED - index, (number) => ({
        ...last,
        id: newId(),
        // Each on a way of its own: none says the other again.
        states: on(`w.${number}`),
      }))
      const owed = bounded(account, [...room, ...more]).filter(isOwed)
      expect(owed).toHaveLength(MOST_OWED)
      expect(owed.slice(0, index)).toEqual(room.slice(0, -1))
      expect(owed.at(-1)).toEqual(more.at(-1))
      expect(owed.includes(last), 'of the same stake, the oldest').toBe(false)
    })
  })

  it('any noise leaves the last telling of each event of every open request owed', () => {
    const names = EVENT_NAMES.filter(
      (event) =>
        event.startsWith('recovery-') && event !== 'recovery-ended' && event !== 'recovery-completed',
    )
    const state = fc.constantFrom('collecting', 'waiting', 'contested', 'releasable', 'released')
    const step = fc.record({
      event: fc.constantFrom<EventName>(...names, 'session-differed', 'recovery-ended', 'device-registered'),
      about: fc.integer({ min: -1, max: MAX_OPEN }),
      role: fc.constantFrom<Told['role']>('owner', 'owner', 'contact'),
    })
    fc.assert(
      fc.property(
        fc.array(state, { minLength: MAX_OPEN, maxLength: MAX_OPEN }),
        fc.array(step, { minLength: MOST_OWED, maxLength: 6 * MOST_OWED }),
        (states, steps) => {
          const open = states.map((one) => recoveryOf({ state: one }))
          const mine: Account = accountOf({ recoveries: [...open, ended] })
          let told: readonly Told[] = []
          const said: Told[] = []
          steps.forEach(({ event, about, role }, index) => {
            const isFree = event === 'device-registered' || about < 0
            // Noise is about requests that are over, or none.
            const recovery = event === 'recovery-ended' ? ended : (open[about] ?? ended)
            const one = telling(
              [item(isFree ? 'device-registered' : event, isFree ? null : recovery, T0 + index)],
              {
                role,
                id: String(index),
              },
            )
            said.push(one)
            told = bounded(mine, [...told, one])
            expect(told.filter(isOwed).length).toBeLessThanOrEqual(MOST_OWED)
          })
          const items = said.flatMap((one) => one.items)
          const owed = new Set(told.filter(isOwed).map(({ id }) => id))
          const last = new Map<string, Told>()
          for (const one of said) {
            const [{ event, recovery } = item('recovery-ended', ended)] = one.items
            const isOpen = open.some((its) => its.recovery === recovery)
            if (one.role === 'owner' && isOpen) last.set(`${recovery} ${event}`, one)
          }
          for (const one of last.values())
            if (!one.items.every((each) => isPointless(mine, each, 'owner', items)))
              expect(owed.has(one.id), one.items[0]?.event).toBe(true)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('what became of those about an open request can be read as long as it is open, whatever comes after', () => {
    const sent = (one: Told): Told => ({ ...one, states: on('1.0', 'sent') })
    const mine = [
      telling([item('recovery-opened', waiting)]),
      telling([item('recovery-quorum', waiting)]),
      // It overtook the quorum, which was told all the same.
      telling([item('recovery-hour-left', waiting, T0 + 1)]),
    ].map(sent)
    const digests = times(8, () => sent(telling(times(32, () => item('recovery-ended', ended)))))
    const kept = bounded(account, [...mine, ...noise(3 * KEPT_TOLD).map(sent), ...digests])
    expect(kept.slice(0, 3)).toEqual(mine)
    expect(kept.flatMap(({ items }) => items).length).toBeLessThanOrEqual(KEPT_ITEMS)
    const over = { ...account, recoveries: [{ ...waiting, state: 'vetoed' as const, endedAt: T0 }] }
    expect(bounded(over, [...mine, ...noise(3 * KEPT_TOLD).map(sent)])).toHaveLength(KEPT_TOLD)
  })
})

it('of items for which one telling has no room, those with least at stake go, and of these the oldest', () => {
  const first = item('recovery-alarmed', waiting)
  const noise = times(40, () => item('recovery-opened', ended))
  const kept = mostAtStake(account, [first, ...noise], 32)
  expect(kept).toEqual([first, ...noise.slice(-31)])
  expect(mostAtStake(account, noise, 40)).toBe(noise)
})
