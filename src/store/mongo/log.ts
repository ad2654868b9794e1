/**
 * Log entries, documents of their own.
 *
 * [Note: Entries leave through the document] The write that takes entries out of the outbox puts them into `leaving` of the
 * same row, so that they are durable with it and a refused commit leaves none. Only then are they copied to the log and
 * removed from `leaving`; until that has happened, whoever reads the log looks in both places. A crash in between leaves
 * them there until the next commit with entries.
 */
import type { LogEntry } from '../../domain/account.ts'
import type { Collections } from './schemas.ts'
import { isOnlyDuplicates } from './store-error.ts'

/** One row per sequence, whoever writes it and however often. `/` is in no id. */
export const rowId = (account: string, sequence: number): string => `${account}/${sequence}`

/**
 * Copies `entries`, which are leaving, to the log; the first of two with one sequence stands. Then they need not leave any more. So it
 * goes on with what a crash has left there.
 */
export const settleLog = async (
  { accounts, log }: Collections,
  account: string,
  entries: readonly LogEntry[],
): Promise<void> => {
  let leaving = entries
  while (leaving.length > 0) {
    const rows = leaving.map((entry) => {
      const { sequence } = entry
      return { _id: rowId(account, sequence), account, sequence, entry }
    })
    await log.insertMany(rows, { lean: true, ordered: false }).catch((error: unknown) => {
      if (!isOnlyDuplicates(error)) throw error
    })
    const sequence = { $in: leaving.map((entry) => entry.sequence) }
    await accounts.updateOne({ _id: account }, { $pull: { leaving: { sequence } } })
    const left = await accounts.findOne({ _id: account }, { leaving: 1 }).lean()
    leaving = left?.leaving ?? []
  }
}

/** Entries above `after`, in order, at most `limit`. */
export const readEntries = async (
  { accounts, log }: Collections,
  account: string,
  after: number,
  limit: number,
): Promise<readonly LogEntry[]> => {
  if (limit <= 0) return []
  // First what is leaving: entries only ever move from there to the log, so none is missed in between.
  const row = await accounts.findOne({ _id: account }, { leaving: 1 }).lean()
  const above = { account, sequence: { $gt: after } }
  const rows = await log.find(above).sort({ sequence: 1 }).limit(limit).lean()
  const found = new Map<number, LogEntry>()
  for (const entry of [...rows.map((kept) => kept.entry), ...(row?.leaving ?? [])]) {
    if (entry.sequence > after && !found.has(entry.sequence)) found.set(entry.sequence, entry)
  }
  return [...found.values()].toSorted((a, b) => a.sequence - b.sequence).slice(0, limit)
}
