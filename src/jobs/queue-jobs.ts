/**
 * The Jobs port on BullMQ. Hints are gathered in memory and go into the queue in batches, because an add costs the queue's
 * thread 2 ms whether it names one account or a hundred.
 */
import { CLOSING, endsWithin } from '../closing.ts'
import type { Jobs } from '../use-cases/ports.ts'
import { codeOf, type Report } from './incident.ts'
import type { QueueBackend } from './queue-backend.ts'
import { delayUntil, JOB_OPTIONS, RELAY_BATCH, wakeJobId } from './queues.ts'
import type { RelayPayload, WakePayload } from './queues.ts'

export interface QueueJobsOptions {
  readonly backend: QueueBackend
  /** The store's clock: what delays are reckoned from. */
  readonly now: () => Promise<number>
  readonly report: Report
  /** At most one flush in this time; under lasting load, at most one in five times this. */
  readonly flushEveryMs?: number
}

/** Jobs by what they wait for. */
export interface JobCounts {
  readonly waiting: number
  readonly delayed: number
  readonly active: number
}

export interface QueueJobs extends Jobs {
  /** Asks the queue itself: rejects, or takes long, where it is away. */
  counts(): Promise<JobCounts>
}

/** So that the first hint after a quiet time takes along what the same request adds next. */
const GATHER_MS = 2
/** Beyond these, hints are dropped: a queue that takes none must not fill the memory, and the sweep finds everything. */
const MOST_RELAYS = 20_000
const MOST_WAKES = 20_000
const MOST_RELAYS_AT_ONCE = 10 * RELAY_BATCH
const MOST_WAKES_AT_ONCE = 500
/** Up to here single adds are cheaper than one bulk (measured 2 ms each; 7 ms for a bulk of 1 to 20, 14 ms for 100). */
const MOST_SINGLE_ADDS = 4
/**
 * How far the pause between flushes grows while they follow each other closely. Adding and running a job costs the queue's
 * thread 9 ms: at 50 a second that is half a core, which requests would miss; at 10 a second nobody sees the difference.
 */
const LONGEST_PAUSE = 5
const PAUSE_GROWTH = 1.25

/** Takes the first `most` out of `map`. */
const takeFrom = <K, V>(map: Map<K, V>, most: number): V[] => {
  const taken: V[] = []
  for (const [key, value] of map) {
    if (taken.length === most) break
    taken.push(value)
    map.delete(key)
  }
  return taken
}

/** Starts nothing that holds the process. `close` makes one last attempt to hand over what is gathered. */
export const openQueueJobs = ({ backend, now, report, flushEveryMs = 20 }: QueueJobsOptions): QueueJobs => {
  const relayQueue = backend.openQueue('relay')
  const wakeQueue = backend.openQueue('wake')
  const relays = new Map<string, string>()
  const wakes = new Map<string, WakePayload>()
  let timer: NodeJS.Timeout | null = null
  let flushing: Promise<void> | null = null
  let pauseMs = flushEveryMs
  let restUntil = 0
  let closed = false

  const dropped = (count: number, error: unknown) =>
    report({ event: 'hints_dropped', count, code: codeOf(error) })

  const addRelays = async (accounts: string[]) => {
    const payload: RelayPayload = { accounts }
    await relayQueue
      .add('relay', payload, JOB_OPTIONS)
      .catch((error: unknown) => dropped(accounts.length, error))
  }

  const addWakes = async (batch: readonly WakePayload[]) => {
    if (batch.length === 0) return
    try {
      const from = await now()
      const jobs = batch.map((data) => ({
        name: 'wake',
        data,
        opts: { ...JOB_OPTIONS, jobId: wakeJobId(data), delay: delayUntil(data.at, from) },
      }))
      if (jobs.length > MOST_SINGLE_ADDS) await wakeQueue.addBulk(jobs)
      else await Promise.all(jobs.map(({ name, data, opts }) => wakeQueue.add(name, data, opts)))
    } catch (error) {
      dropped(batch.length, error)
    }
  }

  const flush = async () => {
    const started = performance.now()
    const lasting = started - restUntil < pauseMs
    pauseMs = lasting ? Math.min(pauseMs * PAUSE_GROWTH, flushEveryMs * LONGEST_PAUSE) : flushEveryMs
    const accounts = takeFrom(relays, MOST_RELAYS_AT_ONCE)
    const batches = Array.from({ length: Math.ceil(accounts.length / RELAY_BATCH) }, (_, index) =>
      accounts.slice(index * RELAY_BATCH, (index + 1) * RELAY_BATCH),
    )
    await Promise.all([...batches.map(addRelays), addWakes(takeFrom(wakes, MOST_WAKES_AT_ONCE))])
    restUntil = Math.max(started + pauseMs, performance.now())
  }

  const schedule = () => {
    if (timer !== null || flushing !== null || closed || relays.size + wakes.size === 0) return
    timer = setTimeout(
      () => {
        timer = null
        flushing = flush().finally(() => {
          flushing = null
          schedule()
        })
      },
      Math.max(GATHER_MS, restUntil - performance.now()),
    )
    timer.unref()
  }

  return {
    relay: (account) => {
      if (closed) return
      if (relays.size >= MOST_RELAYS) return dropped(1, { code: 'QUEUE_FULL' })
      relays.set(account, account)
      schedule()
    },
    wake: (account, at) => {
      if (closed) return
      if (wakes.size >= MOST_WAKES) return dropped(1, { code: 'QUEUE_FULL' })
      const wake = { account, at }
      wakes.set(wakeJobId(wake), wake)
      schedule()
    },
    counts: async () => {
      const counts = await Promise.all(
        [relayQueue, wakeQueue].map((queue) => queue.getJobCounts('waiting', 'delayed', 'active')),
      )
      const sum = (state: string) => counts.reduce((total, count) => total + (count[state] ?? 0), 0)
      return { waiting: sum('waiting'), delayed: sum('delayed'), active: sum('active') }
    },
    close: async () => {
      if (closed) return
      closed = true
      if (timer !== null) clearTimeout(timer)
      const last = async () => {
        await flushing
        await flush()
      }
      await endsWithin(CLOSING.hintsMs, last())
      await Promise.all([relayQueue.close(), wakeQueue.close()])
    },
  }
}
