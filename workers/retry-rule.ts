/**
 * Which failures of a job are worth repeating: one of the two places that map errors outward (the other answers HTTP).
 */
import { isHoldfastError } from '@holdfast/client/protocol'
import { UnrecoverableError } from 'bullmq'
import { codeOf } from '../src/jobs/incident.ts'

/** A job whose payload is not ours. It fails at once: repeating cannot mend it. */
export class PoisonedJobError extends UnrecoverableError {
  readonly code = 'malformed'
}

/** A refusal that stays the same when repeated. */
class RefusedError extends UnrecoverableError {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** A failure that may pass. Carries the code only: what a handler threw may repeat input, and queues keep messages. */
class PassingError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** What a job should throw for what its handler threw. An error without a code may be anything, so it is repeated. */
export const toJobError = (thrown: unknown): Error => {
  const code = codeOf(thrown)
  if (!isHoldfastError(thrown)) return new PassingError(code)
  return thrown.advice === 'retry' || thrown.advice === 'retry-later'
    ? new PassingError(code)
    : new RefusedError(code)
}
