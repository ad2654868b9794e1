import { primitives } from '../platform/active.ts'
import { hkdfExpandWith } from '../platform/hkdf.ts'
import { concat, lengthPrefixed } from './bytes.ts'
import { labelBytes, type Label } from './labels.ts'

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts)

/** SHA-256 over the plain concatenation of the parts: 32 bytes. */
export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => primitives().sha256(joined(parts))

/** SHA-512 over the plain concatenation of the parts: 64 bytes. */
export const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => primitives().sha512(joined(parts))

/** SHA-256(label ‖ 0 ‖ lp(part) ‖ …): no two lists of parts, and no two purposes, share a hash. PROTOCOL.md §Hashes. */
export const hashOf = (label: Label, ...parts: readonly Uint8Array[]): Uint8Array =>
  sha256(labelBytes(label), ...parts.map(lengthPrefixed))

/** HMAC-SHA-256 over the plain concatenation of the parts: 32 bytes. */
export const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  primitives().hmac(key, joined(parts))

/** HKDF-Extract (RFC 5869 §2.2): 32 bytes. */
export const hkdfExtract = (ikm: Uint8Array, salt: Uint8Array): Uint8Array => primitives().hmac(salt, ikm)

/** HKDF-Expand (RFC 5869 §2.3): `length` ≤ 8,160 bytes. */
export const hkdfExpand = (prk: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
  hkdfExpandWith(primitives().hmac, prk, info, length)

/** HKDF-SHA-256, both steps. */
export function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdfExpand(hkdfExtract(ikm, salt), info, length)
}
