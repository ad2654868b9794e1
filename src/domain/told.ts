/**
 * What an account is told, from the notice to the last try on every way.
 *
 * [Note: A retry waits in dueAt] A telling that is to be tried at once keeps the account in `unrelayed`, where every sweep finds
 * it. One that waits does not: a mail server that is down for a day would make every sweep load every account.
 */
import type { SendFailure } from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import { reachOf, type Told, type WayState, withReach } from './reach.ts'
import { itemsForOwner } from './telling-rules.ts'
import { bounded } from './told-bounds.ts'
import { withItem } from './told-held.ts'

const HOUR_MS = 3_600_000
/** Pauses after the first tries; the last one from then on. */
const PAUSES_MS = [30_000, 120_000, 600_000, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS] as const
/** How long a telling is tried. Afterwards the app, the log and the states still say it. */
export const TRIED_FOR_MS = 72 * HOUR_MS

/** What came of one try, or of looking whether it is still worth one. */
export type Outcome =
  | { readonly state: 'sent' }
  | { readonly state: 'skipped' }
  | { readonly state: 'failed'; readonly reason: SendFailure; readonly again: boolean }

/** Names one telling on one way. */
export const tryKey = (id: string, way: string): string => `${id} ${way}`

/**
 * The account with tellings for what is in its outbox for its owner to be told by post. Where it names no destination, that is
 * what their states say. Whether the notices' log has them is not asked: a full disk must silence nobody. Again changes nothing.
 */
export const queuedForOwner = (account: Account, now: number): Account => {
  // Nobody could read what a decoy was told.
  if (account.identity === null) return account
  const items = itemsForOwner(account)
  if (items.length === 0) return account
  const queued = [...(account.outbox.queued ?? []), ...items.map(({ notice }) => notice)]
  const next = items.reduce((one, item) => withItem(one, item, now), account)
  return { ...next, outbox: { ...account.outbox, queued } }
}

const isNow = ({ state, at }: WayState): boolean => state === 'queued' && at === null

/** Tellings to be tried now, oldest first, each with the ways that it has not come on yet and is due on. */
export const owedNow = (account: Account): readonly Told[] =>
  reachOf(account).told.flatMap((told) => {
    const states = told.states.filter(isNow)
    return states.length === 0 ? [] : [{ ...told, states }]
  })

/** The instants at which a telling is to be tried again or a digest goes out, Unix ms, in no order. */
export const tellingInstants = (account: Account): readonly number[] => {
  const { told, digest } = reachOf(account)
  const tries = told.flatMap(({ states }) =>
    states.flatMap(({ state, at }) => (state === 'queued' && at !== null ? [at] : [])),
  )
  return digest.items.length > 0 ? [...tries, digest.nextAt] : tries
}

const afterTry = (before: WayState, outcome: Outcome, queuedAt: number, now: number): WayState => {
  if (outcome.state === 'skipped') return { ...before, state: 'skipped', reason: null, at: now }
  const tries = before.tries + 1
  if (outcome.state === 'sent') return { ...before, state: 'sent', reason: null, tries, at: now }
  const { reason, again } = outcome
  const next = now + (PAUSES_MS[before.tries] ?? 6 * HOUR_MS)
  return again && next <= queuedAt + TRIED_FOR_MS
    ? { ...before, reason, tries, at: next }
    : { ...before, state: 'failed', reason, tries, at: now }
}

/**
 * The account after some tries, by {@link tryKey}. Ways that are gone are used no more; former statements of which nothing is
 * waited for any more go, and with them the last trace of a dropped address.
 */
export const tried = (account: Account, outcomes: ReadonlyMap<string, Outcome>, now: number): Account => {
  const { stated, former, told } = reachOf(account)
  const gone = new Set<string>()
  const next = told.map((one): Told => {
    const states = one.states.map((state) => {
      const outcome = outcomes.get(tryKey(one.id, state.way))
      if (outcome === undefined || !isNow(state)) return state
      if (outcome.state === 'failed' && outcome.reason === 'gone') gone.add(state.way)
      return afterTry(state, outcome, one.queuedAt, now)
    })
    return { ...one, states }
  })
  const waiting = new Set(
    next.flatMap(({ states }) => states.flatMap(({ state, way }) => (state === 'queued' ? [way] : []))),
  )
  const current = new Set(stated?.ways.map(({ way }) => way))
  return withReach(account, {
    stated: stated && {
      ...stated,
      ways: stated.ways.map((way) => (gone.has(way.way) ? { ...way, gone: true } : way)),
    },
    former: former.filter(({ ways }) => ways.some(({ way }) => waiting.has(way) && !current.has(way))),
    told: bounded(account, next),
  })
}
