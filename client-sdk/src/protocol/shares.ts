import { combine, split } from 'shamir-secret-sharing'
import { equalBytes } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { interpolateAtZero } from './interpolation.ts'
import { Secret } from './secret.ts'

/** One share: its x-coordinate, and the library's bytes, the last of which is x again. */
export interface Share {
  /** 1…255 */
  readonly x: number
  /** {@link SHARE_LENGTH} bytes. */
  readonly bytes: Uint8Array
}

/** Bytes of the secret that is split. Keys only: the library is not constant-time and blocks while it runs. */
export const SPLIT_SECRET_LENGTH = 32
/** Bytes of a share: one per byte of the secret, and x. */
export const SHARE_LENGTH = SPLIT_SECRET_LENGTH + 1
/** Contacts of a circle, at most. */
export const MAX_SHARES = 32
/** Up to this many subsets of size t are all tried at set-up; of more, so many are sampled. */
export const TRIED_SUBSETS = 1000

/** Reads a share from bytes that came from elsewhere: null unless it has the right length and an x other than 0. */
export function parseShare(bytes: Uint8Array): Share | null {
  const x = bytes[SHARE_LENGTH - 1]
  // x = 0 would be the secret itself: the library would return that share's bytes as "the" secret.
  if (bytes.length !== SHARE_LENGTH || x === undefined || x === 0) return null
  // A copy, since the library refuses a Buffer and an array of another realm.
  return { x, bytes: Uint8Array.from(bytes) }
}

/**
 * Splits a 32-byte secret so that any `threshold` of `shares` give it back and fewer tell nothing. Throws
 * `threshold_out_of_range`, `too_many_contacts`, `malformed` for a secret of another length, and `internal` if the outcome
 * does not recombine, which has to be known before anyone depends on it.
 */
export async function splitSecret(
  secret: Secret,
  { threshold, shares: count }: { readonly threshold: number; readonly shares: number },
): Promise<readonly Share[]> {
  // The library would take 3.5 shares for 4.
  if (!Number.isSafeInteger(threshold) || !Number.isSafeInteger(count)) throw new HoldfastError('malformed')
  if (count > MAX_SHARES) throw new HoldfastError('too_many_contacts')
  if (threshold < 2 || threshold > count) throw new HoldfastError('threshold_out_of_range')
  if (secret.length !== SPLIT_SECRET_LENGTH) throw new HoldfastError('malformed')
  const made = await split(secret.expose(), count, threshold)
  const parsed = made.map(parseShare)
  const shares = parsed.filter((share) => share !== null)
  const distinct = new Set(shares.map((share) => share.x)).size === count
  if (!distinct || !everySubsetGives(shares, threshold, secret.expose())) throw new HoldfastError('internal')
  return shares
}

/**
 * The secret from exactly `threshold` shares whose x all stand in `xs`, the list in the core. Throws `too_few_shares` for
 * fewer and `share_rejected` for anything else that is wrong. Wrong *values* give a wrong secret without a sound: the caller
 * checks each share against its check key before, and the outcome against the key commitment after.
 */
export async function combineShares(
  shares: readonly Share[],
  { threshold, xs }: { readonly threshold: number; readonly xs: readonly number[] },
): Promise<Secret> {
  if (!Number.isSafeInteger(threshold) || threshold < 2) throw new HoldfastError('threshold_out_of_range')
  if (shares.length < threshold) throw new HoldfastError('too_few_shares')
  const parsed = shares.map(({ x, bytes }) => {
    const share = parseShare(bytes)
    return share !== null && share.x === x && xs.includes(x) ? share : null
  })
  const sound = parsed.filter((share) => share !== null)
  const distinct = new Set(sound.map((share) => share.x)).size
  // With more than t shares one false share among them still spoils the outcome: exactly t, chosen by the caller.
  if (sound.length !== threshold || distinct !== threshold) throw new HoldfastError('share_rejected')
  const bytes = await combine(sound.map((share) => share.bytes))
  const secret = Secret.of(bytes)
  bytes.fill(0)
  for (const share of sound) share.bytes.fill(0)
  return secret
}

/** n choose t, for n ≤ 32. */
export function subsetCount(n: number, t: number): number {
  let count = 1
  for (let i = 1; i <= t; i += 1) count = (count * (n - t + i)) / i
  return Math.round(count)
}

const everySubsetGives = (shares: readonly Share[], threshold: number, secret: Uint8Array): boolean => {
  const gives = (subset: readonly number[]): boolean =>
    equalBytes(interpolateAtZero(subset.map((i) => shares[i] as Share)), secret)
  if (subsetCount(shares.length, threshold) > TRIED_SUBSETS)
    return sampled(shares.length, threshold).every(gives)
  const subset = Array.from({ length: threshold }, (_, i) => i)
  for (;;) {
    if (!gives(subset)) return false
    if (!advance(subset, shares.length)) return true
  }
}

/** The next subset of {0…n−1} in lexical order, in place; false after the last. */
const advance = (subset: number[], n: number): boolean => {
  const t = subset.length
  for (let i = t - 1; i >= 0; i -= 1) {
    if ((subset[i] as number) >= n - t + i) continue
    let next = (subset[i] as number) + 1
    for (let j = i; j < t; j += 1) subset[j] = next++
    return true
  }
  return false
}

// Runs of t neighbours with every stride and start: each share stands in many of them. No randomness is needed to catch a
// wrong share, since one is wrong in every subset that it is part of.
const sampled = (n: number, t: number): number[][] => {
  const subsets: number[][] = []
  for (let stride = 1; stride < n && subsets.length < TRIED_SUBSETS; stride += 1) {
    for (let start = 0; start < n; start += 1) {
      const subset = new Set(Array.from({ length: t }, (_, i) => (start + i * stride) % n))
      if (subset.size === t) subsets.push([...subset])
    }
  }
  return subsets.slice(0, TRIED_SUBSETS)
}
