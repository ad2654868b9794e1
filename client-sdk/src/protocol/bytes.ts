import { HoldfastError } from './errors.ts'

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const asciiDecoder = new TextDecoder('utf-8')

/** All parts, one after the other, in a new array. Unambiguous only for parts of fixed length: else {@link lengthPrefixed}. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Equality whose time depends on the lengths only, never on where the arrays differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** UTF-8 bytes. The caller has made sure that there are no lone surrogates (they would turn into U+FFFD). */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** The text, or null unless the bytes are well-formed UTF-8. A byte order mark is kept, not swallowed. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return null
  }
}

const ALPHABET = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const VALUES = new Int8Array(128).fill(-1)
ALPHABET.forEach((code, value) => {
  VALUES[code] = value
})

/** Unpadded base64url (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  let at = 0
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out[at++] = ALPHABET[word >> 18] as number
    out[at++] = ALPHABET[(word >> 12) & 63] as number
    if (left > 1) out[at++] = ALPHABET[(word >> 6) & 63] as number
    if (left > 2) out[at++] = ALPHABET[word & 63] as number
  }
  return asciiDecoder.decode(out)
}

/**
 * The bytes of unpadded base64url, or null for anything but the one canonical encoding: padding, white space, other alphabets,
 * and unused bits that are set. A second spelling of the same bytes would let one message have two hashes.
 */
export function fromBase64url(text: string): Uint8Array | null {
  const rest = text.length % 4
  if (rest === 1) return null
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let word = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i += 1) {
    const value = VALUES[text.charCodeAt(i)] ?? -1
    if (value < 0) return null
    word = ((word << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = word >> bits
    }
  }
  return (word & ((1 << bits) - 1)) === 0 ? out : null
}

/** Big-endian u32 length ‖ bytes, so that no two lists of parts give the same concatenation. */
export function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  return concat(uint32(bytes.length), bytes)
}

/** Big-endian u32. Throws `malformed` for anything else. */
export function uint32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new HoldfastError('malformed')
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

/** Big-endian u64 of a safe integer ≥ 0. Throws `malformed` for anything else. */
export function uint64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new HoldfastError('malformed')
  return concat(uint32(Math.floor(value / 0x1_0000_0000)), uint32(value % 0x1_0000_0000))
}

/** Lower-case hexadecimal. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
