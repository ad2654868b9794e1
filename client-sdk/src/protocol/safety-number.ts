import { concat, equalBytes, fromBase64url, lengthPrefixed, toBase64url, utf8 } from './bytes.ts'
import { sha512 } from './hashing.ts'
import { identityBytes } from './identity.ts'
import type { PublicIdentity } from './schema.ts'
import { LABELS, labelBytes } from './labels.ts'

/** One side of a comparison. */
export interface Party {
  /** Account id, as the service knows it. */
  readonly account: string
  readonly identity: PublicIdentity
}

/**
 * Iterations of the hash: they make searching for a key with a near-equal number 5,200 times dearer. Construction and number
 * as in Signal's NumericFingerprintGenerator (libsignal, rust/protocol/src/fingerprint.rs), with our label and both keys.
 */
export const SAFETY_ITERATIONS = 5200

const QR_PREFIX = 'HF1-SAFETY:'
const PART_LENGTH = 32

// h0 = label ‖ lp(account), then SHA-512(h ‖ keys), 5,200 times: 64 bytes that stand for one party.
const fingerprint = ({ account, identity }: Party): Uint8Array => {
  const keys = concat(...identityBytes(identity))
  let hash = concat(labelBytes(LABELS.safetyNumber), lengthPrefixed(utf8(account)), keys)
  for (let i = 0; i < SAFETY_ITERATIONS; i += 1) hash = sha512(hash, keys)
  return hash
}

// 30 bytes → six groups of five digits, each a 40-bit number mod 100,000 (bias below 2^-23).
const digits = (hash: Uint8Array): string => {
  let out = ''
  for (let at = 0; at < 30; at += 5) {
    let group = 0
    for (let i = 0; i < 5; i += 1) group = group * 256 + (hash[at + i] as number)
    out += String(group % 100_000).padStart(5, '0')
  }
  return out
}

/**
 * The 60 digits that both parties see, whichever is named first. Throws `malformed` for keys that are not 32 bytes. Takes
 * some ten milliseconds on purpose. PROTOCOL.md §Safety numbers.
 */
export const safetyNumber = (one: Party, other: Party): string =>
  [digits(fingerprint(one)), digits(fingerprint(other))].sort().join('')

/** Twelve groups of five, for people to read. */
export const formatSafetyNumber = (number: string): string => (number.match(/.{1,5}/g) ?? []).join(' ')

/** The text of the QR code for the same: 256 bits of each party's hash, in the same order on both screens. */
export function safetyQr(one: Party, other: Party): string {
  const parts = [fingerprint(one), fingerprint(other)].map((hash) =>
    toBase64url(hash.subarray(0, PART_LENGTH)),
  )
  return QR_PREFIX + parts.sort().join('.')
}

/**
 * Whether a scanned code shows the same two parties as the own screen. `other`: a safety code, but of different keys or
 * people, which is an alarm. `unreadable`: no safety code of this version at all.
 */
export function compareSafetyQr(scanned: string, own: string): 'same' | 'other' | 'unreadable' {
  const theirs = parseQr(scanned)
  const ours = parseQr(own)
  if (theirs === null || ours === null) return 'unreadable'
  return equalBytes(theirs, ours) ? 'same' : 'other'
}

const parseQr = (text: string): Uint8Array | null => {
  if (!text.startsWith(QR_PREFIX)) return null
  const parts = text.slice(QR_PREFIX.length).split('.').map(fromBase64url)
  const [first, second] = parts
  if (parts.length !== 2 || first?.length !== PART_LENGTH || second?.length !== PART_LENGTH) return null
  return concat(first, second)
}
