/**
 * Where Prometheus asks for figures: an address of its own, so that what reaches the service does not reach them.
 */
import { createServer, type Server } from 'node:http'
import type { OpenMetrics } from '../observe/metrics.ts'

/** Answers `GET /metrics` and nothing else. */
export const createMetricsServer = (metrics: Pick<OpenMetrics, 'read'>): Server =>
  createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    metrics.read().then(
      ({ contentType, text }) => {
        response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
      },
      () => response.writeHead(500).end(),
    )
  })
