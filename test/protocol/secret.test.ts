import { inspect } from 'node:util'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Secret, randomBytes } from '../../client-sdk/src/protocol/secret.ts'

// Bytes whose every common spelling is easy to search for.
const BYTES = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i)
const SPELLINGS = [
  Buffer.from(BYTES).toString('hex'),
  Buffer.from(BYTES).toString('base64url'),
  Buffer.from(BYTES).toString('base64').replaceAll('=', ''),
  BYTES.join(','),
  BYTES.join(', '),
]

const expectHidden = (printed: string): void => {
  for (const spelling of SPELLINGS) expect(printed).not.toContain(spelling)
  expect(printed).not.toMatch(/160,\s*161/)
}

const logged = (write: (log: pino.Logger) => void): string => {
  let out = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out += chunk.toString()
      done()
    },
  })
  write(pino(stream))
  return out
}

describe('a Secret', () => {
  const secret = Secret.of(BYTES)
  const printings: [string, () => string][] = [
    ['String()', () => String(secret)],
    ['a template', () => `${secret}`],
    ['adding', () => '' + (secret as unknown as string)],
    ['JSON', () => JSON.stringify(secret)],
    ['JSON, nested', () => JSON.stringify({ deep: [{ secret }] })],
    ['inspect', () => inspect(secret)],
    ['inspect, nested, all shown', () => inspect({ secret }, { showHidden: true, depth: 9 })],
    ['inspect without the custom hook', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['an error message', () => new Error(`${secret}`).message],
    ['an error with a cause', () => inspect(new Error('broken', { cause: secret }))],
    ['a log line', () => logged((log) => log.info({ secret, list: [secret] }, 'text'))],
    ['a log line by format', () => logged((log) => log.info('%s %o %j', secret, secret, secret))],
    ['its entries', () => JSON.stringify(Object.entries(secret))],
    ['its own keys', () => JSON.stringify(Reflect.ownKeys(secret).map(String))],
    ['a spread', () => inspect({ ...secret })],
    ['a structured clone', () => inspect(structuredClone({ ...secret }))],
  ]
  it.each(printings)('does not show its bytes in %s', (_, print) => expectHidden(print()))

  it('reads [secret] where it is printed', () => {
    for (const print of printings.slice(0, 3)) expect(print[1]()).toBe('[secret]')
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
    expect(inspect({ secret })).toContain('[secret]')
    expect(Object.keys(secret)).toEqual([])
    // The control: the search finds the bytes where they are shown.
    expect(() => expectHidden(inspect(secret.expose()))).toThrow()
  })

  it('shows its bytes to whoever asks by name, until it is erased', () => {
    const mine = Uint8Array.from(BYTES)
    const own = Secret.of(mine)
    mine.fill(0)
    const inside = own.expose()
    expect(inside).toEqual(BYTES)
    expect(own.length).toBe(32)
    own.erase()
    expect(inside).toEqual(new Uint8Array(32))
    expect(own.length).toBe(0)
    expect(() => own.expose()).toThrow('erased')
    expect(() => own.erase()).not.toThrow()
  })

  it('is random when asked to be', () => {
    const seen = new Set(
      Array.from({ length: 100 }, () => Buffer.from(Secret.random(16).expose()).toString('hex')),
    )
    expect(seen.size).toBe(100)
    expect(randomBytes(24)).toHaveLength(24)
  })
})
