/**
 * Writes a change into the account's log and tells whom it concerns: both go into the outbox of the same document, so that
 * neither can be lost or claim what did not happen.
 */
import { type EventName, logEntryHash } from '@holdfast/client/protocol'
import type { Account, Erasure, LogEntry, Notice } from './account.ts'

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
