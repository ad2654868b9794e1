/**
 * Who may open a socket: callers with a session, from the service's own origin or one that the operator named.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import type { IncomingMessage } from 'node:http'
import type { Session, SessionTokens } from '../http/tokens.ts'
import { currentCaller } from '../use-cases/authorise.ts'
import type { Deps } from '../use-cases/use-cases.ts'

/**
 * Browsers always send an Origin with a WebSocket handshake and do not apply the same-origin rule to it: without this check
 * any page could connect. Other programs send none.
 */
export const isOriginAllowed = ({ headers }: IncomingMessage, origins: ReadonlySet<string>): boolean => {
  const { origin, host } = headers
  if (origin === undefined || origins.has(origin)) return true
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host
}

/** What the gateway needs: the use cases' parts, with tokens that also say when they end. */
export interface RealtimeDeps extends Deps {
  readonly tokens: SessionTokens
}

export interface OpenedSession extends Session {
  /** Until its end, from the moment it was opened. */
  readonly remainingMs: number
}

/** The session of a token that counts now. Throws `sign_in_required` or `session_expired`. */
export const openSession = async (deps: RealtimeDeps, token: unknown): Promise<OpenedSession> => {
  if (typeof token !== 'string' || token.length > 2048) throw new HoldfastError('sign_in_required')
  const now = await deps.records.now()
  const session = await deps.tokens.readSession(token, now)
  if (session === null) throw new HoldfastError('session_expired')
  await currentCaller(deps, session.caller)
  return { ...session, remainingMs: session.expiresAt - now }
}
