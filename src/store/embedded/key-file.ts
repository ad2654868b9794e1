/**
 * The files in the folder of keys: one per account, and one that shows which key has sealed them.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/client/protocol'
import { readText, replaceFile } from '../durable-file.ts'
import { unnamed } from '../key-ring.ts'

export interface AccountKeys {
  readonly highWater: number
  /** Epoch, decimal → sealed key. */
  readonly keys: Readonly<Record<string, string>>
  /** Requests that have ended, oldest first; absent if none was noted. */
  readonly ended?: readonly string[]
}

/** A restore can revive no more than were open at one time; the others are there for the copy being old. */
export const ENDED_KEPT = 32
/** Folders of key files. */
export const PART = /^[0-9a-f]{2}$/
export const CHECK_FILE = 'wrapping-key.check'
const NONE: AccountKeys = { highWater: 0, keys: {} }

/** By hash: ids that differ only in case are one name to some file systems. */
export const nameOf = (account: string): string => createHash('sha256').update(account).digest('hex')
export const keyFile = (folder: string, name: string): string =>
  join(folder, name.slice(0, 2), `${name}.json`)

/** Of a file's text; null: there is none. Throws `internal` for a damaged one: taking it for a missing one would forget the mark. */
export const parseKeys = (text: string | null): AccountKeys => {
  if (text === null) return NONE
  try {
    const parsed: unknown = JSON.parse(text)
    if (isAccountKeys(parsed)) return parsed
  } catch (cause) {
    throw new HoldfastError('internal', { cause })
  }
  throw new HoldfastError('internal')
}

const isAccountKeys = (value: unknown): value is AccountKeys =>
  typeof value === 'object' &&
  value !== null &&
  'highWater' in value &&
  Number.isSafeInteger(value.highWater) &&
  'keys' in value &&
  typeof value.keys === 'object' &&
  value.keys !== null &&
  (!('ended' in value) || Array.isArray(value.ended))

/**
 * That nothing is stale was noted of other records or keys than those that are there from now on: the check no longer says so. The
 * keys that opened it go on doing so.
 */
export const forgetResealed = async (folder: string): Promise<void> => {
  const path = join(folder, CHECK_FILE)
  const sealed = await readText(path)
  if (sealed !== null && unnamed(sealed) !== sealed) await replaceFile(path, unnamed(sealed))
}
