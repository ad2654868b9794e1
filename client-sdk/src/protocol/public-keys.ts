import { primitives } from '../platform/active.ts'
import type { Primitives } from '../platform/primitives.ts'
import { toBase64url } from './bytes.ts'

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** Whether `bytes` is one of the list, the bits of byte 31 outside `mask` left aside. Public keys are no secret: no constant time. */
const isOneOf = (list: readonly Uint8Array[], bytes: Uint8Array, mask: number): boolean =>
  list.some((one) => bytes.every((byte, i) => (i === 31 ? byte & mask : byte) === one[i]))

// The encodings of the points of order 1, 2, 4 and 8, non-canonical ones included (y ≥ p, and x = 0 with the sign bit set).
// Source: "Taming the many EdDSAs" (ePrint 2020/1244), table 6a. Byte 31 is compared without its sign bit.
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex)

/** True when 32 bytes encode, canonically or not, a point of order 1, 2, 4 or 8 of edwards25519. */
export const isSmallOrderPoint = (bytes: Uint8Array): boolean => isOneOf(SMALL_ORDER, bytes, 0x7f)

/** How many public keys, found acceptable, are remembered; the oldest goes first. */
export const REMEMBERED_KEYS = 1024

const remembered = new WeakMap<Primitives, Set<string>>()

const accepted = (): Set<string> => {
  const active = primitives()
  let keys = remembered.get(active)
  if (keys === undefined) remembered.set(active, (keys = new Set()))
  return keys
}

/** For keys that were derived here from a seed: multiples of the base point, hence acceptable without a look. */
export function rememberAcceptable(publicKey: Uint8Array): void {
  const keys = accepted()
  keys.add(toBase64url(publicKey))
  if (keys.size > REMEMBERED_KEYS) keys.delete(keys.values().next().value as string)
}

/**
 * True for an Ed25519 public key that may be registered: 32 bytes, canonical, on the curve, torsion-free, not of small order.
 * Without this, implementations disagree on which signatures are valid, and a small-order key fits any message.
 */
export function acceptablePublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false
  if (accepted().has(toBase64url(bytes))) return true
  if (isSmallOrderPoint(bytes) || !primitives().isTorsionFree(bytes)) return false
  rememberAcceptable(bytes)
  return true
}

// u of the points of order 1, 2, 4 and 8 on curve25519 and its twist (RFC 7748 §6.1; Bernstein's list at cr.yp.to/ecdh.html).
const SMALL_ORDER_U = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
].map(fromHex)

/**
 * True for an X25519 public key that may be registered: 32 bytes, u < 2^255 − 19 with the top bit clear, and not of small
 * order, which would make the shared secret zero whatever the other side's key is.
 */
export function acceptableSealingKey(bytes: Uint8Array): boolean {
  if (bytes.length !== 32 || (bytes[31] as number) > 0x7f) return false
  // u ≥ p only for ed ff … ff 7f and its 18 successors.
  const nearTop = bytes[31] === 0x7f && bytes.subarray(1, 31).every((byte) => byte === 0xff)
  if (nearTop && (bytes[0] as number) >= 0xed) return false
  return !isOneOf(SMALL_ORDER_U, bytes, 0xff)
}
