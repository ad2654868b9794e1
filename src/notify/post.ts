/**
 * One POST to somebody else's server: bounded in time and in what is read of the answer, and never redirected.
 */
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent, request as tlsRequest } from 'node:https'
import type { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { NotPublic, isPublic, newResolver, publicLookup } from './public-address.ts'

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Uint8Array | string
}

/** `forbidden`: the name leads to where this service must not call. `unreachable`: anything else that is no answer. */
export type PostOutcome = number | 'forbidden' | 'unreachable'

export interface Poster {
  /** Resolves with the status of the answer. Never rejects. */
  post(post: Post): Promise<PostOutcome>
  close(): void
}

const WHOLE_MS = 6_000
const MOST_SOCKETS = 64
/** Of an answer's body, which nobody reads. More of it, and the connection is cut instead of kept. */
const MOST_BYTES = 16 * 1024

/**
 * `where`: `public` calls public addresses by TLS alone; `anywhere` calls what the operator named. A connection is kept for the
 * next call, hence each has connections of its own. `ca`: certificate that is trusted instead of the system's; for tests, and so is
 * `resolver`.
 */
export const openPoster = (
  where: 'public' | 'anywhere',
  ca?: string,
  resolver: Resolver = newResolver(),
): Poster => {
  const common = { keepAlive: true, maxSockets: MOST_SOCKETS, timeout: 30_000 }
  const tlsAgent = new Agent({ ...common, ...(ca === undefined ? {} : { ca }) })
  const plainAgent = new PlainAgent(common)
  const lookup = where === 'public' ? { lookup: publicLookup(resolver) } : {}

  const isForbidden = (url: URL): boolean => {
    if (where === 'anywhere') return false
    // Node looks up names only, so that digits would pass unseen.
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // RFC 6761, 6.3: this machine, which no name server is asked for.
    if (url.protocol !== 'https:' || /(^|\.)localhost\.?$/.test(host)) return true
    return isIP(host) !== 0 && !isPublic(host)
  }

  return {
    post({ url: text, headers, body }) {
      if (!URL.canParse(text) || isForbidden(new URL(text))) return Promise.resolve('forbidden')
      const url = new URL(text)
      const isTls = url.protocol === 'https:'
      return new Promise((resolve) => {
        const signal = AbortSignal.timeout(WHOLE_MS)
        const options = { method: 'POST', headers: { ...headers }, signal, ...lookup }
        const call = isTls
          ? tlsRequest(url, { ...options, agent: tlsAgent })
          : plainRequest(url, { ...options, agent: plainAgent })
        call.once('response', (response) => {
          let read = 0
          response.on('data', (chunk: Buffer) => {
            read += chunk.length
            if (read > MOST_BYTES) response.destroy()
          })
          response.once('error', () => undefined)
          resolve(response.statusCode ?? 'unreachable')
        })
        call.on('error', (error) => resolve(error instanceof NotPublic ? 'forbidden' : 'unreachable'))
        call.end(body)
      })
    },
    close() {
      tlsAgent.destroy()
      plainAgent.destroy()
    },
  }
}
