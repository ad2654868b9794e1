import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as protocol from '@holdfast/client/protocol'
import {
  canonicalize,
  fromBase64url,
  isHoldfastError,
  parseBody,
  parseCanonical,
  toBase64url,
  unpackBackup,
  type Json,
} from '@holdfast/client/protocol'
import { everyMessage } from '../support/messages.ts'

const messages = await everyMessage()

/** A value, or one coded error: anything else is a crash. */
const total = async (run: () => unknown): Promise<void> => {
  try {
    await run()
  } catch (error) {
    if (!isHoldfastError(error)) throw error
  }
}

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.json({ maxDepth: 4 }),
  fc.uint8Array({ maxLength: 300 }).map(toBase64url),
  fc.constantFrom(
    '',
    '{}',
    '[]',
    'null',
    '"',
    '{"a":',
    '[['.repeat(200),
    `"${'\ud800'}"`,
    '1e999',
    '-0',
    '{"__proto__":1}',
  ),
)

describe('every reader is total', () => {
  for (const [name, message] of Object.entries(messages)) {
    test(name, async () => {
      const parts = Object.keys(message.parts)
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...parts), anything, async (part, value) => {
          await total(() => message.read({ ...message.parts, [part]: value }))
        }),
        { numRuns: 60 },
      )
    })
  }
})

// Strict schemas, by their names: all bodies and plaintexts that are parsed from text.
const SCHEMAS = Object.entries(protocol).filter(([name]) =>
  /Body$|Plaintext$|^core$|^transcript$|^contactEntry$/.test(name),
)

describe('every schema is total, and strict', () => {
  test('there are schemas to look at', () => expect(SCHEMAS.length).toBeGreaterThan(25))

  for (const [name, schema] of SCHEMAS) {
    if (typeof schema !== 'object' || !('safeParse' in schema)) continue
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(anything, async (value) => total(() => parseBody(value, schema as never))),
        { numRuns: 60 },
      )
    })
  }

  test('one change to the shape of a body, rightly encoded, is malformed', async () => {
    const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => {
      try {
        canonicalize(value as Json)
        return true
      } catch {
        return false
      }
    })
    const bodies = Object.entries(messages).flatMap(([name, { parts }]) => {
      const found = SCHEMAS.find(([schema]) => schema === camel(name.split(' ')[0] ?? ''))
      return parts['body'] === undefined || found === undefined
        ? []
        : [{ body: parts['body'], schema: found[1] }]
    })
    expect(bodies.length).toBeGreaterThan(15)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bodies),
        fc.nat(),
        json,
        fc.boolean(),
        async ({ body, schema }, at, value, drop) => {
          const whole = parseCanonical(body) as Record<string, Json>
          const keys = Object.keys(whole)
          const key = keys[at % keys.length] ?? ''
          const { [key]: before, ...rest } = whole
          const missing = canonicalize(rest)
          const extra = canonicalize({ ...whole, extra: value as Json })
          const changed = canonicalize({ ...whole, [key]: value as Json })
          for (const text of drop ? [missing, extra] : [changed]) {
            const parsed = await outcome(() => parseBody(text, schema as never))
            if (parsed === 'malformed') continue
            // A value of the right shape: the same kind of thing as before.
            expect(drop).toBe(false)
            expect(typeof value === typeof before || value === null || before === null).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

const camel = (type: string): string =>
  `${type.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Body`

const outcome = async (run: () => unknown): Promise<string> => {
  try {
    await run()
    return 'value'
  } catch (error) {
    if (isHoldfastError(error)) return error.code
    throw error
  }
}

test('bytes of any kind', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      unpackBackup(bytes)
      expect(fromBase64url(toBase64url(bytes))).toEqual(bytes)
    }),
  )
})
