/** How a process that was asked to stop ends: part after part, each within a time of its own. docs/OPERATIONS.md has the sum. */

/** How long is waited for each, in ms. What was cut off then, the next start finds. */
export const CLOSING = {
  /** Requests under way. */
  requestsMs: 5_000,
  /** The step of sealing anew that is under way. */
  resealMs: 5_000,
  /** A queue that is just being opened. */
  openingMs: 10_000,
  /** Jobs, and the group of accounts that the sweep is at. */
  jobsMs: 10_000,
  /** The last hints on their way into the queue. */
  hintsMs: 1_000,
  /** The queue's own thread. */
  queueMs: 5_000,
  /** Notices that are being sent. */
  mailroomMs: 10_000,
} as const

/** All of them, one after the other, after HOLDFAST_DRAIN_SECONDS. */
export const CLOSES_WITHIN_MS = Object.values(CLOSING).reduce((sum, ms) => sum + ms, 0)

/** Whether `work` ended within `ms`. What did not goes on, and nobody waits for it. Rejects as `work` does in that time. */
export const endsWithin = async (ms: number, work: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
