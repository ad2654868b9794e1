/**
 * The HTTP server around the app: its timeouts, and how it stops.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const HEADERS_TIMEOUT_MS = 10_000
/** For the whole request to arrive, and again for its answer to be made. */
export const REQUEST_TIMEOUT_MS = 15_000
/** How often Node looks for connections that are too slow. */
const CHECK_INTERVAL_MS = 2_000
const KEEP_ALIVE_MS = 30_000
const MAX_HEADER_BYTES = 16 * 1024

/** Once `isDraining`, every answer ends its connection: whoever keeps one open goes elsewhere with the next request. */
export const createHttpServer = (app: RequestListener, isDraining: () => boolean = () => false): Server => {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => {
      if (isDraining()) response.setHeader('connection', 'close')
      return app(request, response)
    },
  )
  server.maxRequestsPerSocket = 10_000
  return server
}

/** Resolves with the address; rejects if the port is taken or not allowed. */
export const listen = (server: Server, host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = server.address() as AddressInfo
      resolve(`http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`)
    })
  })

/** Takes no more requests, lets those under way finish for up to `graceMs`, then cuts what is left. */
export const drain = async (server: Server, graceMs: number): Promise<void> => {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(cut)
}
