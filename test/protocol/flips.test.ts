import { describe, expect, test } from 'vitest'
import { SIGNED_TYPES } from '@holdfast/client/protocol'
import { flipEveryBit } from '../support/flips.ts'
import { everyMessage } from '../support/messages.ts'

const messages = await everyMessage()

/** Types without a message of their own: they are signed as a part of another. */
const WITHIN = ['acceptance-proof', 'decision-proof']

test('there is one of every signed type', () => {
  const present = new Set(Object.keys(messages).map((name) => name.split(' ')[0]))
  expect(SIGNED_TYPES.filter((type) => !present.has(type) && !WITHIN.includes(type))).toEqual([])
})

describe('every single-bit flip is rejected, and names its cause', () => {
  for (const [name, message] of Object.entries(messages)) {
    test(`${name}: unflipped, it is read`, async () => {
      await message.read(message.parts)
    })

    for (const part of Object.keys(message.parts)) {
      const allowed = message.codes[part] ?? []
      test(`${name}, ${part}: ${allowed.join(' or ')}`, async () => {
        const { flips, codes } = await flipEveryBit(message, part)
        expect(flips).toBeGreaterThan(0)
        expect(Object.keys(codes).filter((code) => !allowed.includes(code))).toEqual([])
        expect(Object.values(codes).reduce((sum, count) => sum + count, 0)).toBe(flips)
      })
    }
  }
})
