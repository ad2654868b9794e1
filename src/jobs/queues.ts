/**
 * The two queues: their names, what a job carries, and its id. Ids and instants only: no secret, share, token, address or
 * text ever enters a queue.
 */
import { id, instant, shape } from '@holdfast/client/protocol'
import type { JobsOptions } from 'bullmq'

/** `relay`: outboxes that ask for something. `wake`: look at an account again at an instant. */
export const QUEUE_NAMES = { relay: 'holdfast-relay', wake: 'holdfast-wake' } as const
export type QueueName = keyof typeof QUEUE_NAMES

/** How many accounts one relay job may name. */
export const RELAY_BATCH = 100

export const relayPayload = shape.strictObject({ accounts: shape.array(id, 1, RELAY_BATCH) })
export type RelayPayload = shape.Infer<typeof relayPayload>

/** `at`: Unix ms by the store's clock. */
export const wakePayload = shape.strictObject({ account: id, at: instant })
export type WakePayload = shape.Infer<typeof wakePayload>

/** The same for the same hint, so that repeating it adds nothing. Without ':', which BullMQ refuses in ids. */
export const wakeJobId = ({ account, at }: WakePayload): string => `wake-${account}-${at}`

/** The longest delay that a 32-bit timer holds; a job that comes up too early is put back. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1

/** Whole milliseconds in [1, LONGEST_DELAY_MS]: zero, negative and fractional delays would run at once. */
export const delayUntil = (at: number, now: number): number =>
  Math.min(Math.max(Math.ceil(at - now), 1), LONGEST_DELAY_MS)

/**
 * For every job. Nothing finished is kept: the id of a finished job that is kept could not be added again, and then the
 * sweep could not repair what failed.
 */
export const JOB_OPTIONS = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
} as const satisfies JobsOptions
