import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toBase64url, toHex, uint32 } from '../../client-sdk/src/protocol/bytes.ts'
import { LABELS, labelBytes } from '../../client-sdk/src/protocol/labels.ts'
import { deriveKeys, releaseCommitment } from '../../client-sdk/src/protocol/key-schedule.ts'
import {
  MAX_PAYLOAD_BYTES,
  openPayload,
  paddedLength,
  sealPayload,
} from '../../client-sdk/src/protocol/payload.ts'
import { Secret } from '../../client-sdk/src/protocol/secret.ts'
import { noble } from '../../client-sdk/src/platform/noble.ts'
import { codePaths } from '../support/code-paths.ts'

const paths = await codePaths()
const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte)
const keys = { key: Secret.of(fill(1)), coreHash: fill(2), commitment: fill(3) }
const nonce = fill(4, 24)

describe('padding', () => {
  it('never shortens, adds an eighth at most beyond 1 KiB, and only depends on the top bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_PAYLOAD_BYTES + 4 }), (length) => {
        const padded = paddedLength(length)
        expect(padded).toBeGreaterThanOrEqual(length)
        expect(paddedLength(padded)).toBe(padded)
        if (length > 1024) expect(padded).toBeLessThanOrEqual(length * 1.125)
      }),
    )
    const lengths = new Set(
      Array.from({ length: MAX_PAYLOAD_BYTES + 5 }, (_, length) => paddedLength(length)),
    )
    expect(lengths.size).toBeLessThan(130)
    expect([1, 40, 1024].map(paddedLength)).toEqual([1024, 1024, 1024])
    expect([1025, 9000, 65_580].map(paddedLength)).toEqual([1088, 9216, 67_584])
  })
})

describe.each(paths)('a payload on $name', ({ run }) => {
  it('opens to what was sealed, and is sealed alike everywhere', () =>
    run(async ({ payload, Secret: S }) => {
      const own = { ...keys, key: S.of(fill(1)) }
      for (const length of [0, 1, 32, 1020, 1021, 5000, MAX_PAYLOAD_BYTES]) {
        const plaintext = fill(9, length)
        const sealed = payload.sealPayload(plaintext, { ...own, nonce })
        expect(sealed).toHaveLength(24 + paddedLength(4 + length) + 16)
        expect(toBase64url(sealed)).toBe(toBase64url(sealPayload(plaintext, { ...keys, nonce })))
        const opened = payload.openPayload(sealed, own)
        expect(opened).not.toBeNull()
        expect(Buffer.compare(opened ?? fill(0), plaintext)).toBe(0)
      }
    }))

  it('gives null for every flipped bit, another key, core or commitment, and every cut', () =>
    run(async ({ payload, Secret: S }) => {
      const own = { ...keys, key: S.of(fill(1)) }
      const sealed = payload.sealPayload(fill(9, 40), { ...own, nonce })
      for (let bit = 0; bit < sealed.length * 8; bit += 1) {
        sealed[bit >> 3] = (sealed[bit >> 3] as number) ^ (1 << (bit & 7))
        if (payload.openPayload(sealed, own) !== null) expect.fail(`bit ${bit} is not noticed`)
        sealed[bit >> 3] = (sealed[bit >> 3] as number) ^ (1 << (bit & 7))
      }
      for (const length of [0, 23, 24, 40, sealed.length - 1]) {
        expect(payload.openPayload(sealed.subarray(0, length), own)).toBeNull()
      }
      expect(payload.openPayload(concat(sealed, fill(0, 1)), own)).toBeNull()
      expect(payload.openPayload(sealed, { ...own, key: S.of(fill(7)) })).toBeNull()
      expect(payload.openPayload(sealed, { ...own, coreHash: fill(7) })).toBeNull()
      expect(payload.openPayload(sealed, { ...own, commitment: fill(7) })).toBeNull()
      expect(payload.openPayload(sealed, own)).toEqual(fill(9, 40))
    }))
})

describe('payload limits and form', () => {
  it('refuses more than fits, and wrong lengths', () => {
    const tooMuch = fill(0, MAX_PAYLOAD_BYTES + 1)
    expect(() => sealPayload(tooMuch, { ...keys, nonce })).toThrow(
      expect.objectContaining({ code: 'payload_too_large' }),
    )
    const malformed = expect.objectContaining({ code: 'malformed' })
    expect(() => sealPayload(fill(0), { ...keys, nonce: fill(0, 12) })).toThrow(malformed)
    expect(() => sealPayload(fill(0), { ...keys, nonce, coreHash: fill(0, 31) })).toThrow(malformed)
    expect(() => sealPayload(fill(0), { ...keys, nonce, commitment: fill(0, 0) })).toThrow(malformed)
  })

  it('opens one padding only: not a longer one, not one that hides bytes, not a length that lies', () => {
    const aad = concat(labelBytes(LABELS.payload), keys.coreHash, keys.commitment)
    const sealRaw = (padded: Uint8Array) => concat(nonce, noble.xchachaSeal(fill(1), nonce, aad, padded))
    const padded = (length: number, total: number, last = 0) => {
      const out = concat(uint32(length), fill(9, 40), fill(0, total - 44))
      out[total - 1] = last
      return out
    }
    expect(openPayload(sealRaw(padded(40, 1024)), keys)).toEqual(fill(9, 40))
    expect(openPayload(sealRaw(padded(40, 1088)), keys)).toBeNull()
    expect(openPayload(sealRaw(padded(40, 1024, 1)), keys)).toBeNull()
    expect(openPayload(sealRaw(padded(39, 1024)), keys)).toBeNull()
    expect(openPayload(sealRaw(padded(1021, 1024)), keys)).toBeNull()
    expect(openPayload(sealRaw(padded(0xffffffff, 1024)), keys)).toBeNull()
    expect(openPayload(sealRaw(padded(40, 70_000)), keys)).toBeNull()
  })
})

describe('the key schedule', () => {
  const inputs = { coreHash: fill(1), secret: Secret.of(fill(2)), releaseFactor: Secret.of(fill(3)) }
  const shown = ({ encryptionKey, commitment }: ReturnType<typeof deriveKeys>) =>
    `${toHex(encryptionKey.expose())} ${toHex(commitment)}`

  it('changes both outputs with every input', () => {
    const all = [
      inputs,
      { ...inputs, coreHash: fill(9) },
      { ...inputs, secret: Secret.of(fill(9)) },
      { ...inputs, releaseFactor: Secret.of(fill(9)) },
      { ...inputs, secret: inputs.releaseFactor, releaseFactor: inputs.secret },
      { ...inputs, pinOutput: Secret.of(fill(9)) },
      { ...inputs, pinOutput: Secret.of(fill(9, 31)) },
    ].map((one) => shown(deriveKeys(one)))
    expect(new Set(all.flatMap((one) => one.split(' '))).size).toBe(all.length * 2)
    expect(shown(deriveKeys({ ...inputs }))).toBe(all[0])
  })

  it('takes 32-byte inputs only', () => {
    for (const bad of [
      { coreHash: fill(1, 31) },
      { secret: Secret.random(33) },
      { releaseFactor: Secret.random(0) },
    ]) {
      expect(() => deriveKeys({ ...inputs, ...bad })).toThrow(expect.objectContaining({ code: 'malformed' }))
    }
  })

  it('commits to the release factor', () => {
    expect(releaseCommitment(Secret.of(fill(3)))).toHaveLength(32)
    expect(releaseCommitment(Secret.of(fill(3)))).toEqual(releaseCommitment(Secret.of(fill(3))))
    expect(releaseCommitment(Secret.of(fill(3)))).not.toEqual(releaseCommitment(Secret.of(fill(4))))
  })
})
