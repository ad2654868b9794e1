/**
 * What a call was refused with, for stories that are about refusals.
 */
import { type ErrorCode, type HoldfastError, isHoldfastError } from '@holdfast/client'
import { expect } from 'vitest'

/** The refusal. Fails the test if the call succeeds, or fails with anything but a coded error. */
export const refusalOf = async (call: Promise<unknown>): Promise<HoldfastError> => {
  const outcome = await call.then(
    () => null,
    (error: unknown) => error,
  )
  if (outcome === null) return expect.fail('This was to be refused, and it was not.')
  if (!isHoldfastError(outcome)) throw outcome
  return outcome
}

export const codeOf = async (call: Promise<unknown>): Promise<ErrorCode> => (await refusalOf(call)).code
