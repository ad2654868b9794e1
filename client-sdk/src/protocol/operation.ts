/**
 * The shape of one entry of the operation table, and what entries share.
 */
import type { ErrorCode } from './errors.ts'
import type { Route } from './routes.ts'
import { signed } from './schema.ts'
import * as shape from './shape.ts'

export interface Operation extends Route {
  /** Schemas of path parameters, query and body; null where there is none. */
  readonly params: shape.Shape<unknown> | null
  readonly query: shape.Shape<unknown> | null
  readonly body: shape.Shape<unknown> | null
  /** Status of success. */
  readonly status: 200 | 201
  /** Refusals beyond those that every operation of its kind can give ({@link outcomesOf}). */
  readonly refusals: readonly ErrorCode[]
  /** One sentence for the OpenAPI document. */
  readonly summary: string
  /** True where a repeat is harmless without an idempotency key: nothing changes, or what is sent counts only once by itself. */
  readonly keyless?: true
  /** Body limit in bytes; 32 KiB unless said. */
  readonly limit?: number
}

/** What operations that only read have in common. */
export const reading = { status: 200, params: null, query: null, body: null, refusals: [] } as const
/** What operations that change something have in common. */
export const acting = { status: 200, params: null, query: null } as const
/** The body of operations that take just one signed message. */
export const message = shape.strictObject({ message: signed })
/** An app's ticket: a signed JWT in compact form. */
export const ticket = shape.string({ maxLength: 4096 })
