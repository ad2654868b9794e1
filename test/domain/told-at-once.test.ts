/** What a contact is told at once: nothing else uses up what warnings need, and a hostile owner floods nobody. */
import type { EventName } from '@holdfast/client/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Digest } from '../../src/domain/reach.ts'
import {
  chosenAtOnce,
  type Handed,
  MOST_URGENT,
  MOST_URGENT_OF_ONE,
  MOST_WARNINGS,
  MOST_WARNINGS_ALIKE,
} from '../../src/domain/told-at-once.ts'
import { newId } from '../support/store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const T0 = 1_700_000_000_000
const WARNINGS = ['recovery-alarmed', 'recovery-contested', 'change-proposed', 'deletion-proposed'] as const

type Windows = Pick<Digest, 'urgent' | 'warnings'>
const NONE: Windows = { urgent: { since: 0, count: 0 } }

const handed = (event: EventName, owner: string, isHolder = true): Handed => ({
  notice: newId(),
  event,
  at: T0,
  owner,
  recovery: newId(),
  isHolder,
})
const times = (count: number, one: () => Handed): readonly Handed[] => Array.from({ length: count }, one)
const chosen = (all: readonly Handed[], windows = NONE, now = T0, each = false) =>
  chosenAtOnce(all, windows, { each, periodMs: DAY, now })

describe('at once', () => {
  it.each(WARNINGS)(
    '%s is told, however much was opened and ended, or changed otherwise, before',
    (event) => {
      for (const each of [false, true]) {
        const others = WARNINGS.filter((one) => one !== event)
        const noise = [...others, 'recovery-opened', 'recovery-ended'] as const
        const before = noise.flatMap((one) => times(40, () => handed(one, 'ada')))
        const { atOnce, ...windows } = chosen(before, NONE, T0, each)
        expect(atOnce).toHaveLength(MOST_URGENT_OF_ONE + others.length * MOST_WARNINGS_ALIKE)
        const warning = handed(event, 'ada')
        expect(chosen([warning], windows, T0 + 1, each).atOnce).toEqual([warning])
      }
    },
  )

  it('a hostile owner is heard so often and no more, and uses up nothing of another’s', () => {
    const all = WARNINGS.flatMap((event) => times(40, () => handed(event, 'eve')))
    const { atOnce, ...windows } = chosen(all)
    expect(atOnce).toHaveLength(WARNINGS.length * MOST_WARNINGS_ALIKE)
    expect(chosen(all, windows, T0 + HOUR - 1).atOnce).toEqual([])
    const warning = handed('recovery-alarmed', 'ada')
    expect(chosen([...all, warning], windows, T0 + 1).atOnce).toEqual([warning])
    expect(chosen(all, windows, T0 + HOUR).atOnce, 'by the hour, however long a digest waits').toHaveLength(
      atOnce.length,
    )
  })

  it('strangers are never told', () => {
    expect(chosen(WARNINGS.map((event) => handed(event, 'ada', false))).atOnce).toEqual([])
  })

  it('all owners together stay within bounds, and so does what is kept of them', () => {
    const step = fc.record({
      event: fc.constantFrom<EventName>(...WARNINGS, 'recovery-opened', 'recovery-ended'),
      owner: fc.nat(40).map(String),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.boolean(), (steps, each) => {
        let windows = NONE
        const out: Handed[] = []
        for (const { event, owner } of steps) {
          const { atOnce, ...counted } = chosen([handed(event, owner)], windows, T0, each)
          out.push(...atOnce)
          windows = counted
        }
        const isWarning = ({ event }: Handed): boolean => WARNINGS.some((one) => one === event)
        const warnings = out.filter(isWarning)
        expect(warnings.length).toBeLessThanOrEqual(MOST_WARNINGS)
        expect(out.length - warnings.length).toBeLessThanOrEqual(MOST_URGENT)
        expect(windows.warnings?.alike?.length ?? 0).toBeLessThanOrEqual(MOST_WARNINGS)
        expect(windows.urgent.alike?.length ?? 0).toBeLessThanOrEqual(MOST_URGENT)
      }),
      { numRuns: 100 },
    )
  })
})
