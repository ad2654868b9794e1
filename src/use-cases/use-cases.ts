/**
 * The use cases as the outside sees them: one per operation of the table, and two that time and the outbox call for.
 */
import type { AnswerOf, BodyOf, OperationName, ParamsOf, QueryOf } from '@holdfast/client/protocol'
import type { Channels } from './channels.ts'
import type {
  AtRest,
  Caller,
  Jobs,
  KeyStore,
  Notices,
  Random,
  Records,
  ServiceKeys,
  Settings,
  Tickets,
  Tokens,
} from './ports.ts'

export interface Deps {
  readonly records: Records
  readonly keyStore: KeyStore
  readonly jobs: Jobs
  readonly notices: Notices
  readonly channels: Channels
  readonly atRest: AtRest
  readonly random: Random
  readonly tokens: Tokens
  readonly tickets: Tickets
  readonly keys: ServiceKeys
  readonly settings: Settings
}

/** An operation's validated input. `caller` is present exactly where the table asks for one. */
export interface Input<N extends OperationName> {
  readonly caller: Caller | null
  readonly params: ParamsOf<N>
  readonly query: QueryOf<N>
  readonly body: BodyOf<N>
}

/** Throws HoldfastError with one of the operation's outcomes. */
export type UseCase<N extends OperationName> = (deps: Deps, input: Input<N>) => Promise<AnswerOf<N>>

export type UseCases = { readonly [N in OperationName]: UseCase<N> }
