/** The wake job: has an account looked at, at an instant. What is due then, if anything, the use case decides. */
import { DelayedError, type Job } from 'bullmq'
import { delayUntil, wakePayload } from '../src/jobs/queues.ts'
import type { Handler } from './one-at-a-time.ts'
import { PoisonedJobError, toJobError } from './retry-rule.ts'

/**
 * BullMQ delays by this process's clock; the job counts by the store's. One that comes up too early, because the clocks
 * differ or the delay was longer than a timer holds, is put back for the rest.
 */
export const wakeAccount =
  (settleAccount: Handler, now: () => Promise<number>) =>
  async (job: Pick<Job, 'data' | 'moveToDelayed'>, token?: string): Promise<void> => {
    const payload = wakePayload.safeParse(job.data)
    if (!payload.success) throw new PoisonedJobError('malformed')
    const { account, at } = payload.data
    try {
      const storeNow = await now()
      if (storeNow >= at) return await settleAccount(account)
      await job.moveToDelayed(Date.now() + delayUntil(at, storeNow), token)
    } catch (thrown) {
      throw toJobError(thrown)
    }
    throw new DelayedError()
  }
