/**
 * What whoever supervises a process asks it: whether it lives (`/healthz`), and whether it is to be sent requests (`/readyz`).
 */
import express, { Router, type ErrorRequestHandler, type Express } from 'express'
import helmet from 'helmet'
import type { PartReport, Readiness, ReadinessReport } from '../observe/readiness.ts'
import type { Records } from '../use-cases/ports.ts'

export interface HealthParts {
  readonly records: Pick<Records, 'now'>
  readonly readiness: Readiness
}

/** What anybody may know of a part. A count that grows by one when a stranger asks for an account shows whether there is such an account. */
const OPEN_FIELDS = new Set(['state', 'code', 'sealsWith', 'resealing', 'differenceMs'])

const openly = ({ status, parts }: ReadinessReport): ReadinessReport => {
  const shown = (report: PartReport): PartReport => ({
    ...Object.fromEntries(Object.entries(report).filter(([name]) => OPEN_FIELDS.has(name))),
    state: report.state,
  })
  return { status, parts: Object.fromEntries(Object.entries(parts).map(([name, of]) => [name, shown(of)])) }
}

/**
 * `GET /healthz`: passes on the failure where the records do not answer. `GET /readyz`: 200 while requests are served, 503 while they are not or
 * soon will not be, with every part's state as JSON; with its figures only where `asks` is whoever supervises, and not anybody. Other
 * requests are passed on.
 */
export const healthRoutes = ({ records, readiness }: HealthParts, asks: 'anybody' | 'supervisor'): Router => {
  const router = Router({ caseSensitive: true, strict: true })
  router.use((_request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    next()
  })
  router.get('/healthz', async (_request, response) => {
    // Reads the records' clock: it refuses when they are closed or the clock is behind.
    await records.now()
    response.json({ status: 'ok' })
  })
  router.get('/readyz', async (_request, response) => {
    const report = await readiness.read()
    const isReady = report.status === 'ready' || report.status === 'degraded'
    response.status(isReady ? 200 : 503).json(asks === 'anybody' ? openly(report) : report)
  })
  return router
}

const unavailable: ErrorRequestHandler = (_error, _request, response, _next) => {
  response.status(503).json({ status: 'unavailable' })
}

/** For a process that serves nobody else: 404 for all other requests. */
export const createHealthApp = (parts: HealthParts): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(helmet())
  app.use(healthRoutes(parts, 'supervisor'))
  app.use((_request, response) => void response.status(404).end())
  app.use(unavailable)
  return app
}
