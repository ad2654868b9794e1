/**
 * Untrusted → typed: parameters, query and body against the operation's schemas.
 */
import { HoldfastError, type Operation, type OperationName } from '@holdfast/client/protocol'
import type { Caller } from '../use-cases/ports.ts'
import type { Input } from '../use-cases/use-cases.ts'

type Schema = Operation['body']

const checked = (schema: Schema, value: unknown): unknown => {
  if (schema === null) return undefined
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new HoldfastError('malformed')
  return parsed.data
}

/** Throws `malformed`. What an operation has no schema for is left out. */
export const readInput = <N extends OperationName>(
  operation: Operation,
  caller: Caller | null,
  raw: { readonly params: unknown; readonly query: unknown; readonly body: unknown },
): Input<N> =>
  ({
    caller,
    params: checked(operation.params, raw.params),
    query: checked(operation.query, raw.query),
    body: checked(operation.body, raw.body),
  }) as Input<N>

const accountIn = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null || !('account' in value)) return null
  return typeof value.account === 'string' && /^[A-Za-z0-9_-]{22}$/.test(value.account) ? value.account : null
}

/**
 * The account that an anonymous request says it is about, for limits only; null if it names none. Nothing is verified yet.
 */
export const accountAbout = (body: unknown): string | null => {
  const named = accountIn(body)
  if (named !== null || typeof body !== 'object' || body === null) return named
  const message: unknown = Reflect.get(body, 'message') ?? Reflect.get(body, 'identity')
  const text: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, 'body') : null
  if (typeof text !== 'string') return null
  try {
    return accountIn(JSON.parse(text))
  } catch {
    return null
  }
}
