/**
 * Whether an answer is one that the operation table has.
 */
import {
  ERRORS,
  ERROR_CODES,
  OPERATIONS,
  outcomesOf,
  type ErrorCode,
  type Operation,
  type OperationName,
} from '@holdfast/client/protocol'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** What is wrong with an answer, or null. */
export const wrongWith = (name: OperationName, { status, text }: Answer): string | null => {
  const operation: Operation = OPERATIONS[name]
  if (status === operation.status)
    return operation.answer.safeParse(JSON.parse(text)).success ? null : `undocumented answer ${text}`
  const { code } = JSON.parse(text) as { code: ErrorCode }
  if (status >= 500) return `${status} ${code}`
  if (!ERROR_CODES.includes(code) || !outcomesOf(name).includes(code)) return `undocumented ${code}`
  return ERRORS[code].status === status ? null : `${code} with status ${status}`
}
