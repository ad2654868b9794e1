/**
 * The one place where errors become answers: application/problem+json (RFC 9457).
 */
import { ERRORS, HoldfastError, isHoldfastError, type ErrorCode } from '@holdfast/client/protocol'
import type { Response } from 'express'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly advice: string
  readonly slots?: readonly number[]
  readonly retryAfterMs?: number
}

/** The reader of bodies and the router throw errors with a status and, the former, a `type`. */
const FROM_EXPRESS: Readonly<Record<string, ErrorCode>> = {
  'charset.unsupported': 'unsupported_media_type',
  'encoding.unsupported': 'unsupported_media_type',
  'entity.parse.failed': 'malformed',
  'entity.too.large': 'too_large',
  'request.aborted': 'malformed',
  'request.size.invalid': 'malformed',
}

/** The refusal behind anything thrown; `internal` for whatever is not a refusal. */
export const refusalOf = (thrown: unknown): HoldfastError => {
  if (isHoldfastError(thrown)) return thrown
  if (thrown instanceof Error && 'type' in thrown && typeof thrown.type === 'string') {
    const code = FROM_EXPRESS[thrown.type]
    if (code !== undefined) return new HoldfastError(code, { cause: thrown })
  }
  // decodeURIComponent refused a path.
  if (thrown instanceof URIError) return new HoldfastError('malformed', { cause: thrown })
  return new HoldfastError('internal', { cause: thrown })
}

export const problemOf = ({ code, slots, retryAfterMs }: HoldfastError): Problem => {
  const { message, status, advice } = ERRORS[code]
  return {
    type: `urn:holdfast:error:${code}`,
    title: message,
    status,
    code,
    advice,
    ...(slots.length > 0 && { slots }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** Answers with the refusal. Nothing else of an error leaves the service. */
export const sendProblem = (response: Response, refusal: HoldfastError): void => {
  const problem = problemOf(refusal)
  if (problem.retryAfterMs !== undefined)
    response.setHeader('retry-after', String(Math.max(1, Math.ceil(problem.retryAfterMs / 1000))))
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}
