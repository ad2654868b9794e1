/**
 * Every operation of the service, with every outcome it can have. The router, the SDK, the OpenAPI document and the tests
 * read this one table: an answer that is not in it is a defect.
 */
import type { ErrorCode } from './errors.ts'
import type { Operation } from './operation.ts'
import { ACCOUNT_OPERATIONS } from './operations-account.ts'
import { CIRCLE_OPERATIONS } from './operations-circle.ts'
import { RECOVERY_OPERATIONS } from './operations-recovery.ts'
import type { OperationName } from './routes.ts'
import type * as shape from './shape.ts'

export const OPERATIONS = {
  ...ACCOUNT_OPERATIONS,
  ...CIRCLE_OPERATIONS,
  ...RECOVERY_OPERATIONS,
} as const satisfies Readonly<Record<OperationName, Operation>>

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[]

type In<S> = S extends shape.Shape<unknown> ? shape.Infer<S> : undefined
export type ParamsOf<N extends OperationName> = In<(typeof OPERATIONS)[N]['params']>
export type QueryOf<N extends OperationName> = In<(typeof OPERATIONS)[N]['query']>
export type BodyOf<N extends OperationName> = In<(typeof OPERATIONS)[N]['body']>

/** Refusals that every operation can give. */
const EVERYWHERE = ['rate_limited', 'unavailable', 'clock_behind', 'internal', 'timeout'] as const
const WITH_INPUT = ['malformed'] as const
const WITH_BODY = ['malformed', 'too_large', 'unsupported_media_type'] as const
const WITH_CHANGE = ['idempotency_mismatch', 'busy', 'storage_full'] as const
const WITH_CALLER = ['sign_in_required', 'session_expired'] as const

/** Every refusal that an operation may answer with, each once. */
export const outcomesOf = (name: OperationName): readonly ErrorCode[] => {
  const operation: Operation = OPERATIONS[name]
  const codes = new Set<ErrorCode>([...operation.refusals, ...EVERYWHERE])
  if (operation.params !== null || operation.query !== null) for (const code of WITH_INPUT) codes.add(code)
  if (operation.method === 'POST') for (const code of WITH_BODY) codes.add(code)
  if (operation.method === 'POST' && operation.keyless !== true)
    for (const code of WITH_CHANGE) codes.add(code)
  if (operation.caller !== 'none') for (const code of WITH_CALLER) codes.add(code)
  return [...codes]
}
