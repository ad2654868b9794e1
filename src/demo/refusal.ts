/**
 * What the demo refuses to begin with: a mistake in its flags or files. Nothing was written then.
 */
import { ERRORS, type ErrorCode } from '@holdfast/client/protocol'

/** `code`: one of the table of errors, or `usage` for what only a command line can get wrong. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ErrorCode | 'usage'

  constructor(code: ErrorCode | 'usage', message: string) {
    super(message)
    this.code = code
  }
}

/** A refusal in the words of the table. */
export const refusalOf = (code: ErrorCode): Refusal => new Refusal(code, ERRORS[code].message)

export const usage = (message: string): Refusal => new Refusal('usage', message)
