/**
 * The server's clock without asking the server each time: what is to count for minutes need not know the millisecond.
 */
import { askedTogether } from './asked-together.ts'

/** It is read anew after this; in between the process's own monotonic clock carries it on. */
const READ_EVERY_MS = 1_000

/**
 * Unix ms, behind the clock that `ask` reads by no more than an answer took, which is less than a second. A machine that was put to
 * sleep has not counted that time, and may be behind by it for a second more.
 */
export const coarseClock = (ask: () => Promise<number>): (() => Promise<number>) => {
  let read: { readonly now: number; readonly at: number } | null = null
  const readAnew = askedTogether(async () => {
    const askedAt = performance.now()
    const now = await ask()
    const at = performance.now()
    if (at - askedAt < READ_EVERY_MS) read = { now, at }
    return now
  })
  return async () => {
    const sinceMs = read === null ? Infinity : performance.now() - read.at
    return read !== null && sinceMs < READ_EVERY_MS ? Math.floor(read.now + sinceMs) : readAnew()
  }
}
