/** The relay job: does what the outboxes of the accounts that it names ask for. */
import { UnrecoverableError, type Job } from 'bullmq'
import { relayPayload } from '../src/jobs/queues.ts'
import { inGroups } from './in-groups.ts'
import type { Handler } from './one-at-a-time.ts'
import { PoisonedJobError, toJobError } from './retry-rule.ts'

/** Accounts of one job. */
const AT_A_TIME = 4

/** Tries every account. Those whose failure may pass stay in the job for its next attempt; the others are done with. */
export const relayOutbox =
  (relayAccount: Handler) =>
  async (job: Pick<Job, 'data' | 'updateData'>): Promise<void> => {
    const payload = relayPayload.safeParse(job.data)
    if (!payload.success) throw new PoisonedJobError('malformed')
    const { accounts } = payload.data
    const again: string[] = []
    const errors: { passing?: Error; refused?: Error } = {}
    await inGroups(accounts, AT_A_TIME, async (account) => {
      try {
        await relayAccount(account)
      } catch (thrown) {
        const error = toJobError(thrown)
        if (error instanceof UnrecoverableError) {
          errors.refused = error
        } else {
          again.push(account)
          errors.passing = error
        }
      }
    })
    const error = errors.passing ?? errors.refused
    if (error === undefined) return
    if (again.length > 0 && again.length < accounts.length) await job.updateData({ accounts: again })
    throw error
  }
