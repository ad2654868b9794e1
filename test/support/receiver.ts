/**
 * Somebody else's HTTP server: a push service, or an app's backend. Keeps what it was sent.
 */
import { once } from 'node:events'
import { type IncomingHttpHeaders, createServer as createPlain } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Receiver {
  readonly port: number
  readonly received: readonly Received[]
  /** The status of all further answers; `silent`: none. */
  answer(status: number | 'silent', headers?: Readonly<Record<string, string>>): void
  close(): void
}

export const openReceiver = async (tls?: {
  readonly cert: string
  readonly key: string
}): Promise<Receiver> => {
  const received: Received[] = []
  let status: number | 'silent' = 201
  let extra: Readonly<Record<string, string>> = {}
  const server = (tls === undefined ? createPlain : createTls.bind(null, tls))((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      if (status !== 'silent') response.writeHead(status, extra).end('x'.repeat(100_000))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    received,
    answer(next, headers = {}) {
      status = next
      extra = headers
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
