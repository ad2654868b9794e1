import { type Operation, OPERATIONS, OPERATION_NAMES, shape } from '@holdfast/client/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromJSONSchema } from 'zod'
import * as zod from 'zod/mini'

/** A shape, the same in zod, and values that mostly fit. */
interface Pair {
  readonly own: shape.Shape<unknown>
  readonly other: zod.ZodMiniType
  readonly like: fc.Arbitrary<unknown>
}

const leaves: readonly Pair[] = [
  { own: shape.string(), other: zod.string(), like: fc.string() },
  {
    own: shape.string({ pattern: /^[ab]*$/, minLength: 1, maxLength: 3 }),
    other: zod.string().check(zod.regex(/^[ab]*$/), zod.minLength(1), zod.maxLength(3)),
    like: fc.constantFrom('', 'a', 'ab', 'abab', 'c', 'a\n'),
  },
  { own: shape.integer(), other: zod.int(), like: fc.constantFrom(0, -1, 2 ** 53 - 1, 2 ** 53, 1.5) },
  {
    own: shape.integer(-1, 2),
    other: zod.int().check(zod.minimum(-1), zod.maximum(2)),
    like: fc.constantFrom(-2, -1, 0, 2, 3),
  },
  { own: shape.boolean(), other: zod.boolean(), like: fc.boolean() },
  { own: shape.oneOf(['a', 'b']), other: zod.enum(['a', 'b']), like: fc.constantFrom('a', 'b', 'c') },
  { own: shape.oneOf([1]), other: zod.literal(1), like: fc.constantFrom(1, '1') },
  { own: shape.oneOf([null]), other: zod.null(), like: fc.constantFrom(null, 0) },
]

const sideOf = (pairs: Readonly<Record<string, Pair>>, side: keyof Pair) =>
  Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair[side]])) as never

const objectOf = (pairs: Record<string, Pair>, isStrict: boolean): Pair => {
  const [own, other] = [sideOf(pairs, 'own'), sideOf(pairs, 'other')]
  const like = fc.record(sideOf(pairs, 'like') as Record<string, fc.Arbitrary<unknown>>)
  const strays = fc.oneof(
    { weight: 4, arbitrary: like },
    like.map((one) => ({ ...one, stray: 1 })),
  )
  return isStrict
    ? { own: shape.strictObject(own), other: zod.strictObject(other), like: strays }
    : { own: shape.looseObject(own), other: zod.object(other), like: strays }
}

// Among the names none of Object.prototype, which zod takes for fields that are there.
const names = fc.constantFrom('a', 'b', 'd')

const tree: fc.Arbitrary<Pair> = fc.letrec<{ node: Pair }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...leaves),
    tie('node').map(({ own, other, like }) => ({
      own: shape.nullable(own),
      other: zod.nullable(other),
      like: fc.option(like),
    })),
    tie('node').map(({ own, other, like }) => ({
      own: shape.array(own, 1, 2),
      other: zod.array(other).check(zod.minLength(1), zod.maxLength(2)),
      like: fc.array(like, { maxLength: 3 }),
    })),
    tie('node').map(({ own, other, like }) => ({
      own: shape.record(own),
      other: zod.record(zod.string(), other),
      like: fc.dictionary(names, like),
    })),
    fc.tuple(tie('node'), tie('node')).map(([one, two]) => ({
      own: shape.union(one.own, two.own),
      other: zod.union([one.other, two.other]),
      like: fc.oneof(one.like, two.like),
    })),
    fc.tuple(fc.dictionary(names, tie('node')), tie('node'), fc.boolean()).map(([pairs, last, isStrict]) => {
      const e = { own: shape.optional(last.own), other: zod.optional(last.other), like: last.like }
      return objectOf({ ...pairs, e }, isStrict)
    }),
    fc
      .tuple(fc.dictionary(names, tie('node')), fc.boolean())
      .map(([pairs, isStrict]) => objectOf(pairs, isStrict)),
  ),
})).node

const stranger = fc.jsonValue({ maxDepth: 3 }).filter((one) => !JSON.stringify(one).includes('__proto__'))
// As everything that the guards ever see: out of JSON.parse.
const cases = tree
  .chain((pair) => fc.tuple(fc.constant(pair), fc.oneof(stranger, { weight: 3, arbitrary: pair.like })))
  .map(([pair, value]) => ({ ...pair, value: JSON.parse(JSON.stringify(value)) as unknown }))

describe('shapes', () => {
  it('accept what the same schema of zod accepts, and nothing else', () => {
    const seen = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(cases, ({ own, other, value }) => {
        const accepted = own.accepts(value)
        seen[accepted ? 'accepted' : 'refused'] += 1
        expect(accepted).toBe(other.safeParse(value).success)
      }),
      { numRuns: 5000 },
    )
    // An agreement about refusals alone would say little.
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(500)
  })

  it('accept what zod’s reading of their own JSON Schema accepts', () => {
    fc.assert(
      fc.property(cases, ({ own, value }) => {
        const other = fromJSONSchema(JSON.parse(JSON.stringify(own.schema)))
        expect(other.safeParse(value).success).toBe(own.accepts(value))
      }),
      { numRuns: 500 },
    )
  })

  it('take only own fields, and __proto__ for the unknown field that it is', () => {
    const one = shape.strictObject({ constructor: shape.string() })
    expect(one.accepts({})).toBe(false)
    expect(shape.strictObject({ constructor: shape.optional(shape.string()) }).accepts({})).toBe(true)
    expect(shape.strictObject({}).accepts(JSON.parse('{"__proto__": 1}'))).toBe(false)
    expect(shape.record(shape.integer()).accepts(JSON.parse('{"__proto__": "x"}'))).toBe(false)
  })

  it('give the value back itself, or throw malformed', () => {
    const one = { a: 1 }
    const guard = shape.strictObject({ a: shape.integer() })
    expect(guard.parse(one)).toBe(one)
    expect(() => guard.parse({ a: '1' })).toThrow(expect.objectContaining({ code: 'malformed' }))
    expect(guard.safeParse({})).toEqual({ success: false })
  })

  it('refuse any value in place of any operation’s body, query, parameters or answer, without a crash', () => {
    const operations = OPERATION_NAMES.map((name): Operation => OPERATIONS[name])
    const shapes = operations.flatMap(({ params, query, body, answer }) => [params, query, body, answer])
    fc.assert(
      fc.property(fc.anything(), (one) => {
        for (const each of shapes) {
          const isObject = typeof one === 'object' && one !== null
          if (each !== null && !isObject) expect(each.accepts(one)).toBe(false)
          each?.accepts(one)
        }
      }),
    )
  })
})
