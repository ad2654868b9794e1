import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  MAX_DEPTH,
  MAX_TEXT_LENGTH,
  canonicalize,
  parseCanonical,
  type Json,
} from '../../client-sdk/src/protocol/encoding.ts'
import { isHoldfastError } from '../../client-sdk/src/protocol/errors.ts'

const MALFORMED = expect.objectContaining({ code: 'malformed' })

/** The outcome of parsing: the value, or the code of the one error that is allowed. Any other throw fails the test. */
const outcome = (text: string): { value: Json } | 'malformed' => {
  try {
    return { value: parseCanonical(text) }
  } catch (error) {
    if (isHoldfastError(error) && error.code === 'malformed') return 'malformed'
    throw error
  }
}

const text = fc.string({ unit: 'binary' })
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('json'),
      { maxKeys: 4 },
    ),
  ),
}))

describe('canonicalize (RFC 8785)', () => {
  it('writes the strings and the order of RFC 8785 §3.2', () => {
    // §3.2.2 and §3.2.3, without the numbers that are no integers.
    expect(
      canonicalize({
        string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
        literals: [null, true, false],
      }),
    ).toBe('{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}')
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']
    const written = canonicalize(Object.fromEntries(names.map((name) => [name, 0])))
    expect(written).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`)
  })

  it('gives one text, whatever order the members were made in', () => {
    fc.assert(
      fc.property(json, (value) => {
        const turned = (one: Json): Json => {
          if (Array.isArray(one)) return one.map(turned)
          if (one === null || typeof one !== 'object') return one
          return Object.fromEntries(
            Object.entries(one)
              .reverse()
              .map(([key, inner]) => [key, turned(inner)]),
          )
        }
        expect(canonicalize(turned(value))).toBe(canonicalize(value))
      }),
    )
  })

  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const refused: [string, unknown][] = [
    ['a fraction', 1.5],
    ['an integer that is not safe', 2 ** 53],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['a hole', Array(1)],
    ['a bigint', 1n],
    ['a function', () => 0],
    ['a symbol', Symbol('s')],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(1)],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['swapped surrogates', '\udc00\ud800'],
    ['__proto__ as a name', JSON.parse('{"__proto__":1}')],
    ['a cycle', cyclic],
  ]
  it.each(refused)('refuses %s', (_, value) => {
    expect(() => canonicalize(value as Json)).toThrow(MALFORMED)
  })
})

describe('parseCanonical', () => {
  it('reads back every canonical text', () => {
    fc.assert(
      fc.property(json, (value) => {
        const written = canonicalize(value)
        expect(canonicalize(parseCanonical(written))).toBe(written)
      }),
    )
  })

  it.each([
    '',
    ' 1',
    '1 ',
    '01',
    '-0',
    '1.0',
    '1e2',
    '9007199254740993',
    '-9007199254740992',
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a":1,"a":2}',
    '{ "a":1}',
    '"\\u0041"',
    '"\\/"',
    '"\\u000A"',
    '"\\ud800"',
    '{"__proto__":{}}',
    '\uFEFF{}',
    'undefined',
    'NaN',
    '[1,]',
    '{"a":1}{}',
    "{'a':1}",
  ])('refuses %j', (written) => expect(outcome(written)).toBe('malformed'))

  it('refuses what is no string at all', () => {
    for (const value of [undefined, null, 1, {}, []])
      expect(outcome(value as unknown as string)).toBe('malformed')
  })

  it(`takes ${MAX_DEPTH} levels and no more`, () => {
    expect(outcome('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH))).not.toBe('malformed')
    expect(outcome('['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1))).toBe('malformed')
    expect(outcome('{"a":'.repeat(MAX_DEPTH + 1) + '1' + '}'.repeat(MAX_DEPTH + 1))).toBe('malformed')
  })

  it('takes the longest text and none longer, quickly even when it is deep', () => {
    const longest = JSON.stringify('a'.repeat(MAX_TEXT_LENGTH - 2))
    expect(outcome(longest)).not.toBe('malformed')
    expect(outcome(JSON.stringify('a'.repeat(MAX_TEXT_LENGTH - 1)))).toBe('malformed')
    const start = performance.now()
    const half = MAX_TEXT_LENGTH / 2
    expect(outcome('['.repeat(half) + ']'.repeat(half))).toBe('malformed')
    expect(outcome('['.repeat(MAX_TEXT_LENGTH))).toBe('malformed')
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('gives a value or `malformed` for any text, and only one text per value', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:0123-eE.\\u a"tfn\uD800é'), maxLength: 30 })
    fc.assert(
      fc.property(fc.oneof(noise, text), (written) => {
        const read = outcome(written)
        if (read !== 'malformed') expect(canonicalize(read.value)).toBe(written)
      }),
      { numRuns: 5000 },
    )
  })

  it('never reads an altered text as the same value', () => {
    fc.assert(
      fc.property(json, fc.nat(), fc.nat({ max: 127 }), (value, position, code) => {
        const written = canonicalize(value)
        const at = position % written.length
        const altered = written.slice(0, at) + String.fromCharCode(code) + written.slice(at + 1)
        const read = outcome(altered)
        if (altered !== written && read !== 'malformed') expect(canonicalize(read.value)).not.toBe(written)
      }),
      { numRuns: 1000 },
    )
  })
})
