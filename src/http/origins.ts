/**
 * Cross-origin calls (Fetch standard, "CORS protocol"): from the web origins that the operator named, and no other.
 */
import type { RequestHandler } from 'express'

const DAY_SECONDS = 86_400

/** Tells browsers whether they may. Answers preflights of allowed origins. */
export const allowOrigins = (origins: readonly string[]): RequestHandler => {
  const allowed = new Set(origins)
  return (request, response, next) => {
    response.vary('Origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) {
      next()
      return
    }
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', 'retry-after')
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      next()
      return
    }
    response.setHeader('access-control-allow-methods', 'GET, POST')
    response.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key')
    response.setHeader('access-control-max-age', String(DAY_SECONDS))
    response.status(204).end()
  }
}
