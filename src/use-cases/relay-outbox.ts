/**
 * Does what a change left to be done: tells people, erases keys and ciphertexts, notes ends beside the keys, moves log entries out of
 * a document that holds many.
 *
 * [Note: Act first, then forget] Everything is done before it leaves the outbox, and everything may be done twice: a crash at
 * any step repeats some of it and loses nothing.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import { indexOf } from '../domain/account-index.ts'
import type { Account, Erasure, Notice } from '../domain/account.ts'
import { blobName, namedBlobs } from '../domain/circle-blobs.ts'
import { isSpent } from '../domain/accounts.ts'
import { isDone, leavingEntries, logged, loggedSince } from '../domain/journal.ts'
import { restarted } from '../domain/restart.ts'
import { owedNow, queuedForOwner } from '../domain/told.ts'
import { handOver } from './hand-over.ts'
import type { Loaded } from './ports.ts'
import { OLDEST_DECISION_MS } from './transact.ts'
import { inTurn } from './turns.ts'
import type { Deps } from './use-cases.ts'

export type RelayOutboxDeps = Pick<Deps, 'records' | 'keyStore' | 'notices' | 'jobs' | 'settings'>

const TRIES = 8
/** Notices delivered at one time. */
const AT_ONCE = 16

/** What has been done so far in one run, so that a repeat does not do it again. */
interface Progress {
  readonly told: Set<string>
  failure: unknown
}

/** Whether somebody is to be told by post now, which is not done here: tell-people.ts. */
export interface Relayed {
  readonly isOwed: boolean
}

/**
 * Does what the account's outbox asks for, as far as it can, and hands `onOwed` the account if somebody is to be told by post, also
 * where the rest failed. Several at once are harmless. Throws the last failure when something could not be done (it is still in the
 * outbox), or HoldfastError `busy`.
 */
export const relayOutbox =
  (deps: RelayOutboxDeps, onOwed: (account: string) => void = () => undefined) =>
  async (account: string): Promise<Relayed> => {
    const progress: Progress = { told: new Set(), failure: undefined }
    const loaded = await deps.records.load(account)
    if (loaded === null) return { isOwed: false }
    const relayedAs = (rest: Relayed): Relayed => {
      if (rest.isOwed) onOwed(account)
      return rest
    }
    if (isDone(loaded.account.outbox) && !isMisfiled(loaded)) return relayedAs(isOwed(loaded.account))
    // Outside of the turn: telling people may be slow and must hold up nobody's veto.
    await tell(deps, loaded.account, progress)
    const rest = relayedAs(await inTurn(deps.records, account, () => forget(deps, loaded, progress)))
    if (progress.failure !== undefined) throw progress.failure
    return rest
  }

const isOwed = (account: Account): Relayed => ({ isOwed: owedNow(account).length > 0 })

/** Listed by an older version for what needs nothing done now; any write corrects that. */
const isMisfiled = ({ account, unrelayed }: Loaded): boolean => unrelayed && !indexOf(account).unrelayed

const tell = async (deps: RelayOutboxDeps, account: Account, progress: Progress): Promise<void> => {
  const waiting = account.outbox.notices
  const deliver = async (notice: Notice): Promise<void> => {
    try {
      await deps.notices.deliver(notice, account.revision)
      progress.told.add(notice.notice)
    } catch (error) {
      // One channel that fails must not keep the others from being used.
      progress.failure = error
    }
  }
  for (let from = 0; from < waiting.length; from += AT_ONCE)
    await Promise.all(waiting.slice(from, from + AT_ONCE).map(deliver))
  await handOver(deps, account, waiting, (notice, error) => {
    progress.told.delete(notice)
    progress.failure = error
  })
}

/**
 * `told`: as it was read before people were told. If nobody came in between, it need not be read again, but where something is to be
 * erased: that may have been named anew since.
 */
const forget = async (deps: RelayOutboxDeps, told: Loaded, progress: Progress): Promise<Relayed> => {
  const { id } = told.account
  for (let tries = 0; tries < TRIES; tries += 1) {
    const isFresh = tries === 0 && told.account.outbox.erasures.length === 0
    const loaded = isFresh ? told : await deps.records.load(id)
    if (loaded === null) return { isOwed: false }
    const { account: stored, now, restoredAt } = loaded
    // Every write makes what was restored start anew, or the index would forget that it is to be looked at.
    const account = restarted(stored, restoredAt ?? null)
    if (isDone(account.outbox) && !isMisfiled(loaded)) return isOwed(account)
    const erased = await erase(deps, account, progress)
    const next = relayed(account, now, progress.told, erased)
    if (account === stored && isSame(account, next) && !isMisfiled(loaded)) return isOwed(account)
    const entries = leavingEntries(next.outbox)
    const rest = entries.length === 0 ? next : { ...next, outbox: { ...next.outbox, entries: [] } }
    const ifRevision = account.revision
    // An unregistered account that was only waiting for somebody to be told: nothing would fall due any more.
    const outcome = isSpent(rest, now)
      ? await deps.records.forget(id, ifRevision)
      : await deps.records.commit(rest, {
          ifRevision,
          notAfter: now + OLDEST_DECISION_MS,
          entries,
          logged: loggedSince(stored, next),
        })
    if (outcome === 'committed') return isOwed(rest)
  }
  throw new HoldfastError('busy')
}

/** Nothing could be done: the record is not to change, or a post that is down would make it grow busy. */
const isSame = ({ outbox: before }: Account, { outbox: after }: Account): boolean =>
  leavingEntries(before).length === 0 &&
  before.notices.length === after.notices.length &&
  before.queued?.length === after.queued?.length &&
  before.erasures.length === after.erasures.length

const erase = async (
  { keyStore, records }: RelayOutboxDeps,
  account: Account,
  progress: Progress,
): Promise<ReadonlySet<Erasure>> => {
  const named = namedBlobs(account)
  const erased = new Set<Erasure>()
  for (const erasure of account.outbox.erasures) {
    try {
      if (erasure.what === 'factors-below') await keyStore.eraseBelow(account.id, erasure.epoch)
      else if (erasure.what === 'factor') await keyStore.erase(account.id, erasure.epoch)
      else if (erasure.what === 'request') await keyStore.endRequest(account.id, erasure.recovery)
      // Named again since then: somebody sent the very same ciphertext once more, and it is needed.
      else if (!named.has(erasure.hash))
        await records.eraseBlob(blobName(account.id, erasure.hash), account.revision)
      erased.add(erasure)
    } catch (error) {
      progress.failure = error
    }
  }
  return erased
}

/**
 * Without what has been done; with a telling for every notice that its owner is to have by post, and a line in the log for
 * every factor that can no longer be had.
 */
const relayed = (
  account: Account,
  now: number,
  told: ReadonlySet<string>,
  erased: ReadonlySet<Erasure>,
): Account => {
  const queued = queuedForOwner(account, now)
  const notices = queued.outbox.notices.filter(({ notice }) => !told.has(notice))
  const stillQueued = notices.flatMap(({ notice }) =>
    queued.outbox.queued?.includes(notice) === true ? [notice] : [],
  )
  const outbox = {
    entries: account.outbox.entries,
    notices,
    ...(stillQueued.length > 0 && { queued: stillQueued }),
    erasures: account.outbox.erasures.filter((erasure) => !erased.has(erasure)),
  }
  return [...erased].reduce<Account>(
    (next, erasure) =>
      'epoch' in erasure
        ? logged(next, now, 'factor-erased', { what: erasure.what, epoch: erasure.epoch })
        : next,
    { ...queued, outbox },
  )
}
