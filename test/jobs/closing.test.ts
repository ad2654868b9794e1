/** A process that was asked to stop ends in the time that closing.ts says, whatever hangs. */
import { afterEach, expect, test, vi } from 'vitest'
import { lateJobs, startBackground } from '../../src/background.ts'
import { CLOSES_WITHIN_MS, CLOSING, endsWithin } from '../../src/closing.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { DueList, accountId, makeReport } from './scene.ts'

afterEach(() => void vi.useRealTimers())
const never = () => new Promise<never>(() => undefined)

test('what takes too long is not waited for; what fails in time is said', async () => {
  vi.useFakeTimers()
  const waits = endsWithin(1_000, never())
  await vi.advanceTimersByTimeAsync(999)
  const still = Symbol('still')
  expect(await Promise.race([waits, Promise.resolve(still)])).toBe(still)
  await vi.advanceTimersByTimeAsync(1)
  expect(await waits).toBe(false)
  expect(await endsWithin(1_000, Promise.resolve())).toBe(true)
  await expect(endsWithin(1_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(vi.getTimerCount()).toBe(0)
})

test('a sweep without a queue that hangs on an account holds up the end no longer than jobs do', async () => {
  vi.useFakeTimers()
  const due = new DueList()
  due.dueAt.set(accountId(1), 0)
  let isBegun = false
  const background = startBackground({
    queue: null,
    works: true,
    records: due as unknown as Records,
    jobs: lateJobs(),
    handlers: {
      relayAccount: never,
      settleAccount: () => {
        isBegun = true
        return never()
      },
    },
    report: makeReport().report,
    sweepEveryMs: 1_000,
    log: () => undefined,
  })
  await vi.advanceTimersByTimeAsync(10)
  expect(isBegun).toBe(true)
  let isClosed = false
  const closing = background.close().then(() => (isClosed = true))
  await vi.advanceTimersByTimeAsync(CLOSING.jobsMs - 1)
  expect(isClosed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await closing
  expect(CLOSING.jobsMs).toBeLessThan(CLOSES_WITHIN_MS)
})
