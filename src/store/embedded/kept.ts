/**
 * Claims and remembered answers: what is kept until an instant and then forgotten.
 */
import { createHash } from 'node:crypto'
import { PRESENT } from './databases.ts'
import type { Databases } from './databases.ts'

type KeptDatabases = Pick<Databases, 'kept' | 'expiries'>
interface Kept {
  readonly expiresAt: number
  /** Null for a claim, which is only there or not. */
  readonly value: string | null
}

/** How many expired ones every new one takes away with it: more than it adds, so that they never pile up. */
const SWEPT_PER_KEEP = 4

/** Of any length and content, to a key that LMDB takes. Claims and answers do not meet. */
const keyOf = (kind: 'claim' | 'answer', key: string): string =>
  createHash('sha256').update(`${kind}\0${key}`).digest('base64url')

/** The value kept under `key` and not expired at `now`, or null. */
export const recallKept = ({ kept }: KeptDatabases, key: string, now: number): string | null => {
  const found = readKept(kept, keyOf('answer', key))
  return found !== null && found.expiresAt > now ? found.value : null
}

/** Call inside a write transaction. True if nothing unexpired was kept under this key before. */
export const claimKept = (databases: KeptDatabases, key: string, expiresAt: number, now: number): boolean =>
  keepFirst(databases, keyOf('claim', key), { expiresAt, value: null }, now)

/** Call inside a write transaction. The first unexpired one stands. */
export const rememberKept = (
  databases: KeptDatabases,
  key: string,
  value: string,
  expiresAt: number,
  now: number,
): boolean => keepFirst(databases, keyOf('answer', key), { expiresAt, value }, now)

/** Call inside a write transaction. Forgets at most `limit` that have expired, the oldest first; returns how many. */
export const pruneKept = ({ kept, expiries }: KeptDatabases, limit: number, now: number): number => {
  const expired = [...expiries.getKeys({ end: [now + 1, ''], limit })]
  for (const [expiresAt, key] of expired) {
    void kept.remove(key)
    void expiries.remove([expiresAt, key])
  }
  return expired.length
}

const readKept = (kept: Databases['kept'], key: string): Kept | null => {
  const text = kept.get(key)
  return text === undefined ? null : (JSON.parse(text) as Kept)
}

const keepFirst = (databases: KeptDatabases, key: string, next: Kept, now: number): boolean => {
  pruneKept(databases, SWEPT_PER_KEEP, now)
  const { kept, expiries } = databases
  const before = readKept(kept, key)
  if (before !== null && before.expiresAt > now) return false
  if (before !== null) void expiries.remove([before.expiresAt, key])
  void kept.put(key, JSON.stringify(next))
  void expiries.put([next.expiresAt, key], PRESENT)
  return true
}
