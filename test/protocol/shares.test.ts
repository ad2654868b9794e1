import { combine, split } from 'shamir-secret-sharing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runInNewContext } from 'node:vm'
import { checkKeyOf } from '../../client-sdk/src/protocol/check-key.ts'
import { interpolateAtZero } from '../../client-sdk/src/protocol/interpolation.ts'
import { Secret } from '../../client-sdk/src/protocol/secret.ts'
import {
  MAX_SHARES,
  SHARE_LENGTH,
  combineShares,
  parseShare,
  splitSecret,
  subsetCount,
  type Share,
} from '../../client-sdk/src/protocol/shares.ts'

const refusal = (code: string) => expect.objectContaining({ code })
const secretOf = (fill: number) => Secret.of(new Uint8Array(32).fill(fill))
const xsOf = (shares: readonly Share[]) => shares.map((share) => share.x)
const at = <T>(list: readonly T[], i: number): T => list[i] as T

/** A seeded pick of t of n, for where there are too many subsets to try. */
const pick = (n: number, t: number, seed: number): number[] => {
  const left = Array.from({ length: n }, (_, i) => i)
  let state = seed + 1
  return Array.from({ length: t }, () => {
    state = (state * 48271) % 2147483647
    return at(left.splice(state % left.length, 1), 0)
  })
}

const opened = async (shares: readonly Share[], xs: readonly number[], threshold: number): Promise<string> =>
  Buffer.from((await combineShares(shares, { threshold, xs })).expose()).toString('hex')

describe('split and combine', () => {
  const pairs = Array.from({ length: 15 }, (_, n) => n + 2).flatMap((n) =>
    Array.from({ length: n - 1 }, (_, t) => [t + 2, n] as const),
  )

  it.each(pairs)('%i of %i: t give the secret back, t − 1 give nothing', async (threshold, count) => {
    const secret = Secret.random(32)
    const expected = Buffer.from(secret.expose()).toString('hex')
    const shares = await splitSecret(secret, { threshold, shares: count })
    const xs = xsOf(shares)
    expect(shares).toHaveLength(count)
    expect(new Set(xs).size).toBe(count)
    for (const { x, bytes } of shares) {
      expect(bytes).toHaveLength(SHARE_LENGTH)
      expect(x).toBeGreaterThan(0)
      expect(bytes.at(-1)).toBe(x)
    }
    for (let seed = 0; seed < 4; seed += 1) {
      const chosen = pick(count, threshold, seed).map((i) => at(shares, i))
      expect(await opened(chosen, xs, threshold)).toBe(expected)
      const tooFew = chosen.slice(1)
      await expect(combineShares(tooFew, { threshold, xs })).rejects.toEqual(refusal('too_few_shares'))
      // And without the wrapper: what fewer shares interpolate to is not the secret.
      if (tooFew.length >= 2) {
        const wrong = await combine(tooFew.map((share) => Uint8Array.from(share.bytes)))
        expect(Buffer.from(wrong).toString('hex')).not.toBe(expected)
      }
    }
  })

  it('every t − 1 subset of 4 of 7 leaves every value of a byte possible', async () => {
    // For each guess of the secret there is exactly one polynomial through 0 and three shares: nothing is told.
    const shares = await splitSecret(secretOf(7), { threshold: 4, shares: 7 })
    const [a, b, c, d] = shares as readonly [Share, Share, Share, Share, ...Share[]]
    const seen = new Set<number>()
    for (let guess = 0; guess < 256; guess += 1) {
      const other = Uint8Array.from(d.bytes)
      other[0] = guess
      seen.add(at([...interpolateAtZero([a, b, c, { x: d.x, bytes: other }])], 0))
    }
    expect(seen.size).toBe(256)
  })

  it('interpolates as the library does, for any shares', async () => {
    const share = fc.uint8Array({ minLength: SHARE_LENGTH, maxLength: SHARE_LENGTH })
    await fc.assert(
      fc.asyncProperty(fc.array(share, { minLength: 2, maxLength: 8 }), async (raw) => {
        const distinct = [...new Map(raw.map((bytes) => [bytes.at(-1), Uint8Array.from(bytes)])).values()]
        const parsed = distinct.map(parseShare).filter((one) => one !== null)
        if (parsed.length < 2) return
        expect(interpolateAtZero(parsed)).toEqual(await combine(parsed.map((one) => one.bytes)))
      }),
    )
  })

  it('tries all subsets of 5 of 9 in well under 10 ms', async () => {
    await splitSecret(secretOf(1), { threshold: 5, shares: 9 })
    const times: number[] = []
    for (let i = 0; i < 9; i += 1) {
      const start = performance.now()
      await splitSecret(secretOf(i), { threshold: 5, shares: 9 })
      times.push(performance.now() - start)
    }
    expect(
      at(
        times.sort((a, b) => a - b),
        4,
      ),
    ).toBeLessThan(10)
  })

  it('serves the largest circle, whose subsets are sampled', async () => {
    const shares = await splitSecret(secretOf(3), { threshold: 16, shares: MAX_SHARES })
    expect(subsetCount(32, 16)).toBe(601_080_390)
    expect(await opened(shares.slice(9, 25), xsOf(shares), 16)).toBe('03'.repeat(32))
  })
})

describe('what the library lets pass and the wrapper does not', () => {
  const circle = async () => {
    const shares = await splitSecret(secretOf(0x11), { threshold: 3, shares: 5 })
    return { shares, xs: xsOf(shares), first: shares.slice(0, 3) }
  }
  const rejects = (shares: readonly Share[], xs: readonly number[], threshold = 3) =>
    expect(combineShares(shares, { threshold, xs })).rejects.toEqual(refusal('share_rejected'))

  it('x = 0: one share would choose the outcome', async () => {
    const { shares, xs, first } = await circle()
    const chosen = new Uint8Array(SHARE_LENGTH).fill(0xee)
    chosen[SHARE_LENGTH - 1] = 0
    const raw = [chosen, ...first.slice(1).map((share) => Uint8Array.from(share.bytes))]
    expect(await combine(raw)).toEqual(new Uint8Array(32).fill(0xee))
    expect(parseShare(chosen)).toBeNull()
    await rejects([{ x: 0, bytes: chosen }, ...shares.slice(1, 3)], [0, ...xs])
  })

  it('an x twice, an x of no slot, an x that is not the one in the bytes', async () => {
    const { shares, xs, first } = await circle()
    await rejects([at(first, 0), at(first, 0), at(first, 1)], xs)
    await rejects(first, xsOf(shares.slice(1)))
    await rejects([{ ...at(first, 0), x: at(xs, 4) }, ...first.slice(1)], xs)
  })

  it('truncated shares, all alike or not, and longer ones', async () => {
    const { xs, first } = await circle()
    await rejects(
      first.map(({ x, bytes }) => ({ x, bytes: bytes.subarray(1) })),
      xs,
    )
    await rejects([{ x: at(xs, 0), bytes: at(first, 0).bytes.subarray(1) }, ...first.slice(1)], xs)
    await rejects(
      first.map(({ x, bytes }) => ({ x, bytes: Uint8Array.of(0, ...bytes) })),
      xs,
    )
    expect(parseShare(new Uint8Array(0))).toBeNull()
  })

  it('more than t shares, where one false one would still spoil the outcome', async () => {
    const { shares, xs } = await circle()
    await rejects(shares.slice(0, 4), xs)
  })

  it('fewer than t', async () => {
    const { first, xs } = await circle()
    for (const some of [[], first.slice(0, 1), first.slice(0, 2)]) {
      await expect(combineShares(some, { threshold: 3, xs })).rejects.toEqual(refusal('too_few_shares'))
    }
    await expect(combineShares(first.slice(0, 1), { threshold: 1, xs })).rejects.toEqual(
      refusal('threshold_out_of_range'),
    )
  })

  it('a Buffer and an array of another realm are taken, since both are bytes', async () => {
    const { xs, first } = await circle()
    await expect(combine(first.map(({ bytes }) => Buffer.from(bytes)))).rejects.toThrow()
    const foreign = (bytes: Uint8Array) =>
      runInNewContext(`new Uint8Array([${bytes.join(',')}])`) as Uint8Array
    await expect(combine(first.map(({ bytes }) => foreign(bytes)))).rejects.toThrow()
    for (const other of [Buffer.from, foreign]) {
      const shares = first.map(({ x, bytes }) => ({
        x,
        bytes: (other as (b: Uint8Array) => Uint8Array)(bytes),
      }))
      expect(await opened(shares, xs, 3)).toBe('11'.repeat(32))
    }
  })

  it('3.5 shares, thresholds out of range, secrets of another length', async () => {
    expect(await split(new Uint8Array(32), 3.5, 2)).toHaveLength(4)
    const made = (threshold: number, shares: number, secret = secretOf(1)) =>
      splitSecret(secret, { threshold, shares })
    await expect(made(2, 3.5)).rejects.toEqual(refusal('malformed'))
    await expect(made(2.5, 4)).rejects.toEqual(refusal('malformed'))
    await expect(made(Number.NaN, 4)).rejects.toEqual(refusal('malformed'))
    for (const threshold of [1, 0, -1, 6]) {
      await expect(made(threshold, 5)).rejects.toEqual(refusal('threshold_out_of_range'))
    }
    await expect(made(2, 33)).rejects.toEqual(refusal('too_many_contacts'))
    await expect(made(2, 3, Secret.random(31))).rejects.toEqual(refusal('malformed'))
    await expect(made(2, 3, Secret.random(33))).rejects.toEqual(refusal('malformed'))
  })
})

describe('the check key of a share', () => {
  const place = { circle: 'circle-1', epoch: 1, slot: 2 }

  it('names a flipped bit, another x, another split, another place: each has another key', async () => {
    const [share] = await splitSecret(secretOf(0x22), { threshold: 2, shares: 2 })
    const [foreign] = await splitSecret(secretOf(0x22), { threshold: 2, shares: 2 })
    const { x, bytes } = share as Share
    const own = Buffer.from((await checkKeyOf({ x, bytes }, place)).publicKey).toString('hex')
    const keys = new Set([own])
    for (let bit = 0; bit < SHARE_LENGTH * 8; bit += 1) {
      const altered = Uint8Array.from(bytes)
      altered[bit >> 3] = at([...altered], bit >> 3) ^ (1 << (bit & 7))
      keys.add(Buffer.from((await checkKeyOf({ x, bytes: altered }, place)).publicKey).toString('hex'))
    }
    const places = [
      { ...place, circle: 'circle-2' },
      { ...place, epoch: 2 },
      { ...place, slot: 3 },
    ]
    for (const other of places) {
      keys.add(Buffer.from((await checkKeyOf({ x, bytes }, other)).publicKey).toString('hex'))
    }
    keys.add(Buffer.from((await checkKeyOf(foreign as Share, place)).publicKey).toString('hex'))
    expect(keys.size).toBe(1 + SHARE_LENGTH * 8 + places.length + 1)
    const again = await checkKeyOf({ x, bytes: Uint8Array.from(bytes) }, place)
    expect(Buffer.from(again.publicKey).toString('hex')).toBe(own)
    await expect(checkKeyOf({ x, bytes: bytes.subarray(1) }, place)).rejects.toEqual(
      refusal('share_rejected'),
    )
  })

  it('does not confuse places whose parts run together', async () => {
    const share = { x: 1, bytes: new Uint8Array(SHARE_LENGTH).fill(1) }
    const one = await checkKeyOf(share, { circle: 'a', epoch: 1, slot: 2 })
    const other = await checkKeyOf(share, { circle: 'a\0', epoch: 1, slot: 2 })
    expect(one.publicKey).not.toEqual(other.publicKey)
  })
})
