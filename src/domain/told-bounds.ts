/**
 * How much of what was told an account's document keeps.
 */
import type { Told, WayState } from './reach.ts'

/** Tellings that are over, kept for their states to be read. */
export const KEPT_TOLD = 32
/** Tellings under way. With every post down for days, the oldest give way. */
export const MOST_OWED = 64

export const isOwed = ({ states }: Pick<Told, 'states'>): boolean =>
  states.some(({ state }) => state === 'queued')

const givenUp = (state: WayState): WayState =>
  state.state === 'queued'
    ? { ...state, state: 'failed', reason: state.reason ?? 'unreachable', at: null }
    : state

/** The same tellings in their order, without the oldest of too many. */
export const bounded = (told: readonly Told[]): readonly Told[] => {
  const owed = told.filter(isOwed)
  const tooMany = new Set(owed.slice(0, Math.max(0, owed.length - MOST_OWED)))
  const ended = told.map((one) => (tooMany.has(one) ? { ...one, states: one.states.map(givenUp) } : one))
  const over = ended.filter((one) => !isOwed(one))
  const forgotten = new Set(over.slice(0, Math.max(0, over.length - KEPT_TOLD)))
  return ended.filter((one) => !forgotten.has(one))
}
