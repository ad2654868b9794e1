/**
 * What a decision of the domain is: a refusal by code, or the account as it is to be, with the conditions of the one write
 * that makes it so.
 */
import type { ErrorCode } from '@holdfast/client/protocol'
import type { Account } from './account.ts'

export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
  /** Milliseconds after which a repeat makes sense. */
  readonly retryAfterMs?: number
}

export interface Changed<V = undefined> {
  readonly kind: 'changed'
  readonly next: Account
  /** The write must fail before this instant of the store's clock (Unix ms). */
  readonly notBefore?: number
  /** The write must fail at or after this instant of the store's clock (Unix ms). */
  readonly notAfter?: number
  readonly value: V
}

/** Already as asked, for example a repeated message: nothing to write. */
export interface Unchanged<V = undefined> {
  readonly kind: 'unchanged'
  readonly value: V
}

export type Decision<V = undefined> = Refused | Changed<V> | Unchanged<V>

export const refused = (code: ErrorCode, retryAfterMs?: number): Refused =>
  retryAfterMs === undefined ? { kind: 'refused', code } : { kind: 'refused', code, retryAfterMs }

export const changed = <V = undefined>(
  next: Account,
  value: V = undefined as V,
  conditions: { readonly notBefore?: number; readonly notAfter?: number } = {},
): Changed<V> => ({ kind: 'changed', next, value, ...conditions })

export const unchanged = <V = undefined>(value: V = undefined as V): Unchanged<V> => ({
  kind: 'unchanged',
  value,
})
