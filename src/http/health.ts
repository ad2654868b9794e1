/**
 * All there is to ask of a process that serves nobody: whether it is well.
 */
import express, { type Express } from 'express'
import helmet from 'helmet'
import type { Records } from '../use-cases/ports.ts'

/** `GET /healthz` and nothing else: 503 where the records do not answer, 404 for all other requests. */
export const createHealthApp = (records: Pick<Records, 'now'>): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(helmet())
  app.get('/healthz', (_request, response) => {
    response.setHeader('cache-control', 'no-store')
    records.now().then(
      () => response.json({ status: 'ok' }),
      () => response.status(503).json({ status: 'unavailable' }),
    )
  })
  app.use((_request, response) => void response.status(404).end())
  return app
}
