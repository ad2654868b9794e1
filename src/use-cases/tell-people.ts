/**
 * Tells an account's person by mail, push and webhook what is to be told now, and writes down what came of it.
 *
 * [Note: Live first] Apart from the outbox, and one write later: a mail server that takes its time, or none at all, must hold
 * up neither a socket nor the next account's outbox. Sending comes before writing down, so that a crash between the two sends
 * once more, under the same id, and loses nothing.
 */
import { type ChannelName, HoldfastError } from '@holdfast/client/protocol'
import { indexOf } from '../domain/account-index.ts'
import type { Account } from '../domain/account.ts'
import { loggedSince } from '../domain/journal.ts'
import { type Stated, type Told, type ToldItem, type WayState, statementsOf } from '../domain/reach.ts'
import { restarted } from '../domain/restart.ts'
import { isPointless, itemsOf, lookAt } from '../domain/telling.ts'
import { type Outcome, owedNow, tried, tryKey } from '../domain/told.ts'
import type { Destination, SendOutcome, Telling, TellingItem } from './channels.ts'
import { bodyOf, destinationsOf, openStatement } from './destinations-at-rest.ts'
import { OLDEST_DECISION_MS } from './transact.ts'
import { inTurn } from './turns.ts'
import type { Deps } from './use-cases.ts'

export interface TellPeopleDeps extends Pick<Deps, 'records' | 'channels' | 'atRest' | 'jobs'> {
  /** Told of each try that led nowhere: what says where the account's person is reached cannot be opened. */
  readonly onUnreadable?: (account: string, channel: ChannelName) => void
}

const TRIES = 8
/** Tellings of one run; the others follow in the next. */
const MOST_AT_ONCE = 16
/** For how long another process leaves a telling alone that this one has begun to send. */
const CLAIMED_MS = 60_000
const MINUTE_MS = 60_000

/** Where a way leads, and in which language. */
interface Address {
  readonly destination: Destination
  readonly language: string
}

/**
 * Several at once are harmless. A failed try is no failure of this. Throws HoldfastError `busy` where it could not be written
 * down, or what the store throws.
 */
export const tellPeople =
  (deps: TellPeopleDeps) =>
  async (id: string): Promise<void> => {
    const loaded = await deps.records.load(id)
    if (loaded === null) return
    const { account, now } = loaded
    const owed = owedNow(account)
    const claimed = await claim(deps, owed.slice(0, MOST_AT_ONCE), now)
    if (claimed.length === 0) return
    const owners = await ownersOf(deps, account, claimed)
    const addresses = addressesOf(deps, account)
    const outcomes = new Map<string, Outcome>()
    await Promise.all(
      claimed.flatMap((told) =>
        told.states.map(async (state) => {
          const address = addresses.get(state.way)
          const outcome = await send(deps, account, told, state, { owners, address })
          // What found no room is owed as before.
          if (outcome.state !== 'waiting') outcomes.set(tryKey(told.id, state.way), outcome)
        }),
      ),
    )
    if (outcomes.size > 0) await inTurn(deps.records, id, () => writeDown(deps, id, outcomes))
    if (owed.length > MOST_AT_ONCE) deps.jobs.relay(id)
  }

/** Those that no other process is sending. */
const claim = async (
  { records }: TellPeopleDeps,
  owed: readonly Told[],
  now: number,
): Promise<readonly Told[]> => {
  const claims = owed.map(({ id, states }) => {
    const tries = states.map(({ way, tries: made }) => `${way}:${made}`)
    return records.claim(`telling ${id} ${tries.join(' ')}`, now + CLAIMED_MS)
  })
  const mine = await Promise.all(claims)
  return owed.filter((_, index) => mine[index])
}

/** The accounts that are spoken of, as they are now; those that are gone are missing. */
const ownersOf = async (
  { records }: TellPeopleDeps,
  account: Account,
  owed: readonly Told[],
): Promise<ReadonlyMap<string, Account>> => {
  const ids = new Set(owed.flatMap(({ items }) => items.map(({ owner }) => owner)))
  ids.delete(account.id)
  const others = (await records.loadAll([...ids])).map((one) => [one.account.id, one.account] as const)
  return new Map([[account.id, account], ...others])
}

/** By way. A statement that cannot be opened leads nowhere. */
const addressesOf = ({ atRest }: TellPeopleDeps, account: Account): ReadonlyMap<string, Address> => {
  const addresses = new Map<string, Address>()
  const add = (statement: Stated): void => {
    const body = bodyOf(openStatement(atRest, account.id, statement))
    destinationsOf(body).forEach((destination, index) => {
      const way = statement.ways[index]?.way
      if (way !== undefined) addresses.set(way, { destination, language: body.language })
    })
  }
  // The last one last: it says in which language a destination is told that was stated before.
  for (const statement of statementsOf(account)) {
    try {
      add(statement)
    } catch {
      continue
    }
  }
  return addresses
}

const send = async (
  { channels, onUnreadable }: TellPeopleDeps,
  account: Account,
  told: Told,
  { way, channel }: WayState,
  {
    owners,
    address,
  }: { readonly owners: ReadonlyMap<string, Account>; readonly address?: Address | undefined },
): Promise<Outcome | SendOutcome> => {
  const others = itemsOf(account)
  const isWorth = (item: ToldItem): boolean =>
    !isPointless(owners.get(item.owner) ?? null, item, told.role, others)
  const items = told.items.filter(isWorth)
  if (items.length === 0) return { state: 'skipped' }
  // Tried again: it may be that a key was forgotten at the last start.
  if (address === undefined) {
    onUnreadable?.(account.id, channel)
    return failed('misconfigured')
  }
  const telling: Telling = {
    id: `${told.id}.${way}`,
    app: account.app,
    language: address.language,
    role: told.role,
    recipient: account.id,
    items: items.map((item) => itemOf(item, owners.get(item.owner) ?? null, told, channel)),
    more: told.more,
  }
  try {
    return await channels.send(address.destination, telling)
  } catch {
    // It should not have thrown; that is no reason to tell nobody.
    return failed('unreachable')
  }
}

const failed = (reason: 'misconfigured' | 'unreachable'): Outcome => ({
  state: 'failed',
  reason,
  again: true,
})

/** Nothing in a contact's webhook is another's: account, request or an instant by which the app's backend could join the two. */
const itemOf = (
  { event, at, owner: account, recovery }: ToldItem,
  owner: Account | null,
  { role }: Told,
  channel: WayState['channel'],
): TellingItem => {
  const item = { event, at, account, recovery, ...lookAt(owner, { recovery }) }
  return role === 'contact' && channel === 'webhook'
    ? { ...item, at: at - (at % MINUTE_MS), account: null, recovery: null, releasableAt: null }
    : item
}

const writeDown = async (
  { records, jobs }: TellPeopleDeps,
  id: string,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> => {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const loaded = await records.load(id)
    if (loaded === null) return
    const { account, now, restoredAt } = loaded
    const next = tried(restarted(account, restoredAt ?? null), outcomes, now)
    const logged = loggedSince(account, next)
    const conditions = { ifRevision: account.revision, notAfter: now + OLDEST_DECISION_MS, logged }
    if ((await records.commit(next, conditions)) !== 'committed') continue
    const { dueAt } = indexOf(next)
    if (dueAt !== null) jobs.wake(id, dueAt)
    return
  }
  throw new HoldfastError('busy')
}
