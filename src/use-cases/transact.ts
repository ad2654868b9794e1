/**
 * Load → settle → decide → commit, again when somebody else came first. The one way in which use cases change anything.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import { indexOf } from '../domain/account-index.ts'
import type { Account } from '../domain/account.ts'
import { emptyAccount } from '../domain/accounts.ts'
import { cancelPending } from '../domain/circle-end.ts'
import { type Changed, type Decision, changed } from '../domain/decision.ts'
import { loggedSince } from '../domain/journal.ts'
import { restarted } from '../domain/restart.ts'
import { settle } from '../domain/settle.ts'
import { isCurrent } from './authorise.ts'
import { revives } from './epoch-keys.ts'
import type { Blob, Caller, CommitConditions, Jobs, Loaded } from './ports.ts'
import { inTurn } from './turns.ts'
import type { Deps } from './use-cases.ts'

/** How often a change is tried before the caller is told `busy`. Only other processes can be in the way, each with change after change. */
const TRIES = 12
/** The longest pause between two tries. Without one of a random length, two processes could keep meeting. */
const LONGEST_PAUSE_MS = 50

/**
 * The longest that may lie between reading and writing, also where nothing is decided: records that were restored meanwhile may have
 * come by the same revision. Whatever a decision dates, a quorum or a beaten veto, it dates by the moment of reading: a process that
 * is stopped in between for a waiting period would else leave the owner none of it.
 */
export const OLDEST_DECISION_MS = 30_000

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Which account a change is about. */
export interface Target {
  readonly account: string
  /** The caller's app. An account of another app is taken for one that does not exist. */
  readonly app?: string
  /** Whose own account it is: the change is refused, `session_expired`, unless that still holds when it is made. */
  readonly caller?: Caller
}

/** An account that is sure to be as time has made it by `now`. */
export interface Settled {
  readonly account: Account
  readonly now: number
  /** As stored; differs from `account` where time has changed something. */
  readonly stored: Account
  /** What the store's clock must have reached for `account` to be true. */
  readonly notBefore: number
}

export interface Done<V> {
  /** As it is stored now. */
  readonly account: Account
  readonly value: V
  readonly now: number
}

/** Decides about the account as settled at `now`. May throw HoldfastError; may run more than once. */
export type Decide<V> = (account: Account, now: number, stored: Account) => Decision<V> | Promise<Decision<V>>

/**
 * Reads an account, brought up to the store's present. One that is unknown, or of another app, comes back empty with
 * revision 0 and no identity, so that whatever follows does the same work for it. Throws `session_expired` for a caller who
 * no longer is one.
 */
export const readSettled = async (
  deps: Pick<Deps, 'records' | 'keyStore' | 'settings'>,
  target: Target,
): Promise<Settled> => settledOf(deps, target, await deps.records.load(target.account))

/** As {@link readSettled}, of what has been loaded already. `seenAt`: the store's clock at that look, where it is known anyway. */
export const settledOf = async (
  deps: Pick<Deps, 'records' | 'keyStore' | 'settings'>,
  { account: id, app, caller }: Target,
  loaded: Loaded | null,
  seenAt?: number,
): Promise<Settled> => {
  const known = loaded !== null && (app === undefined || loaded.account.app === app)
  const stored = known ? loaded.account : emptyAccount(app ?? '', id)
  const now = loaded?.now ?? seenAt ?? (await deps.records.now())
  const settled = await settledAt(deps, stored, now, loaded?.restoredAt ?? null)
  if (caller !== undefined && !isCurrent(settled.account, caller)) throw new HoldfastError('session_expired')
  return settled
}

/** Several in one look: those that there are in this app, in the order of their ids here. */
export const readSettledAll = async (
  deps: Pick<Deps, 'records' | 'keyStore' | 'settings'>,
  accounts: readonly string[],
  app: string,
): Promise<readonly Settled[]> => {
  const loaded = (await deps.records.loadAll(accounts)).filter(({ account }) => account.app === app)
  return Promise.all(
    loaded.map(({ account, now, restoredAt }) => settledAt(deps, account, now, restoredAt ?? null)),
  )
}

const settledAt = async (
  { keyStore, settings }: Pick<Deps, 'keyStore' | 'settings'>,
  stored: Account,
  now: number,
  restoredAt: number | null,
): Promise<Settled> => {
  const begun = restarted(stored, restoredAt)
  const due = settle(begun, now, settings)
  const { account, notBefore } = (await revives({ keyStore }, begun, due.account))
    ? settle(cancelPending(begun, now, 'withdrawn'), now, settings)
    : due
  return { account, now, stored, notBefore: notBefore ?? 0 }
}

/**
 * Makes one change. `blobs` are stored with it. Throws HoldfastError: what the decision refused, `busy`, or what the store
 * throws. When it returns, the change is durable and whoever has to act on it was given a hint.
 */
export const transact = <V>(
  deps: Pick<Deps, 'records' | 'keyStore' | 'jobs' | 'settings'>,
  target: Target,
  decide: Decide<V>,
  blobs: readonly Blob[] = [],
): Promise<Done<V>> =>
  transactOn(
    deps,
    target.account,
    () => readSettled(deps, target),
    ({ account, now, stored }) => decide(account, now, stored),
    blobs,
  )

/** As {@link transact}, of whatever `read` gives beside the account: asked anew for every try. */
export const transactOn = <S extends Settled, V>(
  deps: Pick<Deps, 'records' | 'keyStore' | 'jobs' | 'settings'>,
  target: string,
  read: () => Promise<S>,
  decide: (settled: S) => Decision<V> | Promise<Decision<V>>,
  blobs: readonly Blob[],
): Promise<Done<V>> =>
  inTurn(deps.records, target, async () => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const settled = await read()
      const decision = await decide(settled)
      // What was said to have moved may have been written all the same, without a hint: a store can be asked twice.
      if (tries > 0 && decision.kind !== 'changed') hint(deps.jobs, settled.account)
      if (decision.kind === 'refused')
        throw new HoldfastError(decision.code, { retryAfterMs: decision.retryAfterMs })
      const { now } = settled
      if (decision.kind === 'unchanged') return { account: settled.account, value: decision.value, now }
      if (await revives(deps, settled.account, decision.next)) {
        // Then there is nothing to put into effect: decided again without.
        const next = cancelPending(settled.account, now, 'withdrawn')
        await deps.records.commit(next, conditionsOf(settled, changed(next), []))
        hint(deps.jobs, next)
        continue
      }
      const outcome = await deps.records.commit(decision.next, conditionsOf(settled, decision, blobs))
      if (outcome !== 'committed') {
        await pause(Math.random() * Math.min(2 ** tries, LONGEST_PAUSE_MS))
        continue
      }
      const account = { ...decision.next, revision: settled.stored.revision + 1 }
      hint(deps.jobs, account)
      return { account, value: decision.value, now }
    }
    throw new HoldfastError('busy')
  })

/**
 * The write fails `late` where, between reading and writing, an instant passed at which time alone changes something: the
 * decision did not know of that; or where it is older than {@link OLDEST_DECISION_MS}. It fails `early` where the store's clock is
 * behind the one that was read, as on another node: nothing may be written that is not true yet.
 */
const conditionsOf = (
  { account, now, stored, notBefore }: Settled,
  decision: Changed<unknown>,
  blobs: readonly Blob[],
): CommitConditions => {
  const { dueAt } = indexOf(account)
  const settledUntil = dueAt !== null && dueAt > now ? dueAt : Infinity
  return {
    ifRevision: stored.revision,
    notBefore: Math.max(now, notBefore, decision.notBefore ?? 0),
    notAfter: Math.min(now + OLDEST_DECISION_MS, settledUntil, decision.notAfter ?? Infinity),
    blobs,
    logged: loggedSince(stored, decision.next),
  }
}

const hint = (jobs: Jobs, account: Account): void => {
  const { dueAt, unrelayed } = indexOf(account)
  if (unrelayed) jobs.relay(account.id)
  if (dueAt !== null) jobs.wake(account.id, dueAt)
}
