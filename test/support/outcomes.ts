/**
 * Assertions on outcomes of operations. test/meta fails for every (operation, outcome) of the table that no test asserts: it
 * looks for these very calls with both names as literals, and for lines of the file that HOLDFAST_OUTCOMES_FILE names.
 */
import { appendFileSync } from 'node:fs'
import { type ErrorCode, HoldfastError, type OperationName, outcomesOf } from '@holdfast/client/protocol'
import { expect } from 'vitest'

const record = (operation: OperationName, outcome: ErrorCode | 'ok'): void => {
  const file = process.env['HOLDFAST_OUTCOMES_FILE']
  if (file !== undefined && file !== '') appendFileSync(file, `${operation} ${outcome}\n`)
}

/**
 * Asserts that a call of the operation ends as said, `ok` or a refusal that the table has for it, and returns the answer or
 * the error.
 */
export async function expectOutcome<A>(operation: OperationName, call: Promise<A>, outcome: 'ok'): Promise<A>
export async function expectOutcome<A>(
  operation: OperationName,
  call: Promise<A>,
  outcome: ErrorCode,
): Promise<HoldfastError>
export async function expectOutcome<A>(
  operation: OperationName,
  call: Promise<A>,
  outcome: ErrorCode | 'ok',
): Promise<A | HoldfastError> {
  if (outcome === 'ok') {
    const answer = await call
    record(operation, outcome)
    return answer
  }
  expect(outcomesOf(operation), `${operation} may not answer with ${outcome}`).toContain(outcome)
  const refusal = await call.then(
    () => 'ok',
    (error: unknown) => error,
  )
  if (!(refusal instanceof HoldfastError)) {
    expect.fail(
      `${operation}: expected ${outcome}, got ${refusal instanceof Error ? refusal.stack : String(refusal)}`,
    )
  }
  expect(refusal.code, operation).toBe(outcome)
  record(operation, outcome)
  return refusal
}
