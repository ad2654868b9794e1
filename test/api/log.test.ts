import fc from 'fast-check'
import { HoldfastError } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import { allowed, openLog, thrownFields, type LogFields } from '../../src/observe/log.ts'

const PLANTED = 'PLANTED-SECRET-4711'

describe('the log', () => {
  it('takes fields that it knows, in the form that each must have', () => {
    const fields = {
      operation: 'veto',
      status: 200,
      durationMs: 1.5,
      account: 'A'.repeat(22),
      url: 'http://127.0.0.1:8080',
    }
    expect(allowed(fields)).toEqual(fields)
  })

  it('leaves out every other field, and every value of another form', () => {
    const wrong = {
      body: PLANTED,
      token: PLANTED,
      authorization: `Bearer ${PLANTED}`,
      operation: `veto ${PLANTED} with spaces`,
      account: `${'A'.repeat(22)}${PLANTED}`,
      status: PLANTED,
      durationMs: Number.NaN,
      code: { nested: PLANTED },
      frames: [`${PLANTED} "quoted"`, 7],
      url: [PLANTED],
    }
    expect(JSON.stringify(allowed(wrong))).not.toContain(PLANTED)
    expect(allowed(wrong)).toEqual({ frames: [] })
  })

  it('never takes a key, hash, share or token: they fit nowhere', () => {
    // 32 bytes and more in base64url; the fields for words end at 80 characters, ids have exactly 22.
    const secret = fc
      .uint8Array({ minLength: 61, maxLength: 128 })
      .map((bytes) => Buffer.from(bytes).toString('base64url'))
    const names = [
      'account',
      'code',
      'operation',
      'status',
      'folder',
      'url',
      'body',
      'share',
      'message',
      'err',
    ]
    fc.assert(
      fc.property(secret, (text) => {
        const line = JSON.stringify(allowed(Object.fromEntries(names.map((name) => [name, text]))))
        expect(line).not.toContain(text)
      }),
    )
    const id = Buffer.alloc(32, 7).toString('base64url')
    expect(allowed({ account: id })).toEqual({})
  })

  it('says of an error what it is and where it was thrown, and not what it says', () => {
    const error = Object.assign(new TypeError(`${PLANTED}\n    at ${PLANTED} (x)`), { code: 'E_TEST' })
    const fields = thrownFields(new HoldfastError('internal', { cause: error }).cause)
    expect(fields).toMatchObject({ errorName: 'TypeError', code: 'E_TEST' })
    const line = JSON.stringify(allowed({ ...fields }))
    expect(line).not.toContain(`${PLANTED} (x)`)
    expect(line).toContain('log.test.ts')
    expect(thrownFields(PLANTED)).toEqual({ errorName: 'string' })
  })

  it('writes lines of JSON, from the level that was set', () => {
    const lines: string[] = []
    const log = openLog('info', { write: (line) => void lines.push(line) })
    log('debug', 'http_served', { status: 200 })
    log('info', 'service_stopped', { status: 200, body: PLANTED } as LogFields)
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 30,
      time: expect.any(Number) as number,
      status: 200,
      msg: 'service_stopped',
    })
  })
})
