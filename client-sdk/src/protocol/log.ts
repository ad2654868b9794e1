/**
 * The account's log: append-only, each entry's hash covers the one before. PROTOCOL.md, "Log".
 */
import { toBase64url, utf8 } from './bytes.ts'
import { canonicalize } from './encoding.ts'
import { HoldfastError } from './errors.ts'
import { hashOf } from './hashing.ts'
import { LABELS } from './labels.ts'
import type { LogEntryView } from './views.ts'

/** Hash of an entry, base64url: over the JCS text of everything but the hash. */
export const logEntryHash = (entry: Omit<LogEntryView, 'hash'>): string => {
  const { sequence, at, type, details, previous } = entry
  return toBase64url(
    hashOf(LABELS.logEntryHash, utf8(canonicalize({ sequence, at, type, details, previous }))),
  )
}

/**
 * Checks that `entries` follow `last` (null: from the start) without a gap and returns the new last entry's position.
 * Throws `log_broken` at the first that does not.
 */
export const verifyLog = (
  entries: readonly LogEntryView[],
  last: { readonly sequence: number; readonly hash: string } | null,
): { readonly sequence: number; readonly hash: string } | null => {
  let head = last
  for (const entry of entries) {
    const follows = entry.sequence === (head?.sequence ?? 0) + 1 && entry.previous === (head?.hash ?? null)
    if (!follows || logEntryHash(entry) !== entry.hash) throw new HoldfastError('log_broken')
    head = { sequence: entry.sequence, hash: entry.hash }
  }
  return head
}
