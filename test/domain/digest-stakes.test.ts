/** Of what has no room in a contact's digest, noise gives way; and no circle takes another's place. */
import type { EventName } from '@holdfast/client/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mostForContact } from '../../src/domain/digest-stakes.ts'
import { MOST_ITEMS } from '../../src/domain/digests.ts'
import type { ToldItem } from '../../src/domain/reach.ts'
import { newId } from '../support/store.ts'

const T0 = 1_700_000_000_000

const item = (event: EventName, recovery: string | null, more: Partial<ToldItem> = {}): ToldItem => ({
  notice: newId(),
  event,
  at: T0,
  owner: 'ada',
  recovery,
  ...more,
})
const times = <T>(count: number, one: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => one(index))
/** Opened and ended. */
const ofEnded = (count: number): readonly ToldItem[] =>
  times(count, (index) => `ended ${index}`).flatMap((recovery) => [
    item('recovery-opened', recovery),
    item('recovery-ended', recovery),
  ])
/** As a contact's record takes them: one after the other. */
const collected = (items: readonly ToldItem[], room = MOST_ITEMS): readonly ToldItem[] =>
  items.reduce<readonly ToldItem[]>((kept, one) => mostForContact([...kept, one], room, []), [])

describe('of what a digest has no room for', () => {
  it('requests that have ended give way, then repetitions, then strangers, then what is no warning', () => {
    const rising = [
      item('recovery-alarmed', 'ended 0'),
      item('recovery-ended', 'ended 0'),
      item('recovery-alarmed', 'open'),
      item('share-offered', null, { owner: 'stranger' }),
      item('recovery-quorum', 'open'),
    ]
    const warning = item('recovery-alarmed', 'open')
    times(rising.length, (index) => {
      const items = [warning, ...rising]
      const room = items.length - 1 - index
      const expected = [warning, ...rising.slice(index + 1)]
      expect(mostForContact(items, room, [])).toEqual(expected)
    })
  })

  it('a warning about an open request is kept, whatever noise comes before and after it', () => {
    const noise = fc.array(
      fc.oneof(
        fc.nat(20).map((index) => item('recovery-opened', `ended ${index}`)),
        fc.nat(20).map((index) => item('recovery-ended', `ended ${index}`)),
        fc.nat(20).map((index) => item('recovery-alarmed', `ended ${index}`)),
        fc.constantFrom('offer 1', 'offer 2').map((owner) => item('share-offered', null, { owner })),
        fc.nat(99).map((n) => item('recovery-alarmed', 'x', { owner: `stranger ${n}`, isStranger: true })),
        fc.constantFrom('recovery-quorum', 'recovery-below-quorum').map((event) => item(event, 'open')),
      ),
      { minLength: MOST_ITEMS, maxLength: 3 * MOST_ITEMS, size: 'max' },
    )
    const events = fc.constantFrom<EventName>('recovery-alarmed', 'recovery-contested')
    fc.assert(
      fc.property(noise, noise, events, (before, after, event) => {
        const warning = item(event, 'open')
        // Whatever else raised an alarm has ended in the end.
        const ends = times(21, (index) => item('recovery-ended', `ended ${index}`))
        const kept = collected([...before, warning, ...after, ...ends])
        expect(kept).toContain(warning)
        expect(kept.length).toBeLessThanOrEqual(MOST_ITEMS)
      }),
      { numRuns: 200 },
    )
  })

  it('no circle takes another’s place, however many warnings it gives, before or after', () => {
    const loud = times(3 * MOST_ITEMS, (index) => item('recovery-alarmed', `loud ${index}`, { owner: 'eve' }))
    const quiet = item('recovery-alarmed', 'open')
    expect(collected([quiet, ...loud])).toContain(quiet)
    const kept = collected([...loud, quiet])
    expect(kept).toEqual([...loud.slice(0, MOST_ITEMS - 1), quiet])
    expect(collected([...loud, ...loud.map((one) => ({ ...one, notice: newId() }))])).toEqual(
      loud.slice(0, MOST_ITEMS),
    )
  })

  it('an end is known as long as anything of the request is there, and from what was told before', () => {
    const alarm = item('recovery-alarmed', 'ended 0')
    const kept = collected([alarm, ...ofEnded(3 * MOST_ITEMS)])
    expect(kept.filter(({ event }) => event !== 'recovery-ended')).toEqual([])
    const open = item('recovery-opened', 'open')
    expect(mostForContact([alarm, open], 1, [])).toEqual([alarm])
    expect(mostForContact([alarm, open], 1, [item('recovery-ended', 'ended 0')])).toEqual([open])
    const others = item('recovery-ended', 'ended 0', { owner: 'eve' })
    expect(mostForContact([alarm, open], 1, [others]), 'another owner’s').toEqual([alarm])
  })

  it('strangers change no full digest: neither by warnings nor by ends', () => {
    const full = collected(times(MOST_ITEMS, (n) => item('share-offered', null, { owner: `offer ${n}` })))
    for (const event of ['recovery-alarmed', 'recovery-opened', 'recovery-ended'] as const) {
      const recovery = 'theirs'
      const late = item(event, recovery, { owner: 'stranger', isStranger: true })
      expect(mostForContact([...full, late], MOST_ITEMS, [])).toEqual(full)
    }
    expect(mostForContact(full, MOST_ITEMS, [])).toBe(full)
  })
})
