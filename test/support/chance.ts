import { createHash } from 'node:crypto'
import { sealDeterministically, type Randomness, type Share } from '@holdfast/client/protocol'

// GF(2^8) modulo x⁸ + x⁴ + x³ + x + 1, by shift and add: a third implementation, beside the library and interpolation.ts.
const times = (a: number, b: number): number => {
  let out = 0
  for (let x = a, y = b; y > 0; y >>= 1, x = (x << 1) ^ (x & 0x80 ? 0x11b : 0)) if (y & 1) out ^= x
  return out
}

/**
 * Randomness that is the same for the same name, so that vectors can be frozen: SHA-256(name ‖ counter). The polynomial of a
 * split comes from it too; x counts in steps of 29 from 7, so that no x is its slot's number.
 */
export const chanceOf = (name: string): Randomness => {
  let counter = 0
  const bytes = (length: number): Uint8Array => {
    const out = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) {
      const block = createHash('sha256').update(`${name}/${counter++}`).digest()
      out.set(block.subarray(0, Math.min(32, length - at)), at)
    }
    return out
  }
  return {
    bytes,
    seal: (publicKey, plaintext, context) => sealDeterministically(publicKey, plaintext, context, bytes(32)),
    async split(secret, { threshold, shares }) {
      const coefficients = [
        secret.expose(),
        ...Array.from({ length: threshold - 1 }, () => bytes(secret.length)),
      ]
      return Array.from({ length: shares }, (_, index): Share => {
        const x = (7 + 29 * index) % 255 || 255
        const out = new Uint8Array(secret.length + 1)
        for (let i = 0; i < secret.length; i += 1)
          out[i] = coefficients.reduceRight((sum, row) => times(sum, x) ^ (row[i] as number), 0)
        out[secret.length] = x
        return { x, bytes: out }
      })
    },
  }
}
