import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import {
  newWebSealingKey,
  webSealingKey,
  webSigningKey,
  webVerifyingKey,
} from '../../client-sdk/src/platform/web-curves.ts'
import { concat, toBase64url } from '../../client-sdk/src/protocol/bytes.ts'
import {
  acceptablePublicKey,
  acceptableSealingKey,
  isSmallOrderPoint,
} from '../../client-sdk/src/protocol/public-keys.ts'
import { codePaths } from '../support/code-paths.ts'
import { hex, toHex } from '../support/vectors.ts'

// Wycheproof has no key and no R with torsion. Here they are planted: signatures that fulfil the equation multiplied by the
// cofactor, which is what a lenient implementation checks.

const { Point } = ed25519
const L = Point.Fn.ORDER
type EdwardsPoint = typeof Point.BASE

const TORSION = hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
const generator = Point.fromBytes(TORSION)

/** i · T8: all eight points whose order divides 8. */
const torsion: EdwardsPoint[] = []
for (let i = 0, point = Point.ZERO; i < 8; i += 1, point = point.add(generator)) torsion.push(point)

const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`)
const scalarBytes = (scalar: bigint): Uint8Array => hex(scalar.toString(16).padStart(64, '0')).reverse()
const scalarOf = (text: string): bigint => littleEndian(sha512(new TextEncoder().encode(text))) % L

/** Other encodings of a small-order point: y + p where it fits, and the sign bit where x = 0. */
const NON_CANONICAL = [
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
].map(hex)

interface Case {
  readonly title: string
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly valid: boolean
}

/** s = r + h·a for R = r·B + Ti and A = a·B + Tj, as bytes given or as encoded. */
const planted = (title: string, r: bigint, a: bigint, R: Uint8Array, A: Uint8Array, valid: boolean): Case => {
  const message = new TextEncoder().encode(title)
  const h = littleEndian(sha512(concat(R, A, message))) % L
  return { title, key: A, message, signature: concat(R, scalarBytes((r + h * a) % L)), valid }
}

const cases: Case[] = []
for (const name of ['first', 'second', 'third']) {
  const a = scalarOf(`${name} a`)
  const r = scalarOf(`${name} r`)
  torsion.forEach((inKey, j) =>
    torsion.forEach((inR, i) => {
      const A = Point.BASE.multiply(a).add(inKey).toBytes()
      const R = Point.BASE.multiply(r).add(inR).toBytes()
      cases.push(planted(`${name}: torsion ${j} in A, ${i} in R`, r, a, R, A, i === 0 && j === 0))
      cases.push(planted(`${name}: A small ${j}, R torsion ${i}`, r, 0n, R, inKey.toBytes(), false))
      cases.push(planted(`${name}: A torsion ${j}, R small ${i}`, 0n, a, inR.toBytes(), A, false))
    }),
  )
  NON_CANONICAL.forEach((encoding, k) => {
    const A = Point.BASE.multiply(a).toBytes()
    cases.push(planted(`${name}: R non-canonical ${k}`, 0n, a, encoding, A, false))
    cases.push(
      planted(`${name}: A non-canonical ${k}`, r, 0n, Point.BASE.multiply(r).toBytes(), encoding, false),
    )
  })
  const sound = planted(
    `${name}: scalar`,
    r,
    a,
    Point.BASE.multiply(r).toBytes(),
    Point.BASE.multiply(a).toBytes(),
    true,
  )
  const scalar = littleEndian(sound.signature.subarray(32))
  const raised = concat(sound.signature.subarray(0, 32), scalarBytes(scalar + L))
  cases.push(sound, { ...sound, title: `${name}: scalar + L`, signature: raised, valid: false })
}

const paths = await codePaths()

describe(`${cases.length} planted signatures`, () => {
  it('would mostly pass with an implementation that multiplies by the cofactor', () => {
    const lenient = cases.filter((one) => {
      try {
        return ed25519.verify(one.signature, one.message, one.key, { zip215: true })
      } catch {
        return false
      }
    })
    expect(lenient.length).toBeGreaterThan(cases.length * 0.9)
  })

  it.each(paths)('are judged alike by $name', ({ run }) =>
    run(async ({ signing }) => {
      const wrong: string[] = []
      for (const { title, key, message, signature, valid } of cases) {
        if ((await signing.verifyBytes(message, signature, toBase64url(key))) !== valid) wrong.push(title)
      }
      expect(wrong).toEqual([])
    }),
  )

  it.each(paths)(
    'are judged alike by the bare handle of $name where the key is acceptable',
    async ({ primitives }) => {
      const wrong: string[] = []
      for (const { title, key, message, signature, valid } of cases) {
        if (!acceptablePublicKey(key) || isSmallOrderPoint(signature.subarray(0, 32))) continue
        const handle = await primitives.verifyingKey(key)
        if ((await handle.verify(message, signature)) !== valid) wrong.push(title)
      }
      expect(wrong).toEqual([])
    },
  )
})

describe.each(paths)('the look at a public key on $name', ({ primitives }) => {
  const judge = (encoding: Uint8Array): boolean => primitives.isTorsionFree(encoding)
  const expected = (encoding: Uint8Array): boolean => {
    try {
      return Point.fromBytes(Uint8Array.from(encoding), false).isTorsionFree()
    } catch {
      return false
    }
  }

  it('agrees with noble on points with and without torsion, of both signs', () => {
    for (let i = 0; i < 12; i += 1) {
      const clean = Point.BASE.multiply(scalarOf(`key ${i}`))
      torsion.forEach((point, j) => {
        expect(judge(clean.add(point).toBytes()), `key ${i}, torsion ${j}`).toBe(j === 0)
        expect(judge(clean.negate().add(point).toBytes()), `key −${i}, torsion ${j}`).toBe(j === 0)
      })
    }
  })

  it('agrees with noble on any 32 bytes: other points, no point at all, y ≥ p', () => {
    let [points, none] = [0, 0]
    for (let i = 0; i < 60; i += 1) {
      const encoding = sha512(new TextEncoder().encode(`bytes ${i}`)).subarray(0, 32)
      expect(judge(encoding), toHex(encoding)).toBe(expected(encoding))
      try {
        Point.fromBytes(Uint8Array.from(encoding), false)
        points += 1
      } catch {
        none += 1
      }
    }
    expect(Math.min(points, none)).toBeGreaterThan(15)
    for (let y = 0; y < 300; y += 1) {
      // From p − 150 to 2^255 − 1 and, wrapped, a few small ones.
      const encoding = scalarBytes((2n ** 255n - 19n - 150n + BigInt(y)) % 2n ** 255n)
      if (!isSmallOrderPoint(encoding)) expect(judge(encoding), `y = p − 150 + ${y}`).toBe(expected(encoding))
    }
  })
})

describe('keys that may be registered', () => {
  it('are Ed25519 points without torsion', () => {
    const clean = Point.BASE.multiply(scalarOf('a key'))
    torsion.forEach((point, i) => {
      expect(acceptablePublicKey(clean.add(point).toBytes()), `torsion ${i}`).toBe(i === 0)
      expect(acceptablePublicKey(point.toBytes()), `small order ${i}`).toBe(false)
      expect(isSmallOrderPoint(point.toBytes())).toBe(true)
    })
    for (const encoding of NON_CANONICAL) {
      expect(isSmallOrderPoint(encoding)).toBe(true)
      expect(acceptablePublicKey(encoding)).toBe(false)
    }
    expect(acceptablePublicKey(clean.toBytes().subarray(1))).toBe(false)
    expect(acceptablePublicKey(new Uint8Array(33))).toBe(false)
  })

  it('are canonical: y + p is refused though lenient decoders take it', () => {
    // y = 3 … 18 are the only values with a second encoding; 3 and others of them lie on the curve.
    let onCurve = 0
    for (let y = 0; y < 19; y += 1) {
      const encoding = Uint8Array.from({ length: 32 }, (_, i) =>
        i === 0 ? 0xed + y : i === 31 ? 0x7f : 0xff,
      )
      try {
        Point.fromBytes(encoding, true)
        onCurve += 1
      } catch {
        continue
      }
      expect(acceptablePublicKey(encoding)).toBe(false)
    }
    expect(onCurve).toBeGreaterThan(2)
  })

  it('are X25519 coordinates that are canonical and not of small order', () => {
    const small = ['00', '01'].map((first) => hex(first.padEnd(64, '0')))
    small.push(hex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'))
    small.push(hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'))
    small.push(hex('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'))
    for (const key of small) {
      expect(acceptableSealingKey(key)).toBe(false)
      const topBit = Uint8Array.from(key)
      topBit[31] = (topBit[31] as number) | 0x80
      expect(acceptableSealingKey(topBit)).toBe(false)
    }
    for (let first = 0xed; first <= 0xff; first += 1) {
      const key = new Uint8Array(32).fill(0xff)
      key[0] = first
      key[31] = 0x7f
      expect(acceptableSealingKey(key)).toBe(false)
    }
    const nine = hex('09'.padEnd(64, '0'))
    expect(acceptableSealingKey(nine)).toBe(true)
    nine[31] = 0x80
    expect(acceptableSealingKey(nine)).toBe(false)
    expect(acceptableSealingKey(nine.subarray(1))).toBe(false)
  })
})

describe('WebCrypto in this process', () => {
  it('is not used on the fallback path, so that this path does not test WebCrypto twice', async () => {
    const { subtle } = globalThis.crypto
    const before = subtle.importKey
    subtle.importKey = () => Promise.reject(new Error('used'))
    try {
      const path = paths.find(({ name }) => name.includes('fallback'))
      const handle = await path?.primitives.signingKey(new Uint8Array(32).fill(7))
      expect(toHex(handle?.publicKey ?? hex(''))).toBe(
        toHex(ed25519.getPublicKey(new Uint8Array(32).fill(7))),
      )
    } finally {
      subtle.importKey = before
    }
  })

  it('is really used, so that the WebCrypto path does not test noble twice', async () => {
    const seed = new Uint8Array(32).fill(7)
    const handle = await webSigningKey(seed)
    expect(toHex(handle?.publicKey ?? hex(''))).toBe(toHex(ed25519.getPublicKey(seed)))
    expect(await webVerifyingKey(ed25519.getPublicKey(seed))).not.toBeNull()
    expect(await newWebSealingKey()).not.toBeNull()
    expect(toHex((await webSealingKey(seed))?.publicKey ?? hex(''))).toBe(toHex(x25519.getPublicKey(seed)))
  })
})
