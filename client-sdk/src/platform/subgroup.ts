// Whether an Ed25519 public key is a canonical point without torsion, by one X25519, which every platform has or can have
// quickly: [8·t] with 8·t ≡ 1 (mod L) removes torsion and leaves the rest as it is. X25519 only takes multiples of 8 with bit 254
// set; −1 serves as well as 1, since u forgets the sign, and 5·L − 1 is such a number. So u comes back unchanged
//   · for a torsion-free point P: [5L − 1]P = −P;
//   · for no other point of the curve: P = ±(P without its torsion) leaves only small order, which the caller has excluded;
//   · for no point of the twist, whose order is 4 times a prime that divides neither 5L nor 5L − 2. Thus a y that belongs to no
//     point of the curve is refused without a square root.

const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n

const toBigInt = (littleEndian: Uint8Array): bigint => {
  let text = '0x'
  for (let i = littleEndian.length - 1; i >= 0; i -= 1)
    text += (littleEndian[i] as number).toString(16).padStart(2, '0')
  return BigInt(text)
}

const toBytes = (value: bigint): Uint8Array => {
  const text = value.toString(16).padStart(64, '0')
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(text.slice(62 - 2 * i, 64 - 2 * i), 16))
}

const mod = (value: bigint): bigint => {
  const rest = value % P
  return rest < 0n ? rest + P : rest
}

// Extended Euclid. Its time depends on the value: public keys only.
const invert = (value: bigint): bigint => {
  let [a, b, x, y] = [mod(value), P, 1n, 0n]
  // RFC 7748 computes the inverse as a power, by which that of zero is zero.
  if (a === 0n) return 0n
  while (a > 1n) {
    const quotient = b / a
    ;[a, b, x, y] = [b - quotient * a, a, y - quotient * x, x]
  }
  return mod(x)
}

/** 5·L − 1 as an X25519 secret; it is what clamping would leave of it. */
export const SUBGROUP_SCALAR = toBytes(5n * L - 1n)

/** u = (1 + y) / (1 − y), RFC 7748 §4.1, of an encoded Edwards point, whatever its sign; null unless y < p and y ≠ 1. */
export function montgomeryU(publicKey: Uint8Array): Uint8Array | null {
  const y = toBigInt(publicKey) & (2n ** 255n - 1n)
  if (y >= P || y === 1n) return null
  return toBytes(mod((1n + y) * invert(1n - y)))
}

/**
 * X25519 (RFC 7748 §5) in plain integers, for public values only: it takes about a millisecond, and its time tells the scalar.
 * For browsers, whose own X25519 cannot be asked synchronously.
 */
export function publicX25519(scalar: Uint8Array, u: Uint8Array): Uint8Array {
  const k = toBigInt(scalar)
  const x1 = toBigInt(u)
  let [x2, z2, x3, z3] = [1n, 0n, x1, 1n]
  for (let t = 254n; t >= 0n; t -= 1n) {
    const bit = (k >> t) & 1n
    if (bit === 1n) [x2, x3, z2, z3] = [x3, x2, z3, z2]
    const [a, b] = [x2 + z2, x2 - z2]
    const [aa, bb] = [(a * a) % P, (b * b) % P]
    const [da, cb] = [(x3 - z3) * a, (x3 + z3) * b]
    const e = aa - bb
    x3 = (da + cb) % P
    x3 = (x3 * x3) % P
    z3 = (da - cb) % P
    z3 = (x1 * ((z3 * z3) % P)) % P
    x2 = (aa * bb) % P
    z2 = (e * (aa + 121665n * e)) % P
    if (bit === 1n) [x2, x3, z2, z3] = [x3, x2, z3, z2]
  }
  return toBytes(mod(x2 * invert(z2)))
}
