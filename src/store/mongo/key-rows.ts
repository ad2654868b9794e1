/**
 * The rows of the database of keys: one per account, one that shows which key has sealed them, and the number that the records are
 * compared with (restore-guard.ts).
 */
import { Schema } from 'mongoose'
import type { Connection, Model } from 'mongoose'
import { unnamed } from '../key-ring.ts'
import { STRICT } from './schemas.ts'

export interface KeysRow {
  readonly _id: string
  readonly highWater: number
  readonly keys: readonly { readonly epoch: number; readonly sealed: string }[]
  /** Requests that have ended, oldest first; absent if none was noted. */
  readonly ended?: readonly string[]
}

export interface CheckRow {
  readonly _id: string
  readonly sealed: string
}

interface NumberRow {
  readonly _id: string
  readonly version: number
}

export const CHECK = 'wrapping-key.check'
/** A restore can revive no more requests than were open at one time; the others are there for the copy being old. */
export const ENDED_KEPT = 32

const required = { required: true } as const
const keySchema = new Schema(
  { epoch: { type: Number, ...required }, sealed: { type: String, ...required } },
  {
    ...STRICT,
    _id: false,
  },
)
// Everything is found by `_id`, the account: there is no other index to make, and so no migration.
const keysSchema = new Schema<KeysRow>(
  {
    _id: { type: String, ...required },
    highWater: { type: Number, ...required },
    keys: { type: [keySchema], default: undefined },
    ended: { type: [String], default: undefined },
  },
  STRICT,
)
const checksSchema = new Schema<CheckRow>(
  { _id: { type: String, ...required }, sealed: { type: String, ...required } },
  STRICT,
)

const numbersSchema = new Schema<NumberRow>(
  { _id: { type: String, ...required }, version: { type: Number, ...required } },
  STRICT,
)

export interface KeyModels {
  readonly rows: Model<KeysRow>
  readonly checks: Model<CheckRow>
  /** `{ _id: 'generation' }`. */
  readonly numbers: Model<NumberRow>
}

/** The models on one connection. Call once per connection. */
export const keyModels = (connection: Connection): KeyModels => ({
  rows: connection.model<KeysRow>('factor_keys', keysSchema, 'factor_keys'),
  checks: connection.model<CheckRow>('checks', checksSchema, 'checks'),
  numbers: connection.model<NumberRow>('numbers', numbersSchema, 'numbers'),
})

export const isKeysRow = (value: unknown): value is KeysRow =>
  typeof value === 'object' &&
  value !== null &&
  'highWater' in value &&
  Number.isSafeInteger(value.highWater) &&
  'keys' in value &&
  Array.isArray(value.keys) &&
  (!('ended' in value) || Array.isArray(value.ended)) &&
  value.keys.every(
    (key: unknown) =>
      typeof key === 'object' &&
      key !== null &&
      'epoch' in key &&
      Number.isSafeInteger(key.epoch) &&
      'sealed' in key &&
      typeof key.sealed === 'string',
  )

/**
 * That nothing is stale was noted of other records or keys than those that are there from now on: the check no longer says so. The
 * keys that opened it go on doing so.
 */
export const forgetResealed = async ({ checks }: Pick<KeyModels, 'checks'>): Promise<void> => {
  const sealed = (await checks.findOne({ _id: CHECK }).lean())?.sealed
  if (sealed === undefined) return
  await checks.updateOne({ _id: CHECK, sealed }, { $set: { sealed: unnamed(sealed) } })
}
