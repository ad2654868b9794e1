/**
 * What an owner is told by itself, and what waits for the hour's end, together.
 *
 * [Note: An address is not flooded by its owner either] It may be a stranger's that somebody stated, and strangers' tickets open
 * requests: beyond a few of one event in one hour of the clock, the rest waits for that hour's end. What is told of each request by
 * itself (telling-rules.ts) is counted for each: another request's noise never makes it wait.
 */
import type { Account } from './account.ts'
import { queuedOn, reachOf, type Told, type ToldItem, waysOf, type WayState, withReach } from './reach.ts'
import { TELLING_RULES } from './telling-rules.ts'
import { withTold } from './told-bounds.ts'
import { mostAtStake } from './told-stakes.ts'

const HOUR_MS = 3_600_000
/** Tellings of one event, or of one event of one request, that an owner gets each by itself in one hour of the clock. */
export const MOST_ALIKE = 4
/** Items that wait together for the hour's end. Of more, those with most at stake. */
export const MOST_HELD = 32
const HELD = '.held'

const isAlike = (item: ToldItem, { id, items: [first] }: Told): boolean =>
  first?.notice === id &&
  first.event === item.event &&
  (TELLING_RULES[item.event].owner === 'few' || first.recovery === item.recovery)

/** The account with a telling of its owner's for this item: its own, or the one that waits for the hour's end. */
export const withItem = (account: Account, item: ToldItem, now: number): Account => {
  const { told } = reachOf(account)
  const states = waysOf(account).map(queuedOn)
  const until = now - (now % HOUR_MS) + HOUR_MS
  const alike = told.filter((one) => one.queuedAt >= until - HOUR_MS && isAlike(item, one))
  if (states.length === 0 || alike.length < MOST_ALIKE)
    return withTold(account, [
      { id: item.notice, role: 'owner', items: [item], more: false, queuedAt: now, states },
    ])

  const waiting = states.map((state): WayState => ({ ...state, at: until }))
  const held = told.find((one) => one.id.endsWith(HELD) && isSame(one.states, waiting))
  if (held === undefined) {
    const id = `${account.id}.${account.revision + 1}${HELD}`
    return withTold(account, [
      { id, role: 'owner', items: [item], more: false, queuedAt: now, states: waiting },
    ])
  }
  const items = [...held.items, item]
  const more = held.more || items.length > MOST_HELD
  const longer = { ...held, items: mostAtStake(account, items, MOST_HELD), more }
  return withReach(account, { told: told.map((one) => (one === held ? longer : one)) })
}

/** The same ways, none of them tried since. */
const isSame = (a: readonly WayState[], b: readonly WayState[]): boolean =>
  a.length === b.length &&
  a.every(({ way, state, tries, at }, index) => {
    const other = b[index]
    return way === other?.way && state === other.state && tries === other.tries && at === other.at
  })
