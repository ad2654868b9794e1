/**
 * Writes a change into the account's log and tells whom it concerns: both go into the outbox of the same document, so that
 * neither can be lost or claim what did not happen.
 */
import { type EventName, logEntryHash } from '@holdfast/client/protocol'
import type { Account, Erasure, LogEntry, Notice, Outbox } from './account.ts'

export type Details = LogEntry['details']

/** Appends one entry to the log. `at` is Unix ms by the store's clock. */
export const logged = (account: Account, at: number, type: string, details: Details): Account => {
  const body = { sequence: account.log.sequence + 1, at, type, details, previous: account.log.hash }
  const entry: LogEntry = { ...body, hash: logEntryHash(body) }
  return {
    ...account,
    log: { sequence: entry.sequence, hash: entry.hash },
    outbox: { ...account.outbox, entries: [...account.outbox.entries, entry] },
  }
}

/** Log entries that stay in the document. More leave it, all at once: most changes then cost no write to the log. */
export const KEPT_ENTRIES = 8

/** Entries that are to leave the document now: all or none. */
export const leavingEntries = ({ entries }: Outbox): readonly LogEntry[] =>
  entries.length > KEPT_ENTRIES ? entries : []

/** Whether nothing of it is left to be done. */
export const isDone = (outbox: Outbox): boolean =>
  leavingEntries(outbox).length + outbox.notices.length + outbox.erasures.length === 0

/** What was logged between the two. */
export const loggedSince = (before: Account, after: Account): readonly LogEntry[] =>
  after.outbox.entries.filter(({ sequence }) => sequence > before.log.sequence)

/** Tells each of the audiences. Notice ids are unique within the account: log sequence and position. */
export const noticed = (
  account: Account,
  at: number,
  event: EventName,
  audiences: readonly Notice['audience'][],
  recovery: string | null = null,
): Account => {
  const first = account.outbox.notices.length
  const notices = audiences.map((audience, index): Notice => ({
    notice: `${account.id}.${account.revision + 1}.${first + index}`,
    at,
    event,
    audience,
    recovery,
  }))
  return { ...account, outbox: { ...account.outbox, notices: [...account.outbox.notices, ...notices] } }
}

/** Marks keys or blobs for erasure once this change is durable. */
export const erasing = (account: Account, erasures: readonly Erasure[]): Account => ({
  ...account,
  outbox: { ...account.outbox, erasures: [...account.outbox.erasures, ...erasures] },
})

export const toOwner = (account: Account): Notice['audience'] => ({ role: 'owner', account: account.id })
export const toContact = (contact: string): Notice['audience'] => ({ role: 'contact', account: contact })
export const toRequester = (account: Account, recovery: string): Notice['audience'] => ({
  role: 'requester',
  account: account.id,
  recovery,
})
