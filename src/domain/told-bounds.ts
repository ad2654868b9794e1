/**
 * How much of what was told an account's document keeps.
 */
import type { Told, WayState } from './reach.ts'

/** Tellings that are over, kept for their states to be read. */
export const KEPT_TOLD = 32
/** What they may name together: one can name dozens. */
export const KEPT_ITEMS = 128
/** The same of a person who has not said where: they show what was missed, and every account of such a person holds them. */
export const KEPT_UNADDRESSED = 8
/** Tellings under way. With every post down for days, the oldest give way: what others' circles had to say first. */
export const MOST_OWED = 64

export const isOwed = ({ states }: Pick<Told, 'states'>): boolean =>
  states.some(({ state }) => state === 'queued')

/** Tried no more. */
export const givenUp = (state: WayState): WayState =>
  state.state === 'queued'
    ? { ...state, state: 'failed', reason: state.reason ?? 'unreachable', at: null }
    : state

/** Those beyond the newest `kept`. */
const oldest = (told: readonly Told[], kept: number): readonly Told[] =>
  told.slice(0, Math.max(0, told.length - kept))

/** Those before the newest that name no more than {@link KEPT_ITEMS}. */
const beyondItems = (told: readonly Told[]): readonly Told[] => {
  let room = KEPT_ITEMS
  const kept = told.findLastIndex(({ items }) => (room -= items.length) < 0)
  return told.slice(0, kept + 1)
}

/** The same tellings in their order, without the oldest of too many. */
export const bounded = (told: readonly Told[]): readonly Told[] => {
  const owed = told.filter(isOwed)
  const own = owed.filter(({ role }) => role === 'owner')
  const tooMany = new Set([
    ...oldest(
      owed.filter(({ role }) => role === 'contact'),
      Math.max(0, MOST_OWED - own.length),
    ),
    ...oldest(own, MOST_OWED),
  ])
  const ended = told.map((one) => (tooMany.has(one) ? { ...one, states: one.states.map(givenUp) } : one))
  const isAddressed = ({ states }: Told): boolean => states.length > 0
  const over = ended.filter((one) => !isOwed(one))
  const forgotten = new Set([
    ...oldest(over.filter(isAddressed), KEPT_TOLD),
    ...beyondItems(over),
    ...oldest(
      over.filter((one) => !isAddressed(one)),
      KEPT_UNADDRESSED,
    ),
  ])
  return ended.filter((one) => !forgotten.has(one))
}
