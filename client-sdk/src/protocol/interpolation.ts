// GF(2^8) with the polynomial x⁸ + x⁴ + x³ + x + 1 (FIPS 197 §4.2), as shamir-secret-sharing has it, with generator 3.
const EXP = new Uint8Array(510)
const LOG = new Uint8Array(256)
for (let i = 0, value = 1; i < 255; i += 1) {
  EXP[i] = EXP[i + 255] = value
  LOG[value] = i
  value ^= (value << 1) ^ (value & 0x80 ? 0x11b : 0)
}

const log = (value: number): number => LOG[value] as number

/**
 * The value at zero of the polynomial through the shares, byte by byte: all bytes of a share but the last. A second, quick
 * implementation, used at set-up to try every subset of what the library split; what is recovered comes from the library.
 * The caller has made sure that the x are distinct and none is 0. Not constant-time, like the library.
 */
export function interpolateAtZero(
  shares: readonly { readonly x: number; readonly bytes: Uint8Array }[],
): Uint8Array {
  const length = (shares[0]?.bytes.length ?? 1) - 1
  const out = new Uint8Array(length)
  for (const { x, bytes } of shares) {
    // Lagrange weight at zero: the product of x_j / (x_j − x) over the others, as a sum of logarithms.
    let weight = 0
    for (const other of shares) {
      if (other.x !== x) weight += log(other.x) + 255 - log(other.x ^ x)
    }
    weight %= 255
    for (let i = 0; i < length; i += 1) {
      const byte = bytes[i] as number
      if (byte !== 0) out[i] = (out[i] as number) ^ (EXP[log(byte) + weight] as number)
    }
  }
  return out
}
