/**
 * What the page can be at, and what an answer of the service makes of it.
 */
import { isHoldfastError } from '@holdfast/client'
import type { Result } from './words/words.ts'

/** What signs: this device's identity key, or the printed veto key. */
export type Means = 'device' | 'veto-key'

export type State =
  | { readonly at: 'loading' }
  /** `releasableAt`: Unix ms, where it is known. `isWrong`: what was typed cannot be a key. */
  | {
      readonly at: 'ask'
      readonly means: Means
      readonly releasableAt: number | null
      readonly isWrong: boolean
    }
  | { readonly at: 'sending' }
  /** `until`: of a contest. `askAgain`: another try makes sense, by this. */
  | {
      readonly at: 'result'
      readonly result: Result
      readonly until: number | null
      readonly askAgain: Means | null
    }

export const askFor = (means: Means, releasableAt: number | null = null): State => ({
  at: 'ask',
  means,
  releasableAt,
  isWrong: false,
})
export const resultOf = (
  result: Result,
  askAgain: Means | null = null,
  until: number | null = null,
): State => ({
  at: 'result',
  result,
  until,
  askAgain,
})

/** A veto that the service took. */
export const afterVeto = ({
  outcome,
  until,
}: {
  readonly outcome: string
  readonly until: number | null
}): State => {
  if (outcome === 'vetoed') return resultOf('stopped')
  return until === null ? resultOf('goesOn', 'veto-key') : resultOf('contested', 'veto-key', until)
}

/** A veto that failed. What is not known counts as not having reached the service: nothing is claimed that is not so. */
export const afterRefusal = (error: unknown, means: Means): State => {
  if (!isHoldfastError(error)) return resultOf('failed', means)
  switch (error.code) {
    case 'malformed':
      return { at: 'ask', means, releasableAt: null, isWrong: true }
    case 'veto_too_late':
      return resultOf('late')
    case 'recovery_ended':
      return resultOf('ended')
    case 'veto_overruled':
      return resultOf('overruled', 'veto-key')
    case 'signature_rejected':
    case 'not_registered':
      return resultOf('notYours', 'veto-key')
    default:
      return resultOf('failed', means)
  }
}

/** A request as the owner's device sees it, before anything is asked. */
export const afterLook = (state: string, releasableAt: number | null, isOverridden: boolean): State => {
  if (state === 'vetoed') return resultOf('stopped')
  if (state === 'released' || state === 'completed') return resultOf('late')
  if (['declined', 'cancelled', 'expired', 'superseded'].includes(state)) return resultOf('ended')
  return askFor(isOverridden ? 'veto-key' : 'device', releasableAt)
}
