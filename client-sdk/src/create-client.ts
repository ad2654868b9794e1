/**
 * Typed HTTP client: one call per operation of the table, with timeout, abort, and repeats only where an error's advice
 * allows them.
 */
import type { Client, ClientOptions, Inputs } from './client.ts'
import { addressOf, attempt, pause, pauseBefore } from './http.ts'
import { toBase64url } from './protocol/bytes.ts'
import { HoldfastError, isHoldfastError } from './protocol/errors.ts'
import { type AnswerOf, type OperationName, ROUTES, type Route } from './protocol/routes.ts'
import { randomBytes } from './protocol/secret.ts'
import { sessionsOf } from './session.ts'

interface Request<N extends OperationName> {
  readonly name: N
  readonly input: Inputs<N>
  readonly token: string | null
  /** One for all repeats: the service answers a repeat with what it answered first. */
  readonly key: string
  readonly signal: AbortSignal | undefined
}

const initOf = <N extends OperationName>(
  { method }: Route,
  { input, token, key }: Request<N>,
): RequestInit => {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token !== null) headers['authorization'] = `Bearer ${token}`
  const init: RequestInit = { method, headers, credentials: 'omit', redirect: 'error', cache: 'no-store' }
  if (method === 'GET') return init
  headers['content-type'] = 'application/json'
  headers['idempotency-key'] = key
  return { ...init, body: JSON.stringify(input.body) }
}

/** A client for one service, one app and one device. */
export const createClient = (options: ClientOptions): Client => {
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const { retries = 3, timeoutMs = 15_000 } = options

  const repeated = async <N extends OperationName>(request: Request<N>): Promise<AnswerOf<N>> => {
    const { name, input, signal } = request
    const route: Route = ROUTES[name]
    const init = initOf(route, request)
    const url = addressOf(options.url, route, input.params, input.query)
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await attempt(send, { url, init, timeoutMs, signal })
        // A service that answers in a form this version does not know is newer, or is not Holdfast.
        if (!route.answer.accepts(answer)) throw new HoldfastError('upgrade_required')
        return answer as AnswerOf<N>
      } catch (error) {
        const wait = tries < retries ? pauseBefore(error, tries) : null
        if (wait === null) throw error
        await pause(wait, signal)
      }
    }
  }

  const client: Client = {
    app: options.app,
    url: options.url,
    storage: options.storage,
    serviceKey: options.serviceKey,
    sessions: sessionsOf(() => client),
    call: async (name, input, { signal } = {}) => {
      const key = toBase64url(randomBytes(16))
      const { caller } = ROUTES[name]
      if (caller === 'none') return repeated({ name, input, token: null, key, signal })
      const token = await client.sessions.token(caller, signal)
      try {
        return await repeated({ name, input, token, key, signal })
      } catch (error) {
        if (!isHoldfastError(error) || error.advice !== 'sign-in') throw error
        client.sessions.forget(caller, token)
        return repeated({ name, input, token: await client.sessions.token(caller, signal), key, signal })
      }
    },
  }
  return client
}
