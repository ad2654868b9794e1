/**
 * The one place that knows what BullMQ stands on. Everything else asks a QueueBackend for queues and workers, so that
 * another engine is a matter of configuration.
 */
import { createPostgresBackend, Queue, Worker, type PostgresConnectionOptions, type Processor } from 'bullmq'
import { codeOf, type Report } from './incident.ts'
import { QUEUE_NAMES, type QueueName } from './queues.ts'

/** `folder`: where PGlite keeps the queue. Disposable. `url`: see redis.ts. */
export type QueueEngine =
  | { readonly engine: 'pglite'; readonly folder: string }
  | { readonly engine: 'redis'; readonly url: string }

export interface WorkerSettings {
  /** Jobs at a time. */
  readonly concurrency: number
}

export interface QueueBackend {
  /** For adding. Errors are reported, and come from the calls themselves too. */
  openQueue(name: QueueName): BackedQueue
  /** Takes jobs from the moment it is opened. */
  openWorker(name: QueueName, run: Processor, settings: WorkerSettings): BackedWorker
  /** After every queue and worker was closed. */
  close(): Promise<void>
}

/** What is used of BullMQ's Queue and Worker, whatever they stand on. */
export type BackedQueue = Pick<
  Queue,
  'add' | 'addBulk' | 'close' | 'getJobCounts' | 'getJob' | 'waitUntilReady'
>
export interface BackedWorker {
  on(event: 'failed', listener: (job: { attemptsMade: number } | undefined, error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

/** How long an idle worker waits between looks of its own; a notification or the next delayed job wakes it sooner. */
const IDLE_LOOK_SECONDS = 60

/** Resolves when jobs can be added. Rejects if the engine cannot be started, reached or trusted at all. */
export const openQueueBackend = async (engine: QueueEngine, report: Report): Promise<QueueBackend> => {
  if (engine.engine === 'pglite') return openPgliteBackend(engine.folder, report)
  const { openRedisBackend } = await import('./redis-backend.ts')
  return openRedisBackend(engine.url, report)
}

const openPgliteBackend = async (folder: string, report: Report): Promise<QueueBackend> => {
  const { openPglite } = await import('./pglite-pool.ts')
  const pool = await openPglite({ folder, report })
  const connection: PostgresConnectionOptions = pool
  const onError = (queue: QueueName) => (error: unknown) =>
    report({ event: 'queue_error', queue, code: codeOf(error) })

  return {
    openQueue: (name) => {
      const queue = new Queue(
        QUEUE_NAMES[name],
        // Nobody reads the stream of events; by default 10,000 of them are kept.
        { connection, streams: { events: { maxLen: 100 } } },
        createPostgresBackend,
      )
      queue.on('error', onError(name))
      return queue as unknown as BackedQueue
    },
    openWorker: (name, run, { concurrency }) => {
      const worker = new Worker(
        QUEUE_NAMES[name],
        run,
        {
          connection,
          concurrency,
          drainDelay: IDLE_LOOK_SECONDS,
          runRetryDelay: 1_000,
          // Jobs that someone else put there, without our options, are not kept either.
          removeOnComplete: { count: 0 },
          removeOnFail: { count: 0 },
        },
        createPostgresBackend,
      )
      worker.on('error', onError(name))
      return worker as unknown as BackedWorker
    },
    close: () => pool.end(),
  }
}
