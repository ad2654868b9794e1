import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { usePrimitives } from '../../client-sdk/src/platform/active.ts'
import { noble } from '../../client-sdk/src/platform/noble.ts'
import { toHex } from '../../client-sdk/src/protocol/bytes.ts'
import {
  acceptableIdentity,
  identityFromSeed,
  identityHash,
  publicHalf,
} from '../../client-sdk/src/protocol/identity.ts'
import {
  compareSafetyQr,
  formatSafetyNumber,
  safetyNumber,
  safetyQr,
  type Party,
} from '../../client-sdk/src/protocol/safety-number.ts'
import { Secret } from '../../client-sdk/src/protocol/secret.ts'

const seed = (fill: number) => Secret.of(new Uint8Array(32).fill(fill))
const party = async (account: string, fill: number): Promise<Party> => ({
  account,
  identity: publicHalf(await identityFromSeed(seed(fill))),
})
const EMPTY = 'A'.repeat(43)

describe('an identity', () => {
  it('follows from its seed, the same on noble as on the platform', async () => {
    const here = await identityFromSeed(seed(1))
    const before = usePrimitives(noble)
    const there = await identityFromSeed(seed(1)).finally(() => usePrimitives(before))
    expect(publicHalf(here)).toEqual(publicHalf(there))
    expect(publicHalf(here)).not.toEqual(publicHalf(await identityFromSeed(seed(2))))
    expect(acceptableIdentity(publicHalf(here))).toBe(true)
  })

  it('has keys that tell nothing of each other, nor of the seed', async () => {
    const { signing, sealing } = await identityFromSeed(seed(1))
    const all = [seed(1), signing.seed, sealing.secret].map((one) => toHex(one.expose()))
    expect(new Set(all).size).toBe(3)
    expect(JSON.stringify({ signing, sealing })).not.toContain(all[1])
  })

  it('takes 32 bytes of seed, and public keys of 32 bytes', async () => {
    for (const length of [0, 31, 33]) {
      await expect(identityFromSeed(Secret.random(length))).rejects.toMatchObject({ code: 'malformed' })
    }
    const good = (await party('a', 1)).identity
    expect(() => identityHash({ ...good, signing: '' })).toThrow('required form')
    expect(() => identityHash({ ...good, sealing: `${good.sealing}A` })).toThrow('required form')
    for (const bad of [{ signing: EMPTY }, { sealing: EMPTY }, { signing: '!' }, { sealing: '' }]) {
      expect(acceptableIdentity({ ...good, ...bad })).toBe(false)
    }
  })

  it('has a hash that changes with either key and with their order', async () => {
    const { identity } = await party('a', 1)
    const { identity: other } = await party('b', 2)
    const hashes = [
      identity,
      { ...identity, signing: other.signing },
      { ...identity, sealing: other.sealing },
      { signing: identity.sealing, sealing: identity.signing },
    ].map((one) => toHex(identityHash(one)))
    expect(new Set(hashes).size).toBe(4)
    expect(hashes[0]).toHaveLength(64)
  })
})

describe('safety numbers', async () => {
  const anna = await party('anna', 1)
  const ben = await party('ben', 2)
  const number = safetyNumber(anna, ben)

  it('are 60 digits, the same for both, in twelve groups to read', () => {
    expect(number).toMatch(/^\d{60}$/)
    expect(safetyNumber(ben, anna)).toBe(number)
    expect(formatSafetyNumber(number)).toMatch(/^(\d{5} ){11}\d{5}$/)
  })

  it('are what the construction says, computed here without our code', () => {
    const half = ({ account, identity }: Party): string => {
      const key = Buffer.concat(
        [identity.signing, identity.sealing].map((one) => Buffer.from(one, 'base64url')),
      )
      const length = Buffer.alloc(4)
      length.writeUInt32BE(account.length)
      const label = Buffer.from('holdfast/v1/hash/safety-number\0')
      let hash = Buffer.concat([label, length, Buffer.from(account), key])
      for (let i = 0; i < 5200; i += 1) hash = createHash('sha512').update(hash).update(key).digest()
      const groups = [0, 5, 10, 15, 20, 25].map((at) => hash.readUIntBE(at, 5) % 100_000)
      return groups.map((group) => String(group).padStart(5, '0')).join('')
    }
    expect([half(anna), half(ben)].sort().join('')).toBe(number)
  })

  it('change with any key and any account', async () => {
    const changed = [
      { ...anna, account: 'anne' },
      { ...anna, identity: { ...anna.identity, sealing: ben.identity.sealing } },
      { ...anna, identity: { ...anna.identity, signing: ben.identity.signing } },
      await party('anna', 3),
    ]
    expect(new Set([number, ...changed.map((one) => safetyNumber(one, ben))]).size).toBe(5)
  })

  it('have a QR form that both screens show alike, and that tells other people from noise', () => {
    const own = safetyQr(anna, ben)
    expect(safetyQr(ben, anna)).toBe(own)
    expect(compareSafetyQr(own, own)).toBe('same')
    expect(compareSafetyQr(safetyQr(anna, { ...ben, account: 'bert' }), own)).toBe('other')
    for (const noise of [
      '',
      'https://example.org',
      own.slice(1),
      `${own}A`,
      own.replace('.', ''),
      `${own}.AA`,
    ]) {
      expect(compareSafetyQr(noise, own)).toBe('unreadable')
    }
  })
})
