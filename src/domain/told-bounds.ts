/**
 * How much of what was told an account's document keeps. It is read and written whole with every step of a recovery, so that
 * whoever could make it grow could make every step slow.
 */
import type { Account } from './account.ts'
import { reachOf, type Told, type WayState, withReach } from './reach.ts'
import { STAKES, stakesOf } from './told-stakes.ts'

/** Tellings that are over, kept for their states to be read, beside those about open requests. */
export const KEPT_TOLD = 32
/** What they may name together, with those about open requests: one can name dozens. */
export const KEPT_ITEMS = 128
/** The same of a person who has not said where: they show what was missed, and every account of such a person holds them. */
export const KEPT_UNADDRESSED = 8
/**
 * Tellings under way. With every post down for days, those with the least at stake give way, the oldest of them first. Three
 * requests can be open, and 14 events concern one that is: while their owner states no other place, there is room for the last
 * telling of each, and for 22 of keys that earlier requests were handed.
 */
export const MOST_OWED = 64

export const isOwed = ({ states }: Pick<Told, 'states'>): boolean =>
  states.some(({ state }) => state === 'queued')

/** Tried no more. */
export const givenUp = (state: WayState): WayState =>
  state.state === 'queued'
    ? { ...state, state: 'failed', reason: state.reason ?? 'unreachable', at: null }
    : state

/** Those beyond the last `kept`. */
const oldest = (told: readonly Told[], kept: number): readonly Told[] =>
  told.slice(0, Math.max(0, told.length - kept))

/** Those before the last that name no more than {@link KEPT_ITEMS}. */
const beyondItems = (told: readonly Told[]): readonly Told[] => {
  let room = KEPT_ITEMS
  const kept = told.findLastIndex(({ items }) => (room -= items.length) < 0)
  return told.slice(0, kept + 1)
}

/**
 * The same tellings of this account in their order, without those of too many that have the least at stake. Of those that are
 * over, what was last said about an open request stays: its states are there to be read as long as they matter.
 */
export const bounded = (account: Account, told: readonly Told[]): readonly Told[] => {
  const stakes = stakesOf(account, told)
  const stake = ({ id }: Told): number => stakes.get(id) ?? STAKES.over
  const rising = told.filter(isOwed).toSorted((a, b) => stake(a) - stake(b))
  const tooMany = new Set(oldest(rising, MOST_OWED))
  const ended = told.map((one) => (tooMany.has(one) ? { ...one, states: one.states.map(givenUp) } : one))
  const isAddressed = ({ states }: Told): boolean => states.length > 0
  const over = ended.filter((one) => !isOwed(one))
  const lasting = over.filter((one) => stake(one) >= STAKES.open)
  const rest = over.filter((one) => stake(one) < STAKES.open)
  const forgotten = new Set([
    ...oldest(rest.filter(isAddressed), KEPT_TOLD),
    ...beyondItems([...rest, ...lasting]),
    ...oldest(
      rest.filter((one) => !isAddressed(one)),
      KEPT_UNADDRESSED,
    ),
  ])
  return ended.filter((one) => !forgotten.has(one))
}

export const withTold = (account: Account, added: readonly Told[]): Account =>
  withReach(account, { told: bounded(account, [...reachOf(account).told, ...added]) })
