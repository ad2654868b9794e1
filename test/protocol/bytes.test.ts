import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as bytes from '../../client-sdk/src/protocol/bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 200 })

describe('base64url', () => {
  it('encodes as RFC 4648 §5 without padding, and reads its own output', () => {
    fc.assert(
      fc.property(anyBytes, (input) => {
        const text = bytes.toBase64url(input)
        expect(text).toBe(Buffer.from(input).toString('base64url'))
        expect(bytes.fromBase64url(text)).toEqual(Uint8Array.from(input))
      }),
    )
  })

  it('takes one spelling only: whatever it reads, it would write the same way', () => {
    const alphabet = fc.constantFrom(...'AQgwBZabz019-_+/= \n\t\0é=')
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
        const read = bytes.fromBase64url(text)
        if (read !== null) expect(bytes.toBase64url(read)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    'A',
    'AAAAA',
    'AB',
    'AAB',
    'AA==',
    'AA=',
    'A A',
    ' AA',
    'AA\n',
    '+A',
    '/A',
    'é',
    '\u0100A',
    'AA\0',
    '\uD800A',
  ])('refuses %j', (text) => expect(bytes.fromBase64url(text)).toBeNull())

  it('reads the empty text as no bytes', () => expect(bytes.fromBase64url('')).toEqual(new Uint8Array(0)))

  it('reads and writes a large payload within a few milliseconds', () => {
    const large = new Uint8Array(90_000).fill(0xa5)
    const start = performance.now()
    for (let i = 0; i < 10; i += 1) bytes.fromBase64url(bytes.toBase64url(large))
    expect((performance.now() - start) / 10).toBeLessThan(50)
  })
})

describe('UTF-8', () => {
  it('reads back what it writes, byte order marks included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(bytes.fromUtf8(bytes.utf8(text))).toBe(text)
      }),
    )
    expect(bytes.fromUtf8(bytes.utf8('\uFEFFa'))).toBe('\uFEFFa')
  })

  it('gives null for ill-formed bytes: overlong, surrogate, cut short', () => {
    for (const ill of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xff], [0xf4, 0x90, 0x80, 0x80]]) {
      expect(bytes.fromUtf8(Uint8Array.from(ill))).toBeNull()
    }
  })
})

describe('joining and comparing', () => {
  it('concatenates copies', () => {
    const part = Uint8Array.of(1, 2)
    const joined = bytes.concat(part, new Uint8Array(0), part)
    part[0] = 9
    expect(joined).toEqual(Uint8Array.of(1, 2, 1, 2))
  })

  it('tells lists of parts apart once they are length-prefixed', () => {
    const encode = (parts: readonly Uint8Array[]) =>
      bytes.toHex(bytes.concat(...parts.map(bytes.lengthPrefixed)))
    const parts = fc.array(fc.uint8Array({ maxLength: 3, max: 1 }), { maxLength: 4 })
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = JSON.stringify(one.map((p) => [...p])) === JSON.stringify(other.map((p) => [...p]))
        expect(encode(one) === encode(other)).toBe(same)
      }),
      { numRuns: 2000 },
    )
  })

  it('compares by content', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(bytes.equalBytes(a, Uint8Array.from(a))).toBe(true)
        expect(bytes.equalBytes(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0)
      }),
    )
    expect(bytes.equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  })

  it('writes integers big-endian and refuses what does not fit', () => {
    expect(bytes.toHex(bytes.uint32(0x01020304))).toBe('01020304')
    expect(bytes.toHex(bytes.uint32(0xffffffff))).toBe('ffffffff')
    expect(bytes.toHex(bytes.uint64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff')
    expect(bytes.toHex(bytes.uint64(0x1_0000_0002))).toBe('0000000100000002')
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 32]) expect(() => bytes.uint32(bad)).toThrow('required form')
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => bytes.uint64(bad)).toThrow('required form')
  })
})
