/**
 * What happens by itself, started once the service listens: jobs are only hints, so nobody waits for their queue. Until it is
 * there, and for as long as it cannot be had, the sweep alone does everything, a little later.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import { CLOSING, endsWithin } from './closing.ts'
import { openQueueBackend, type QueueBackend, type QueueEngine } from './jobs/queue-backend.ts'
import { openQueueJobs, type JobCounts, type QueueJobs } from './jobs/queue-jobs.ts'
import { codeOf, type Report } from './jobs/incident.ts'
import type { Log } from './observe/log.ts'
import type { Jobs, Records } from './use-cases/ports.ts'
import { runWorkers, type Handlers, type RunningWorkers } from '../workers/run-workers.ts'
import { startSweep, type Sweep, type SweepFigures, type SweepState } from '../workers/sweep.ts'

/** Hints that come before the queue are kept up to here; the sweep finds the others. */
const MOST_KEPT = 10_000
const SWEEP_ALONE_MS = 2_000
/** PGlite is costly to start; Redis is merely asked whether it is there. */
const TRY_AGAIN_MS = { pglite: 30_000, redis: 5_000 } as const

export interface LateJobs extends Jobs {
  /** Hands over what was kept, and everything from now on. */
  attach(jobs: Jobs): void
}

/** The Jobs port before there is a queue. */
export const lateJobs = (): LateJobs => {
  let target: Jobs | null = null
  let relays = new Set<string>()
  let wakes: { readonly account: string; readonly at: number }[] = []
  return {
    relay(account) {
      if (target !== null) target.relay(account)
      else if (relays.size < MOST_KEPT) relays.add(account)
    },
    wake(account, at) {
      if (target !== null) target.wake(account, at)
      else if (wakes.length < MOST_KEPT) wakes.push({ account, at })
    },
    attach(jobs) {
      target = jobs
      for (const account of relays) jobs.relay(account)
      for (const { account, at } of wakes) jobs.wake(account, at)
      relays = new Set()
      wakes = []
    },
    close: async () => target?.close(),
  }
}

export interface BackgroundOptions {
  /** Null: no queue, the sweep alone. */
  readonly queue: QueueEngine | null
  /** False: this process only adds jobs. Others run them, and sweep. */
  readonly works: boolean
  readonly records: Records
  readonly jobs: LateJobs
  readonly handlers: Handlers
  /** Stands between the queue and whoever adds to it; the backend as it is, unless given. */
  readonly around?: ((backend: QueueBackend) => QueueBackend) | undefined
  readonly report: Report
  readonly sweepEveryMs: number
  readonly onSwept?: (figures: SweepFigures) => void
  readonly log: Log
}

export interface Background {
  /** Resolves when jobs run, or the first attempt at it failed: then the sweep runs alone. */
  readonly started: Promise<void>
  /** What lies in the queue. Throws where it cannot be asked, `unavailable` before there is one. */
  counts(): Promise<JobCounts>
  /** How this process's sweep is doing; null where it has none, or not yet. */
  sweepState(): SweepState | null
  /** Takes no more jobs, and waits for those that are running, as long as closing.ts says. */
  close(): Promise<void>
}

export const startBackground = (options: BackgroundOptions): Background => {
  const {
    queue: engine,
    works,
    records,
    jobs,
    handlers,
    around,
    report,
    sweepEveryMs,
    onSwept,
    log,
  } = options
  let alone: Sweep | null = null
  let workers: RunningWorkers | null = null
  let backend: QueueBackend | null = null
  let queue: QueueJobs | null = null
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const sweepAlone = (): Sweep =>
    startSweep({
      records,
      jobs,
      report,
      ...handlers,
      everyMs: Math.min(SWEEP_ALONE_MS, sweepEveryMs),
      onSwept,
    })

  const attempt = async (): Promise<void> => {
    if (engine === null) {
      if (works) alone = sweepAlone()
      return
    }
    try {
      backend ??= await openQueueBackend(engine, report)
      const hinted = around?.(backend) ?? backend
      const opened = openQueueJobs({ backend: hinted, now: () => records.now(), report })
      if (works)
        workers = await runWorkers({
          backend,
          records,
          jobs: opened,
          handlers,
          report,
          sweepEveryMs,
          onSwept,
        })
      queue = opened
      jobs.attach(opened)
      await alone?.close()
      alone = null
      log('info', 'queue_ready')
    } catch (error) {
      log('error', 'queue_start_failed', { code: codeOf(error) })
      if (closed) return
      if (works) alone ??= sweepAlone()
      timer = setTimeout(() => {
        running = attempt()
      }, TRY_AGAIN_MS[engine.engine])
    }
  }
  let running = attempt()

  return {
    started: running,
    async counts() {
      if (queue === null) throw new HoldfastError('unavailable')
      return queue.counts()
    },
    sweepState: () => (workers?.sweep ?? alone)?.state() ?? null,
    async close() {
      closed = true
      clearTimeout(timer)
      await endsWithin(CLOSING.openingMs, running)
      await endsWithin(CLOSING.jobsMs, Promise.all([alone?.close(), workers?.close()]))
      await jobs.close()
      await backend?.close()
    },
  }
}
