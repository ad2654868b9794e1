import {
  ERRORS,
  ERROR_CODES,
  HoldfastError,
  OPERATIONS,
  OPERATION_NAMES,
  outcomesOf,
  type ErrorCode,
  type Operation,
  type OperationName,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectOutcome } from '../support/outcomes.ts'
import { bodyFor, openLayer, pathFor, send, someId, type Layer } from './layer.ts'

const POSTS = OPERATION_NAMES.filter((name) => OPERATIONS[name].method === 'POST')
const WITH_CALLER = OPERATION_NAMES.filter((name) => OPERATIONS[name].caller !== 'none')
const WITH_PARAMS = OPERATION_NAMES.filter((name) => OPERATIONS[name].params !== null)

/** Holds an answer against the code: status, RFC 9457 form, and that it is one of the operation's outcomes. */
const expectProblem = async (response: Response, name: OperationName, code: ErrorCode): Promise<void> => {
  expect(outcomesOf(name)).toContain(code)
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  const { message, status, advice } = ERRORS[code]
  const problem: unknown = await response.json()
  expect(problem).toMatchObject({ type: `urn:holdfast:error:${code}`, title: message, status, code, advice })
  expect(response.status).toBe(status)
  await expectOutcome(name, Promise.reject(new HoldfastError((problem as { code: ErrorCode }).code)), code)
}

let layer: Layer
beforeAll(async () => {
  layer = await openLayer()
})
afterAll(() => layer.close())

describe('a request in the wrong form', () => {
  it.each(POSTS)('%s: malformed, whatever is not JSON or not of the schema', async (name) => {
    const bodies = ['', '{', 'null', '"text"', '[]', '{}', '{"unknown":1}', '{"__proto__":{}}', '\u0000']
    const extra = JSON.stringify({ ...bodyFor(name), unknown: 1 })
    for (const body of [...bodies, extra])
      await expectProblem(await send(layer, name, { body }), name, 'malformed')
    const notUtf8 = new Blob([Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)])
    await expectProblem(await send(layer, name, { body: notUtf8 }), name, 'malformed')
  })

  it.each(POSTS)('%s: malformed for an idempotency key that is none', async (name) => {
    for (const key of ['short', 'x'.repeat(129), 'with spaces in between it'])
      await expectProblem(await send(layer, name, { headers: { 'idempotency-key': key } }), name, 'malformed')
  })

  it.each(WITH_PARAMS)('%s: malformed parameters', async (name) => {
    for (const id of ['x', `${someId()}x`, '%00', '%ff', '..%2f', 'A'.repeat(21) + 'B']) {
      const path = OPERATIONS[name].path.replace(/:\w+/g, id)
      await expectProblem(await send(layer, name, { path }), name, 'malformed')
    }
  })

  it('readLog: malformed query', async () => {
    for (const query of ['after=x', 'after=-1', 'after=1&after=2', 'before=1', `after=${'9'.repeat(16)}`])
      await expectProblem(
        await send(layer, 'readLog', { path: `/v1/account/log?${query}` }),
        'readLog',
        'malformed',
      )
  })

  it.each(POSTS)('%s: too large', async (name) => {
    const { limit = 32 * 1024 }: Operation = OPERATIONS[name]
    const body = JSON.stringify({ ...bodyFor(name), filler: 'x'.repeat(limit) })
    await expectProblem(await send(layer, name, { body }), name, 'too_large')
    // Without a content-length, so that it only shows while reading.
    const stream = new Response(body).body
    const chunked = await fetch(`${layer.url}${pathFor(name)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await layer.token(name)}` },
      body: stream,
      duplex: 'half',
    } as RequestInit)
    await expectProblem(chunked, name, 'too_large')
  })

  it.each(POSTS)('%s: unsupported media type', async (name) => {
    for (const type of [
      '',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
    ])
      await expectProblem(
        await send(layer, name, {
          headers: { 'content-type': type },
          body: new Blob([JSON.stringify(bodyFor(name))]),
        }),
        name,
        'unsupported_media_type',
      )
    const packed = { 'content-encoding': 'gzip' }
    await expectProblem(await send(layer, name, { headers: packed }), name, 'unsupported_media_type')
  })

  it.each(OPERATION_NAMES)('%s: other methods are refused, and the right one named', async (name) => {
    const { path } = OPERATIONS[name]
    const methods = OPERATION_NAMES.filter((other) => OPERATIONS[other].path === path).map(
      (other) => OPERATIONS[other].method,
    )
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await fetch(`${layer.url}${pathFor(name)}`, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, methods.join(', ')])
      expect(await response.json()).toMatchObject({ code: 'method_not_allowed' })
    }
  })

  it('an address that does not exist is not found, in the same form', async () => {
    for (const path of [
      '/',
      '/v1',
      '/v1/nothing',
      '/v1/Account',
      '/v1/account/',
      '/V1/account',
      '/healthz/',
      '/v1/service%00',
    ]) {
      const response = await fetch(`${layer.url}${path}`)
      expect([path, response.status]).toEqual([path, 404])
      expect(await response.json()).toMatchObject({ code: 'not_found' })
    }
  })
})

describe('who is calling', () => {
  it.each(WITH_CALLER)(
    '%s: sign-in required without a token, or with one of the other kind',
    async (name) => {
      for (const authorization of ['', 'Basic YTpi', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(3000)}`])
        await expectProblem(await send(layer, name, { headers: { authorization } }), name, 'sign_in_required')
      const other = OPERATIONS[name].caller === 'device' ? 'readRecovery' : 'readAccount'
      const authorization = `Bearer ${await layer.token(other)}`
      await expectProblem(await send(layer, name, { headers: { authorization } }), name, 'sign_in_required')
    },
  )

  it.each(WITH_CALLER)('%s: session expired for any other token', async (name) => {
    const token = await layer.token(name)
    const [header = '', payload = '', mac = ''] = token.split('.')
    const none = Buffer.from('{"alg":"none","typ":"holdfast-session+jwt"}').toString('base64url')
    for (const wrong of [
      'x',
      `${header}.${payload}.`,
      `${none}.${payload}.`,
      `${header}.${payload}.${mac.slice(1)}A`,
    ])
      await expectProblem(
        await send(layer, name, { headers: { authorization: `Bearer ${wrong}` } }),
        name,
        'session_expired',
      )
  })

  it('refuses before it reads a body', async () => {
    const response = await fetch(`${layer.url}${OPERATIONS.proposeEpoch.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(10_000_000),
    })
    expect(response.status).toBe(401)
  })
})

const changes = (name: OperationName): boolean => {
  const { method, keyless }: Operation = OPERATIONS[name]
  return method === 'POST' && keyless !== true
}

/** What writes a record can be told that others came first, or that there is no room. */
const commits = (name: OperationName): boolean => changes(name) || name === 'decide'

describe('the same key for another request', () => {
  const known = POSTS.filter(changes)
  it.each(known)('%s: idempotency mismatch', async (name) => {
    const body = bodyFor(name)
    const headers = { 'idempotency-key': `first-${someId()}` }
    const { status }: Operation = OPERATIONS[name]
    const first = await send(layer, name, { headers, body: JSON.stringify(body) })
    expect(first.status).toBe(status)
    const id = someId()
    const other = JSON.stringify(body).replace(/"(?:A{86}|[\w-]{22})"/, (text) =>
      text.length > 80 ? `"${'Q'.repeat(86)}"` : `"${id}"`,
    )
    expect(other).not.toBe(JSON.stringify(body))
    await expectProblem(await send(layer, name, { headers, body: other }), name, 'idempotency_mismatch')
    // Another caller's keys are its own.
    const fresh = { 'idempotency-key': `second-${someId()}` }
    expect((await send(layer, name, { headers: fresh, body: other })).status).toBe(status)
  })
})

describe('limits', () => {
  it.each(OPERATION_NAMES)('%s: rate limited, with the time to wait', async (name) => {
    const limited = await openLayer({ limits: { address: 1 } })
    try {
      expect((await send(limited, name)).status).toBe(OPERATIONS[name].status)
      const response = await send(limited, name)
      const after = Number(response.headers.get('retry-after'))
      expect(after).toBeGreaterThan(0)
      expect(after).toBeLessThanOrEqual(60)
      await expectProblem(response, name, 'rate_limited')
    } finally {
      await limited.close()
    }
  })
})

describe('what happens below', () => {
  const below = ['unavailable', 'busy', 'storage_full', 'clock_behind', 'internal'] as const

  it.each(OPERATION_NAMES)('%s: says every refusal of the table in one form, and no other', async (name) => {
    let code: ErrorCode = 'internal'
    const refusing = await openLayer({
      act: () => {
        throw new HoldfastError(code)
      },
    })
    try {
      for (code of ERROR_CODES)
        await expectProblem(
          await send(refusing, name),
          name,
          outcomesOf(name).includes(code) ? code : 'internal',
        )
      expect(outcomesOf(name)).toEqual(
        expect.arrayContaining(
          below.filter((one) => commits(name) || !['busy', 'storage_full'].includes(one)),
        ),
      )
    } finally {
      await refusing.close()
    }
  })

  it('an error that nobody foresaw is internal: nothing of it is answered or logged but its kind and place', async () => {
    const failing = await openLayer({
      act: () => {
        throw new TypeError('PLANTED-SECRET in a message')
      },
    })
    try {
      const response = await send(failing, 'veto')
      const text = await response.text()
      expect([response.status, JSON.parse(text)]).toMatchObject([500, { code: 'internal' }])
      expect(text + failing.lines.join()).not.toContain('PLANTED')
      expect(failing.lines.join()).toContain('"errorName":"TypeError"')
      expect(failing.lines.join()).toContain('transport.test')
    } finally {
      await failing.close()
    }
  })

  it.each(OPERATION_NAMES)('%s: times out', async (name) => {
    const slow = await openLayer({ timeoutMs: 20, act: () => new Promise(() => undefined) })
    try {
      await expectProblem(await send(slow, name), name, 'timeout')
    } finally {
      await slow.close()
    }
  })

  it('an answer outside the table does not leave the service', async () => {
    const wrong = await openLayer({ checkAnswers: true, act: () => ({ revision: 1, secret: 'PLANTED' }) })
    try {
      const response = await send(wrong, 'veto')
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('PLANTED')
      expect(wrong.lines.join()).toContain('answer_undocumented')
    } finally {
      await wrong.close()
    }
  })
})
