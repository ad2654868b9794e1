import { verify as nodeVerify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64url, toBase64url, utf8 } from '../../client-sdk/src/protocol/bytes.ts'
import { LABELS, SIGNED_TYPES, labelBytes, signedPrefix } from '../../client-sdk/src/protocol/labels.ts'
import { REMEMBERED_KEYS } from '../../client-sdk/src/protocol/public-keys.ts'
import { Secret } from '../../client-sdk/src/protocol/secret.ts'
import { signMessage, signText, signingPublicKey, verifyText } from '../../client-sdk/src/protocol/signing.ts'
import { codePaths } from '../support/code-paths.ts'

const paths = await codePaths()
const seedBytes = new Uint8Array(32).fill(0x42)
const TEXT = '{"a":1}'

describe('labels', () => {
  it('are all different, and none begins another', () => {
    const all = [...Object.values(LABELS).map(labelBytes), ...SIGNED_TYPES.map(signedPrefix)].map(toBase64url)
    expect(new Set(all).size).toBe(all.length)
    const texts = [...Object.values(LABELS), ...SIGNED_TYPES.map((type) => `holdfast/v1/${type}`)].map(
      (l) => `${l}\0`,
    )
    for (const one of texts) {
      expect(one).toMatch(/^holdfast\/v1\/[a-z0-9/-]+\0$/)
      expect(texts.filter((other) => other.startsWith(one))).toEqual([one])
    }
  })
})

describe.each(paths)('signed messages on $name', (path) => {
  const run = path.run

  it('are Ed25519 over label, zero byte and text, as anyone can check', () =>
    run(async ({ signing, Secret: S }) => {
      const seed = S.of(seedBytes)
      const signature = await signing.signText('veto', TEXT, seed)
      const key = toBase64url(await signing.signingPublicKey(seed))
      const jwk = { key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' } as const
      const bytes = fromBase64url(signature) ?? new Uint8Array(0)
      expect(nodeVerify(null, utf8(`holdfast/v1/veto\0${TEXT}`), jwk, bytes)).toBe(true)
      expect(await signing.verifyText('veto', TEXT, signature, key)).toBe(true)
      expect(await signing.verifyText('veto', TEXT, signature, fromBase64url(key) ?? '')).toBe(true)
    }))

  it('fail under another type, text or key, and with any bit of the signature flipped', () =>
    run(async ({ signing, Secret: S }) => {
      const seed = S.of(seedBytes)
      const signature = await signing.signText('veto', TEXT, seed)
      const key = await signing.signingPublicKey(seed)
      const other = await signing.signingPublicKey(S.of(seedBytes.map((byte) => byte ^ 1)))
      expect(await signing.verifyText('cancel', TEXT, signature, key)).toBe(false)
      expect(await signing.verifyText('veto', '{"a":2}', signature, key)).toBe(false)
      expect(await signing.verifyText('veto', TEXT, signature, other)).toBe(false)
      const bytes = fromBase64url(signature) ?? new Uint8Array(0)
      for (let bit = 0; bit < 512; bit += 1) {
        const altered = Uint8Array.from(bytes)
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(await signing.verifyText('veto', TEXT, toBase64url(altered), key), `bit ${bit}`).toBe(false)
      }
    }))

  it('answer false, and never throw, for whatever else is passed', () =>
    run(async ({ signing, Secret: S }) => {
      const seed = S.of(seedBytes)
      const good = await signing.signText('veto', TEXT, seed)
      const key = toBase64url(await signing.signingPublicKey(seed))
      const noise = fc.oneof(fc.string(), fc.uint8Array({ maxLength: 70 }).map(toBase64url))
      await fc.assert(
        fc.asyncProperty(noise, async (text) => {
          expect(await signing.verifyText('veto', TEXT, text, key)).toBe(false)
          expect(await signing.verifyText('veto', TEXT, good, text)).toBe(false)
          expect(await signing.verifyText('veto', TEXT, good, utf8(text))).toBe(false)
        }),
        { numRuns: 50 },
      )
      for (const spelling of [
        `${good}=`,
        `${good}==`,
        ` ${good}`,
        good.replaceAll('-', '+').replaceAll('_', '/') + '=',
      ]) {
        expect(await signing.verifyText('veto', TEXT, spelling, key)).toBe(false)
      }
    }))
})

it('the same seed signs the same bytes on every path', async () => {
  const signatures = await Promise.all(
    paths.map((path) =>
      path.run(({ signing, Secret: S }) => signing.signText('manifest', TEXT, S.of(seedBytes))),
    ),
  )
  expect(new Set(signatures).size).toBe(1)
})

describe('signMessage', () => {
  it('signs the canonical text', async () => {
    const seed = Secret.of(seedBytes)
    const { body, signature } = await signMessage('device', { b: 2, a: 'x' }, seed)
    expect(body).toBe('{"a":"x","b":2}')
    expect(signature).toBe(await signText('device', body, seed))
    await expect(signMessage('device', { a: 0.5 }, seed)).rejects.toThrow('required form')
  })

  it('no longer signs once the seed is erased, although its key was imported before', async () => {
    const seed = Secret.of(seedBytes)
    await signMessage('veto', {}, seed)
    seed.erase()
    await expect(signMessage('veto', {}, seed)).rejects.toThrow('erased')
    await expect(signingPublicKey(seed)).rejects.toThrow('erased')
  })
})

describe('the memory of checked keys', () => {
  it('is bounded, and a key that left it is checked and accepted again', async () => {
    const first = Secret.random(32)
    const key = await signingPublicKey(first)
    const signature = await signText('device', TEXT, first)
    for (let i = 0; i <= REMEMBERED_KEYS; i += 1) await signingPublicKey(Secret.random(32))
    const cold = performance.now()
    expect(await verifyText('device', TEXT, signature, key)).toBe(true)
    const warm = performance.now()
    expect(await verifyText('device', TEXT, signature, key)).toBe(true)
    expect(performance.now() - warm).toBeLessThan(warm - cold)
  })
})
