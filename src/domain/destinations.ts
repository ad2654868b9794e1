/**
 * Statements of where an account's person is told: which are taken, and what those hear of it whom they drop.
 */
import type { ChannelName, DestinationsBody } from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { mostForContact } from './digest-stakes.ts'
import { logged, noticed, toOwner } from './journal.ts'
import { queuedOn, reachOf, type Told, type Way, waysOf, withReach } from './reach.ts'
import { itemsForOwner } from './telling-rules.ts'
import { itemsOf } from './telling.ts'
import { bounded, givenUp } from './told-bounds.ts'
import { mostAtStake } from './told-stakes.ts'

/** Statements whose ways are waited for: a dead address must not make the list grow for ever. */
export const MOST_FORMER = 4
/** How far a statement's sequence may be ahead: whoever holds the key for an hour must not use up the numbers for good. */
export const MOST_AHEAD = 16
/** Statements of one account in {@link BUDGET_MS}. */
export const MOST_STATEMENTS = 32
const BUDGET_MS = 24 * 3_600_000
/** Items that go on to added places, or to dropped ones, in one telling. Of more, those with most at stake. */
const MOST_ITEMS = 32

/** A statement, verified under the identity key by the caller. */
export interface Statement {
  readonly body: DestinationsBody
  readonly sealed: string
  /** It is the very one that was taken last. */
  readonly isRepeat: boolean
  /** Each destination's channel, in the order of `Stated.ways`; `way` where the last statement had the very same. */
  readonly ways: readonly { readonly channel: ChannelName; readonly way: string | null }[]
}

/**
 * Takes a statement of where to be told. [Note: The old address hears of the new one] Silencing the owner is a thief's first
 * step: destinations that are dropped are told of it and of whatever was still in the outbox, and what had not reached them goes
 * to the new ones as well.
 * The same again is unchanged. Refuses `signature_rejected` (another account's), `malformed` (an endpoint twice, a sequence too
 * far ahead), `statement_outdated`, `limit_reached` (too many in a day).
 */
export const stateDestinations = (
  account: Account,
  { body, sealed, isRepeat, ways }: Statement,
  now: number,
): Decision => {
  const { stated, statements } = reachOf(account)
  const endpoints = body.push.map(({ endpoint }) => endpoint)
  if (body.account !== account.id) return refused('signature_rejected')
  if (new Set(endpoints).size < endpoints.length) return refused('malformed')
  if (isRepeat) return unchanged()
  const { sequence } = body
  const last = stated?.sequence ?? 0
  if (sequence <= last) return refused('statement_outdated')
  if (sequence > last + MOST_AHEAD) return refused('malformed')
  const until = statements.since + BUDGET_MS
  const budget = now < until ? statements : { since: now, count: 0 }
  if (budget.count >= MOST_STATEMENTS) return refused('limit_reached', until - now)

  const before = waysOf(account)
  const revision = account.revision + 1
  const after = ways.map(({ channel, way }, index): Way => {
    const kept = before.find((one) => one.way === way)
    // Not by the sequence, which starts again with the next identity.
    return kept ?? { way: `${revision}.${index}`, channel, gone: false }
  })
  const dropped = before.filter(({ way }) => !after.some((one) => one.way === way))
  const added = after.filter(({ way }) => !before.some((one) => one.way === way))
  const moved = withReach(droppedFrom(account, dropped, after), {
    stated: { sequence, sealed, digests: body.digest, ways: after },
    statements: { ...budget, count: budget.count + 1 },
  })
  const { told } = reachOf(moved)
  const next = withReach(moved, {
    told: bounded(moved, [
      ...told,
      ...forwarded(account, dropped, added, now),
      ...farewell(account, dropped, now),
    ]),
  })
  const entered = logged(next, now, 'destinations-stated', { sequence, destinations: after.length })
  return changed(noticed(entered, now, 'destinations-changed', [toOwner(entered)]))
}

/** The account whose present identity has stated nothing yet: what the one before it used up counts no more. */
export const renumbered = (account: Account): Account => {
  const { stated } = reachOf(account)
  if (stated === null) return account
  return withReach(account, { stated: { ...stated, sequence: 0 }, statements: { since: 0, count: 0 } })
}

/**
 * The account with its last statement among the former ones, if it has ways that are dropped. [Note: The newest former gives
 * way] Of too many, what is waited for on the last one's ways is given up: the oldest are the owner's, whatever a thief states
 * after them, and nothing keeps the owner from dropping the thief's.
 */
const droppedFrom = (account: Account, dropped: readonly Way[], after: readonly Way[]): Account => {
  const { stated, former, told } = reachOf(account)
  if (stated === null || dropped.length === 0) return account
  const kept = former.slice(0, MOST_FORMER - 1)
  const known = new Set([...kept, stated, { ways: after }].flatMap(({ ways }) => ways.map(({ way }) => way)))
  const ended = told.map((one): Told => ({
    ...one,
    states: one.states.map((state) => (known.has(state.way) ? state : givenUp(state))),
  }))
  return withReach(account, { former: [...kept, stated], told: former.length > kept.length ? ended : told })
}

/**
 * What dropped ways are told last. What is still in the outbox, the new ones alone would be told: whoever deletes the circle and
 * then states another address must not be quicker than the outbox.
 */
const farewell = (account: Account, dropped: readonly Way[], now: number): readonly Told[] => {
  if (dropped.length === 0) return []
  const id = `${account.id}.${account.revision + 1}`
  const unsent = itemsForOwner(account)
  const changed = {
    notice: `${id}.dropped`,
    event: 'destinations-changed',
    at: now,
    owner: account.id,
    recovery: null,
  } as const
  const items = [...mostAtStake(account, unsent, MOST_ITEMS - 1), changed]
  const more = unsent.length >= MOST_ITEMS
  return [{ id: `${id}.farewell`, role: 'owner', items, more, queuedAt: now, states: dropped.map(queuedOn) }]
}

/** What had not reached a dropped way goes to the added ones as well: all in one telling, or a statement would send dozens. */
const forwarded = (
  account: Account,
  dropped: readonly Way[],
  added: readonly Way[],
  now: number,
): readonly Told[] => {
  if (added.length === 0) return []
  const owed = reachOf(account).told.filter(({ states }) =>
    states.some(({ way, state }) => state === 'queued' && dropped.some((one) => one.way === way)),
  )
  return (['owner', 'contact'] as const).flatMap((role): readonly Told[] => {
    const ofRole = owed.filter((one) => one.role === role)
    const items = [...new Map(ofRole.flatMap((one) => one.items.map((item) => [item.notice, item]))).values()]
    if (items.length === 0) return []
    const id = `${account.id}.${account.revision + 1}.forwarded-${role}`
    const more = items.length > MOST_ITEMS || ofRole.some((one) => one.more)
    const kept =
      role === 'owner'
        ? mostAtStake(account, items, MOST_ITEMS)
        : mostForContact(items, MOST_ITEMS, itemsOf(account))
    return [{ id, role, items: kept, more, queuedAt: now, states: added.map(queuedOn) }]
  })
}
