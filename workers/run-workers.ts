/** Starts everything that happens by itself: the two kinds of job, and the sweep that makes up for all they miss. */
import { CLOSING, endsWithin } from '../src/closing.ts'
import { codeOf, type Report } from '../src/jobs/incident.ts'
import type { QueueBackend } from '../src/jobs/queue-backend.ts'
import type { QueueName } from '../src/jobs/queues.ts'
import { askedTogether } from '../src/use-cases/asked-together.ts'
import type { Jobs, Records } from '../src/use-cases/ports.ts'
import { oneAtATime, type Handler } from './one-at-a-time.ts'
import { relayOutbox } from './relay-outbox.ts'
import { startSweep, type Sweep, type SweepFigures } from './sweep.ts'
import { wakeAccount } from './wake-account.ts'

/** The use cases that time and the outbox call for. Each may be called at any time, for any account, any number of times. */
export interface Handlers {
  /** Does what the account's outbox asks for. */
  readonly relayAccount: Handler
  /** Does whatever is due on the account by the store's clock; nothing, if nothing is. */
  readonly settleAccount: Handler
}

export interface RunWorkersOptions {
  readonly backend: QueueBackend
  readonly records: Pick<Records, 'now' | 'due' | 'upcoming' | 'unrelayed'>
  readonly jobs: Pick<Jobs, 'wake'>
  readonly handlers: Handlers
  readonly report: Report
  /** 1 to 60,000; a minute unless given. */
  readonly sweepEveryMs?: number
  readonly onSwept?: ((figures: SweepFigures) => void) | undefined
  /** A handler that takes longer is given up with `timeout` and met again by the sweep. */
  readonly handlerWithinMs?: number
  /** How long `close` waits for jobs that are running. */
  readonly closeWithinMs?: number
}

export interface RunningWorkers {
  readonly sweep: Sweep
  /** Takes no more jobs, waits for those that are running, and stops the sweep. What was cut off, the next start finds. */
  close(): Promise<void>
}

/**
 * Jobs at a time. All of them wait for one store, and so does whoever is being answered: with twice as many a wave was over no
 * sooner, and people waited longer.
 */
const CONCURRENCY = { relay: 2, wake: 4 } as const satisfies Record<QueueName, number>

/** Resolves when both workers take jobs. The backend and the jobs stay the caller's to close, after this. */
export const runWorkers = async (options: RunWorkersOptions): Promise<RunningWorkers> => {
  const { backend, records, jobs, report, closeWithinMs = CLOSING.jobsMs } = options
  const within = options.handlerWithinMs ?? 30_000
  const settleAccount = oneAtATime(options.handlers.settleAccount, within)
  const relayAccount = oneAtATime(options.handlers.relayAccount, within)

  const open = (name: QueueName, run: Parameters<QueueBackend['openWorker']>[1]) => {
    const worker = backend.openWorker(name, run, { concurrency: CONCURRENCY[name] })
    worker.on('failed', (job, error) =>
      report({ event: 'job_failed', queue: name, attempts: job?.attemptsMade ?? 0, code: codeOf(error) }),
    )
    return worker
  }
  const workers = [
    open('relay', relayOutbox(relayAccount)),
    open(
      'wake',
      // Behind by a moment, it would only put a job back for that long.
      wakeAccount(
        settleAccount,
        askedTogether(() => records.now()),
      ),
    ),
  ]
  await Promise.all(workers.map((worker) => worker.waitUntilReady()))
  const sweep = startSweep({
    records,
    jobs,
    settleAccount,
    relayAccount,
    report,
    everyMs: options.sweepEveryMs ?? 60_000,
    onSwept: options.onSwept,
  })

  return {
    sweep,
    close: async () => {
      const closing = Promise.all([sweep.close(), ...workers.map((worker) => worker.close())])
      if (!(await endsWithin(closeWithinMs, closing))) report({ event: 'workers_closed_busy' })
    },
  }
}
