/**
 * A small HTTP server in the service's place, for what a real one never does: hang, break off, answer nonsense.
 */
import { once } from 'node:events'
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ErrorCode, ERRORS, type ServiceView } from '@holdfast/client/protocol'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What it does with a request: answer with status and JSON, or anything else. */
export type Reply = (response: ServerResponse, request: Seen) => void

export interface StandIn {
  readonly url: string
  readonly seen: readonly Seen[]
  /** `route`: method and path. Several replies are used up one after the other; the last stays. */
  on(route: string, ...replies: readonly Reply[]): void
  /** Requests to a route so far. */
  to(route: string): readonly Seen[]
  close(): Promise<void>
}

export const json =
  (body: unknown, status = 200): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

/** The refusal as the service would send it. */
export const problem = (code: ErrorCode, more: object = {}): Reply =>
  json({ code, title: ERRORS[code].message, ...more }, ERRORS[code].status)

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64url')

export const SERVICE: ServiceView = {
  signing: key(1),
  release: key(2),
  now: 1_700_000_000_000,
  bounds: {
    waitingSeconds: { min: 1, max: 9 },
    coolingSeconds: { min: 1, max: 9 },
    collectingSeconds: { min: 1, max: 9 },
  },
  development: true,
}
export const CHALLENGE = { challenge: 'c'.repeat(60), expiresAt: 1_700_000_060_000 }

/** Knows how one signs in, with a new token each time; anything else is `not_found` until said. */
export const startStandIn = async (): Promise<StandIn> => {
  const seen: Seen[] = []
  let tokens = 0
  const routes = new Map<string, Reply[]>([
    ['GET /v1/service', [json(SERVICE)]],
    ['POST /v1/challenges', [json(CHALLENGE, 201)]],
    [
      'POST /v1/sessions',
      [
        (response, request) => {
          tokens += 1
          json({ token: `token-${tokens}`, expiresAt: 1_700_000_600_000 }, 201)(response, request)
        },
      ],
    ],
  ])
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const { method = '', url = '', headers } = request
      const one: Seen = { method, path: url, headers, body: Buffer.concat(parts).toString() }
      seen.push(one)
      const replies = routes.get(`${method} ${url.split('?')[0]}`) ?? [problem('not_found')]
      const reply = replies.length > 1 ? replies.shift() : replies[0]
      reply?.(response, one)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    on: (route, ...replies) => void routes.set(route, [...replies]),
    to: (route) => seen.filter(({ method, path }) => `${method} ${path.split('?')[0]}` === route),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
