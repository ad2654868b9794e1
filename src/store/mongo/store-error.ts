/**
 * What the driver throws, in the words of the error table.
 */
import { HoldfastError } from '@holdfast/client/protocol'

/** OutOfDiskSpace, and what a hosted cluster says when its quota is used up. */
const FULL_CODES: ReadonlySet<unknown> = new Set([14_031, 8_000, 'ENOSPC', 'EDQUOT'])
/** The storage engine reports a full disk as an unknown error with the system's own words. */
const FULL_WORDS = /no space left|disk quota exceeded|over your space quota|file too large/i
const DUPLICATE_KEY = 11_000

const fieldOf = (error: unknown, field: string): unknown =>
  typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[field] : undefined

/** True if exactly this refused the write: a document with that unique key is there. */
export const isDuplicate = (error: unknown): boolean => fieldOf(error, 'code') === DUPLICATE_KEY

/** True if every failure of a batch was a duplicate, and the server confirmed the rest. */
export const isOnlyDuplicates = (error: unknown): boolean => {
  const failures = fieldOf(error, 'writeErrors')
  const concern = fieldOf(fieldOf(error, 'result'), 'getWriteConcernError')
  if (typeof concern === 'function' && concern.call(fieldOf(error, 'result')) !== undefined) return false
  return Array.isArray(failures) && failures.length > 0
    ? failures.every((failure) => isDuplicate(failure))
    : isDuplicate(error)
}

const isFull = (error: unknown): boolean => {
  const message = fieldOf(error, 'message')
  const cause = fieldOf(error, 'cause')
  return (
    FULL_CODES.has(fieldOf(error, 'code')) ||
    (typeof message === 'string' && FULL_WORDS.test(message)) ||
    (cause !== undefined && cause !== error && isFull(cause))
  )
}

/**
 * `storage_full` for a full disk; any other failure is `unavailable`, with the driver's error as `cause`. A HoldfastError
 * or a RangeError stays what it is. After a write, `unavailable` does not say whether it happened.
 */
export const storeError = (error: unknown): Error => {
  if (error instanceof HoldfastError || error instanceof RangeError) return error
  return new HoldfastError(isFull(error) ? 'storage_full' : 'unavailable', { cause: error })
}

/** Runs `act` and throws {@link storeError} of what it throws. */
export const orStoreError = async <T>(act: () => Promise<T>): Promise<T> => {
  try {
    return await act()
  } catch (error) {
    throw storeError(error)
  }
}
