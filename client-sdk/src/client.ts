/**
 * What every role works with: one service, one app, one device.
 */
import type { BodyOf, ParamsOf, QueryOf } from './protocol/operations.ts'
import type { AnswerOf, OperationName } from './protocol/routes.ts'
import type { Storage } from './storage/storage.ts'

export interface ClientOptions {
  /** Address of the service, without a path. */
  readonly url: string
  /** The app's slug at this service. */
  readonly app: string
  /** What this device remembers. One account, or one request, per storage; one client per storage. */
  readonly storage: Storage
  /**
   * The service's signing key (base64url), as its operator published it. Left out: the first one seen is remembered and
   * every later one must be equal.
   */
  readonly serviceKey?: string
  /** Defaults to the platform's fetch. */
  readonly fetch?: typeof fetch
  /** Per attempt; 15,000 unless given. */
  readonly timeoutMs?: number
  /** Repeats after the first attempt, where the error allows; 3 unless given. */
  readonly retries?: number
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** What an operation takes. */
export type Inputs<N extends OperationName> = (ParamsOf<N> extends undefined
  ? { readonly params?: undefined }
  : { readonly params: ParamsOf<N> }) &
  (QueryOf<N> extends undefined ? { readonly query?: undefined } : { readonly query: QueryOf<N> }) &
  (BodyOf<N> extends undefined ? { readonly body?: undefined } : { readonly body: BodyOf<N> })

export type Role = 'device' | 'requester'

/** Session tokens of this device, one per role, renewed when the service asks for it. */
export interface Sessions {
  /** The current token, signing in first where there is none. Throws `aborted` with the signal. */
  token(role: Role, signal?: AbortSignal): Promise<string>
  /** Drops the token, so that the next call signs in anew. `refused`: only if it is still this one. */
  forget(role: Role, refused?: string): void
}

export interface Client {
  readonly app: string
  readonly url: string
  readonly storage: Storage
  readonly serviceKey: string | undefined
  readonly sessions: Sessions
  /**
   * Calls an operation, signed in where the table asks for it. Throws HoldfastError: an outcome of the operation, or
   * `unavailable`, `timeout`, `aborted`, `upgrade_required`.
   */
  call<N extends OperationName>(name: N, input: Inputs<N>, options?: CallOptions): Promise<AnswerOf<N>>
}
