import { chacha20poly1305, xchacha20, xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { describe, expect, test } from 'vitest'
import { manifestBody, openRelease, parseBody, signMessage, toBase64url } from '@holdfast/client/protocol'
import { castOf, codeOf, releasedTo, requestOf } from '../support/cast.ts'
import { chanceOf } from '../support/chance.ts'

const P = 2n ** 130n - 5n
const BLOCK = 2n ** 128n

const mod = (value: bigint): bigint => ((value % P) + P) % P
const power = (base: bigint, exponent: bigint): bigint => {
  let out = 1n
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) out = mod(out * b)
  return out
}
const inverse = (value: bigint): bigint => power(value, P - 2n)
const number = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
const little = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))

/** Poly1305's one-time key: the first block of the stream (RFC 8439 §2.6). */
const oneTime = (key: Uint8Array, nonce: Uint8Array) => {
  const block = xchacha20(key, nonce, new Uint8Array(32))
  const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn
  return { r: number(block.subarray(0, 16)) & clamp, s: number(block.subarray(16)) }
}

/**
 * Two blocks and a tag that verify under both keys (no additional data): two linear equations mod 2^130 − 5 in the blocks,
 * tried for other tags until both solutions are blocks. Known as an invisible salamander (Grubbs et al., CRYPTO 2017).
 */
const salamander = (keys: readonly [Uint8Array, Uint8Array], nonce: Uint8Array): Uint8Array => {
  const [one, two] = [oneTime(keys[0], nonce), oneTime(keys[1], nonce)]
  // Lengths block: no additional data, 32 bytes of ciphertext (RFC 8439 §2.8), with the bit that closes a block.
  const lengths = BLOCK + (32n << 64n)
  const chance = chanceOf('salamander')
  for (;;) {
    const tag = number(chance.bytes(16))
    // a·r³ + b·r² + lengths·r = tag − s for both keys.
    const [u, v] = [one, two].map(({ r, s }) =>
      mod((mod(tag - s + BLOCK) - mod(lengths * r)) * inverse(r * r)),
    ) as [bigint, bigint]
    const a = mod((u - v) * inverse(one.r - two.r))
    const b = mod(u - a * one.r)
    const fit = (block: bigint): boolean => block >= BLOCK && block < 2n * BLOCK
    if (fit(a) && fit(b)) return Uint8Array.from([...little(a - BLOCK), ...little(b - BLOCK), ...little(tag)])
  }
}

describe('two keys for one ciphertext', () => {
  test('XChaCha20-Poly1305 alone lets one be made within moments', () => {
    const chance = chanceOf('two keys')
    const keys = [chance.bytes(32), chance.bytes(32)] as const
    const nonce = chance.bytes(24)
    const sealed = salamander(keys, nonce)
    const [first, second] = keys.map((key) => xchacha20poly1305(key, nonce).decrypt(sealed))
    expect(first).toHaveLength(32)
    expect(second).not.toEqual(first)
    expect(() => chacha20poly1305(keys[0], nonce.subarray(12)).decrypt(sealed)).toThrow()
  })

  test('hence a key that the manifest does not commit to opens nothing, even where it is the right one', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const body = parseBody(input.release.manifest.body, manifestBody)
    const commitment = toBase64url(chanceOf('other kc').bytes(32))
    const manifest = await signMessage('manifest', { ...body, commitment }, cast.owner.identity.signing.seed)
    expect(await codeOf(() => openRelease({ ...input, release: { ...input.release, manifest } }))).toBe(
      'backup_damaged',
    )
  })
})
