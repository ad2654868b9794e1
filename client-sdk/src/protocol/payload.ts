import { primitives } from '../platform/active.ts'
import { concat, uint32 } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { LABELS, labelBytes } from './labels.ts'
import type { Secret } from './secret.ts'

/** Bytes of the app's own in a backup, at most. */
export const MAX_APPLICATION_BYTES = 64 * 1024
/** Bytes of the list of contact entries, at most: 32 of them take some 7,400. */
export const MAX_ENTRIES_BYTES = 8 * 1024
/** Bytes of a payload before padding, at most: identity seed, the app's bytes, contact entries, three length prefixes. */
export const MAX_PAYLOAD_BYTES = 4 + 32 + 4 + MAX_APPLICATION_BYTES + 4 + MAX_ENTRIES_BYTES

const NONCE_LENGTH = 24
const TAG_LENGTH = 16
const SMALLEST_BUCKET = 1024

/** What a payload is sealed under: all of it is derived from, or is, the core. */
export interface PayloadKeys {
  readonly key: Secret
  /** H(core), 32 bytes. */
  readonly coreHash: Uint8Array
  /** `kc`, 32 bytes. */
  readonly commitment: Uint8Array
}

/**
 * Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019, §4): the length keeps only its top bits,
 * so that it tells O(log log n) bits about the content and costs 12 % at most. Below 1 KiB all are alike.
 */
export function paddedLength(length: number): number {
  if (length <= SMALLEST_BUCKET) return SMALLEST_BUCKET
  const exponent = 31 - Math.clz32(length)
  const kept = 32 - Math.clz32(exponent)
  const mask = 2 ** (exponent - kept) - 1
  return (length + mask) & ~mask
}

const aadOf = ({ coreHash, commitment }: PayloadKeys): Uint8Array => {
  if (coreHash.length !== 32 || commitment.length !== 32) throw new HoldfastError('malformed')
  return concat(labelBytes(LABELS.payload), coreHash, commitment)
}

const readLength = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at)

/**
 * nonce (24) ‖ XChaCha20-Poly1305 of u32 length ‖ plaintext ‖ zeros, with AAD = label ‖ H(core) ‖ kc. The nonce is random,
 * once per core. Throws `payload_too_large`, or `malformed` for a nonce of another length. PROTOCOL.md §Protect, step 5.
 */
export function sealPayload(
  plaintext: Uint8Array,
  keys: PayloadKeys & { readonly nonce: Uint8Array },
): Uint8Array {
  if (plaintext.length > MAX_PAYLOAD_BYTES) throw new HoldfastError('payload_too_large')
  if (keys.nonce.length !== NONCE_LENGTH) throw new HoldfastError('malformed')
  const padded = new Uint8Array(paddedLength(4 + plaintext.length))
  padded.set(uint32(plaintext.length))
  padded.set(plaintext, 4)
  const sealed = primitives().xchachaSeal(keys.key.expose(), keys.nonce, aadOf(keys), padded)
  padded.fill(0)
  return concat(keys.nonce, sealed)
}

/** The plaintext, or null when the ciphertext is not whole, or not of this key and core. */
export function openPayload(sealed: Uint8Array, keys: PayloadKeys): Uint8Array | null {
  const padded = sealed.length - NONCE_LENGTH - TAG_LENGTH
  if (padded < SMALLEST_BUCKET || padded > paddedLength(4 + MAX_PAYLOAD_BYTES)) return null
  const nonce = sealed.subarray(0, NONCE_LENGTH)
  const opened = primitives().xchachaOpen(
    keys.key.expose(),
    nonce,
    aadOf(keys),
    sealed.subarray(NONCE_LENGTH),
  )
  if (opened === null) return null
  const length = readLength(opened, 0)
  // Exactly one padding is right: room for a second message in the padding would be room for a hidden one.
  const sound =
    length <= MAX_PAYLOAD_BYTES &&
    opened.length === paddedLength(4 + length) &&
    opened.subarray(4 + length).every((byte) => byte === 0)
  const plaintext = sound ? opened.slice(4, 4 + length) : null
  opened.fill(0)
  return plaintext
}
