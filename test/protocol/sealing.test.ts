import { describe, expect, it } from 'vitest'
import { noble } from '../../client-sdk/src/platform/noble.ts'
import { toBase64url, utf8 } from '../../client-sdk/src/protocol/bytes.ts'
import { SEALING_OVERHEAD } from '../../client-sdk/src/protocol/sealing.ts'
import { codePaths } from '../support/code-paths.ts'

const paths = await codePaths()
const secretBytes = new Uint8Array(32).fill(0x5a)
const publicKey = (await noble.sealingKey(secretBytes)).publicKey
const context = { info: utf8('info'), aad: utf8('aad') }
const plaintext = utf8('a share')

describe.each(paths)('sealing to a key on $name', ({ run }) => {
  it('opens what was sealed, twice differently, of any length', () =>
    run(async ({ sealing, Secret }) => {
      const secret = Secret.of(secretBytes)
      const seen = new Set<string>()
      for (const length of [0, 1, 33, 4096]) {
        const text = new Uint8Array(length).fill(1)
        for (const key of [publicKey, toBase64url(publicKey)]) {
          const sealed = await sealing.sealTo(key, text, context)
          expect(sealed).toHaveLength(length + SEALING_OVERHEAD)
          expect(await sealing.openWith(secret, sealed, context)).toEqual(text)
          seen.add(toBase64url(sealed))
        }
      }
      expect(seen.size).toBe(8)
    }))

  it('is opened by every other path', () =>
    run(async ({ sealing }) => {
      const sealed = await sealing.sealTo(publicKey, plaintext, context)
      for (const other of paths) {
        const opened = await other.run((protocol) =>
          protocol.sealing.openWith(protocol.Secret.of(secretBytes), sealed, context),
        )
        expect(opened, other.name).toEqual(plaintext)
      }
    }))

  it('gives null for every flipped bit, every cut, another key and another context', () =>
    run(async ({ sealing, Secret }) => {
      const secret = Secret.of(secretBytes)
      const sealed = await sealing.sealTo(publicKey, plaintext, context)
      for (let bit = 0; bit < sealed.length * 8; bit += 1) {
        const altered = Uint8Array.from(sealed)
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(await sealing.openWith(secret, altered, context), `bit ${bit}`).toBeNull()
      }
      for (let length = 0; length < sealed.length; length += 1) {
        expect(await sealing.openWith(secret, sealed.subarray(0, length), context)).toBeNull()
      }
      expect(await sealing.openWith(Secret.random(32), sealed, context)).toBeNull()
      expect(await sealing.openWith(secret, sealed, { ...context, info: utf8('inf') })).toBeNull()
      expect(await sealing.openWith(secret, sealed, { ...context, aad: utf8('') })).toBeNull()
      expect(await sealing.openWith(secret, sealed, context)).toEqual(plaintext)
    }))

  it('refuses a recipient key that is of small order, not canonical, or no key', () =>
    run(async ({ sealing }) => {
      const topBit = Uint8Array.from(publicKey)
      topBit[31] = (topBit[31] as number) | 0x80
      for (const key of [new Uint8Array(32), topBit, publicKey.subarray(1), new Uint8Array(0), '!', '']) {
        await expect(sealing.sealTo(key, plaintext, context)).rejects.toMatchObject({ code: 'key_rejected' })
      }
    }))

  it('no longer opens once the secret is erased', () =>
    run(async ({ sealing, Secret }) => {
      const secret = Secret.of(secretBytes)
      const sealed = await sealing.sealTo(publicKey, plaintext, context)
      await sealing.openWith(secret, sealed, context)
      secret.erase()
      await expect(sealing.openWith(secret, sealed, context)).rejects.toThrow('erased')
    }))
})

it('the deterministic seal gives the same bytes on every path', async () => {
  const seed = new Uint8Array(32).fill(3)
  const all = await Promise.all(
    paths.map((path) =>
      path.run(({ sealing }) => sealing.sealDeterministically(publicKey, plaintext, context, seed)),
    ),
  )
  expect(new Set(all.map(toBase64url)).size).toBe(1)
})
