/**
 * Codes that contact and requester compare by voice. PROTOCOL.md, "Codes".
 *
 * [Note: Commit, then reveal] Whoever stands in the middle must fix its nonces before it learns the other side's, so that it
 * has one try in a million per session, and sessions are counted. A plain hash of six digits is ground in under a second.
 */
import { concat, equalBytes, fromBase64url, lengthPrefixed, toBase64url, utf8 } from './bytes.ts'
import { transcriptHash } from './core-hash.ts'
import { HoldfastError } from './errors.ts'
import { hashOf, hkdfExpand, hkdfExtract } from './hashing.ts'
import { LABELS, labelBytes, type Label } from './labels.ts'
import type { Transcript } from './recovery.ts'
import { bytesOf32 } from './seal-context.ts'

/** Two codes of 6 digits: the requester reads out the first, the contact the second. */
export interface Codes {
  readonly first: string
  readonly second: string
}

/** What the contact commits to: SHA-256(label ‖ lp(nonce) ‖ lp(H(transcript))), base64url. */
export const codeCommitment = (transcript: Transcript, contactNonce: Uint8Array): string => {
  if (contactNonce.length !== 32) throw new HoldfastError('malformed')
  return toBase64url(hashOf(LABELS.sasCommitment, contactNonce, bytesOf32(transcriptHash(transcript))))
}

const MILLION = 1_000_000
// The largest multiple of a million that fits into 32 bits: what lies above would favour small codes.
const FAIR = Math.floor(2 ** 32 / MILLION) * MILLION

// The first of eight 32-bit words below FAIR, mod 10^6. All eight fail once in 2^96 times or so; then the last one counts.
const sixDigits = (prk: Uint8Array, label: Label): string => {
  const bytes = hkdfExpand(prk, labelBytes(label), 32)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let word = 0
  for (let at = 0; at < 32; at += 4) {
    word = view.getUint32(at)
    if (word < FAIR) break
  }
  return String(word % MILLION).padStart(6, '0')
}

/** Both codes. Nonces base64url. Throws `malformed` unless each is 32 bytes. */
export const codesOf = (input: {
  readonly transcript: Transcript
  readonly contactNonce: string
  readonly requesterNonce: string
}): Codes => {
  const nonces = [bytesOf32(input.contactNonce), bytesOf32(input.requesterNonce)]
  const salt = bytesOf32(transcriptHash(input.transcript))
  const prk = hkdfExtract(concat(...nonces.map(lengthPrefixed)), salt)
  return { first: sixDigits(prk, LABELS.code1), second: sixDigits(prk, LABELS.code2) }
}

/**
 * The requester's side, once the contact's nonce is shown: it must be the one committed to before. `requesterNonce` is the
 * one that this device sent, not what the service says it sent. Throws `codes_differ`, or `malformed`.
 */
export const openCodes = (input: {
  readonly transcript: Transcript
  readonly commitment: string
  readonly contactNonce: string
  readonly requesterNonce: string
}): Codes => {
  const { transcript, commitment, contactNonce } = input
  const expected = bytesOf32(codeCommitment(transcript, bytesOf32(contactNonce)))
  if (!equalBytes(expected, bytesOf32(commitment))) throw new HoldfastError('codes_differ')
  return codesOf(input)
}

/** Both parties' 60 digits for when they cannot be online together, and the texts of QR codes of the same. */
export interface Digits {
  readonly first: string
  readonly second: string
  readonly firstQr: string
  readonly secondQr: string
}

const QR_PREFIX = 'HF1-CODES:'

// Twelve groups of five digits, each 40 bits mod 100,000 (bias below 2^-23): 199 bits, too many to search for.
const sixtyDigits = (bytes: Uint8Array): string => {
  let out = ''
  for (let at = 0; at < 60; at += 5) {
    let group = 0
    for (let i = 0; i < 5; i += 1) group = group * 256 + (bytes[at + i] as number)
    out += String(group % 100_000).padStart(5, '0')
  }
  return out
}

/** The whole transcript as digits and as QR texts: no nonces, hence long enough to stand alone. Both directions again. */
export const digitsOf = (transcript: Transcript): Digits => {
  const prk = bytesOf32(transcriptHash(transcript))
  const [first, second] = [LABELS.digits1, LABELS.digits2].map((label) => {
    const bytes = hkdfExpand(prk, labelBytes(label), 92)
    return { digits: sixtyDigits(bytes), qr: QR_PREFIX + toBase64url(bytes.subarray(60)) }
  }) as [{ digits: string; qr: string }, { digits: string; qr: string }]
  return { first: first.digits, second: second.digits, firstQr: first.qr, secondQr: second.qr }
}

/**
 * Whether what a person typed or scanned is this code, in time that does not depend on where they differ. Spaces and hyphens
 * between digits are no difference.
 */
export const sameCode = (typed: string, code: string): boolean => {
  const text = typed.startsWith(QR_PREFIX) ? typed.trim() : typed.slice(0, 200).replace(/[\s-]/g, '')
  return equalBytes(utf8(text), utf8(code))
}

/** A transcript whose code was compared and found right on this side. */
export type Confirmed = Transcript

/**
 * Compares and says what is confirmed by it. Throws `codes_differ`: a state of its own, "this may be an impostor".
 * `code`: `second` of {@link Codes} or {@link Digits} where the requester types, `first` where the contact does.
 */
export const confirmCode = (input: {
  readonly transcript: Transcript
  readonly typed: string
  readonly code: string
}): Confirmed => {
  if (!sameCode(input.typed, input.code)) throw new HoldfastError('codes_differ')
  return input.transcript
}

/** True for a text that looks like a comparison's QR code of this version. */
export const isCodeQr = (text: string): boolean =>
  text.startsWith(QR_PREFIX) && fromBase64url(text.slice(QR_PREFIX.length))?.length === 32
