/**
 * What time alone brings to tellings: a digest that is due, and the next try of what failed.
 */
import type { Account } from './account.ts'
import { sentDigest } from './digests.ts'
import { reachOf, type WayState, withReach } from './reach.ts'
import { tellingInstants } from './told.ts'

/** The very same account where nothing was due. `notBefore`: what the store's clock must have reached, Unix ms; null then. */
export const settleTellings = (
  account: Account,
  now: number,
): { readonly account: Account; readonly notBefore: number | null } => {
  const past = tellingInstants(account).filter((at) => at <= now)
  if (past.length === 0) return { account, notBefore: null }
  const due = (state: WayState): WayState =>
    state.state === 'queued' && state.at !== null && state.at <= now ? { ...state, at: null } : state
  const told = reachOf(account).told.map((one) => ({ ...one, states: one.states.map(due) }))
  return { account: sentDigest(withReach(account, { told }), now), notBefore: Math.max(...past) }
}
