/**
 * The Express application: what every request passes through, the routers, and what no router took.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { thrownFields, type Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Readiness } from '../observe/readiness.ts'
import { healthRoutes } from './health.ts'
import { openApiText } from './openapi.ts'
import { allowOrigins } from './origins.ts'
import { refusalOf, sendProblem } from './problem.ts'
import type { RouteParts } from './route.ts'
import { byNoun } from './routers.ts'
import { stopPage, type PageFile } from './stop-page.ts'

export interface AppParts extends RouteParts {
  readonly origins: readonly string[]
  readonly trustedHops: number
  /** By path; null where the page was not built. */
  readonly stopPage: ReadonlyMap<string, PageFile> | null
  readonly readiness: Readiness
  readonly metrics: Metrics
}

const observed =
  ({ log, metrics }: Pick<AppParts, 'log' | 'metrics'>): RequestHandler =>
  (_request, response, next) => {
    const startedAt = performance.now()
    response.once('finish', () => {
      const tookMs = performance.now() - startedAt
      const operation: unknown = response.locals['operation']
      const { statusCode: status } = response
      log('debug', 'http_served', { operation, status, durationMs: Math.round(tookMs) })
      const label = typeof operation === 'string' ? operation : 'none'
      metrics.count('http_requests_total', { operation: label, status: String(status) })
      metrics.took(label, tookMs / 1000)
    })
    next()
  }

const answerErrors =
  (log: Log): ErrorRequestHandler =>
  (thrown: unknown, _request, response, _next) => {
    const refusal = refusalOf(thrown)
    const operation: unknown = response.locals['operation']
    if (refusal.status >= 500)
      log('error', 'http_failed', { operation, ...thrownFields(refusal.cause ?? thrown), code: refusal.code })
    else log('debug', 'http_refused', { operation, code: refusal.code })
    // Half an answer cannot be taken back: the connection is cut, so that nobody takes it for a whole one.
    if (response.headersSent) response.destroy()
    else sendProblem(response, refusal)
  }

export const createApp = (parts: AppParts): Express => {
  const app = express()
  app.disable('x-powered-by')
  // An ETag would say without a sign-in whether an answer changed.
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('trust proxy', parts.trustedHops)
  app.use(observed(parts))
  app.use(helmet())
  app.use((_request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    next()
  })
  app.use(allowOrigins(parts.origins))
  app.get('/openapi.json', (_request, response) => {
    response.type('application/json').send(openApiText())
  })
  // Operations first: what is asked most passes through nothing that is not for it.
  app.use(byNoun(parts))
  app.use(healthRoutes({ records: parts.deps.records, readiness: parts.readiness }, 'anybody'))
  app.use(stopPage(parts.stopPage))
  app.use(() => {
    throw new HoldfastError('not_found')
  })
  app.use(answerErrors(parts.log))
  return app
}
