/** Shows an owner the account's log, with the last entries, which its document keeps. */
import type { Account, LogEntry } from '../domain/account.ts'
import { currentCaller, deviceOf } from './authorise.ts'
import type { UseCase } from './use-cases.ts'

/** Entries shown at once, at most. */
const PAGE = 200

export const readLog: UseCase<'readLog'> = async (deps, { caller, query }) => {
  const after = Number(query.after ?? 0)
  // The account first: what leaves its outbox in between is then seen twice, and never missed.
  const account = await currentCaller(deps, deviceOf(caller))
  const kept = await deps.records.readLog(account.id, after, PAGE)
  const { sequence, hash } = account.log
  return { entries: merged(account, kept, after).slice(0, PAGE), sequence, hash }
}

const merged = ({ log, outbox }: Account, kept: readonly LogEntry[], after: number): LogEntry[] => {
  const bySequence = new Map([...outbox.entries, ...kept].map((entry) => [entry.sequence, entry]))
  return [...bySequence.values()]
    .filter(({ sequence }) => sequence > after && sequence <= log.sequence)
    .toSorted((a, b) => a.sequence - b.sequence)
}
