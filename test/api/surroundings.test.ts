import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEmbedded } from '../support/engine.ts'
import { openLayer, send, type Layer } from './layer.ts'

let layer: Layer
beforeAll(async () => {
  layer = await openLayer()
})
afterAll(() => layer.close())

const call = (path: string, init?: RequestInit) => fetch(`${layer.url}${path}`, init)

describe('every answer', () => {
  it('is not kept by caches, says nothing of the software, and may not be sniffed or framed', async () => {
    for (const path of ['/v1/service', '/v1/account', '/nothing', '/healthz', '/openapi.json']) {
      const { headers } = await call(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('etag')).toBeNull()
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    }
  })
})

describe('browsers', () => {
  const origin = 'https://app.example'
  const preflight = (from: string) =>
    call('/v1/sessions', {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'POST' },
    })

  it('may call from an origin that the operator named', async () => {
    const { status, headers } = await preflight(origin)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-headers')).toBe('authorization, content-type, idempotency-key')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    const answered = await call('/v1/service', { headers: { origin } })
    expect(answered.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answered.headers.get('vary')).toContain('Origin')
  })

  it('may not from any other', async () => {
    for (const from of [
      'https://app.example.evil',
      'http://app.example',
      'null',
      'https://APP.example:444',
    ]) {
      const { status, headers } = await preflight(from)
      expect([status, headers.get('access-control-allow-origin')]).toEqual([405, null])
      const answered = await call('/v1/service', { headers: { origin: from } })
      expect(answered.headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})

describe('beside the operations', () => {
  it('health is told, and the OpenAPI document', async () => {
    expect(await (await call('/healthz')).json()).toEqual({ status: 'ok' })
    const response = await call('/openapi.json')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.json()).toMatchObject({ openapi: '3.1.0' })
  })

  onEmbedded('MongoDB’s clock is the server’s')(
    'a clock that is behind the records is told everywhere, health included',
    async () => {
      let at = Date.UTC(2026, 0, 5)
      const clock = { wall: () => at, monotonic: () => performance.now() }
      const behind = await openLayer({ clock })
      try {
        expect(
          (await send(behind, 'createChallenge', { headers: { 'idempotency-key': 'a-key-of-some-length' } }))
            .status,
        ).toBe(201)
        at -= 3_600_000
        for (const path of ['/healthz', '/v1/account']) {
          const headers = { authorization: `Bearer ${await behind.token('readAccount')}` }
          const response = await fetch(`${behind.url}${path}`, { headers })
          expect([response.status, await response.json()]).toMatchObject([503, { code: 'clock_behind' }])
        }
      } finally {
        await behind.close()
      }
    },
  )
})

/** Sends bytes as they are and resolves to what comes back until the connection ends. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(layer.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => (answer += String(chunk)))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.write(text)
  })

describe('what is no proper HTTP', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/vetoes HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde',
      400,
    ],
    [
      'a length and chunks',
      'POST /v1/vetoes HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['headers over 16 KiB', `GET /v1/service HTTP/1.1\r\nHost: x\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['no host', 'GET /v1/service HTTP/1.1\r\n\r\n', 400],
  ])('%s is refused, and the connection ended', async (_, text, status) => {
    expect(await raw(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  it('headers that do not come are not waited for longer than about ten seconds', async () => {
    const startedAt = performance.now()
    expect(await raw('GET /v1/service HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /)
    expect(performance.now() - startedAt).toBeLessThan(14_000)
  }, 20_000)
})
