/**
 * BullMQ on Redis. Producers fail at once while Redis is away, workers wait for it, and both go on when it is back: what was
 * lost meanwhile the sweep finds.
 */
import { Queue, Worker } from 'bullmq'
import { connectRedis, readRedisFacts, redisClient, refuseUnsafeRedis } from '../redis.ts'
import { codeOf, type Report } from './incident.ts'
import type { BackedQueue, BackedWorker, QueueBackend } from './queue-backend.ts'
import { QUEUE_NAMES, type QueueName } from './queues.ts'

/**
 * Resolves when jobs can be added. Rejects with RedisUnusable if Redis cannot be reached, is too old or evicts; one without
 * an append-only file is reported and used, since the records know better what is to be done.
 */
export const openRedisBackend = async (url: string, report: Report): Promise<QueueBackend> => {
  const asking = await connectRedis(await redisClient(url, 'ask'))
  try {
    const facts = await readRedisFacts(asking)
    refuseUnsafeRedis(facts)
    if (!facts.appendOnly) report({ event: 'queue_not_durable' })
  } catch (error) {
    asking.disconnect()
    throw error
  }
  const working = await redisClient(url, 'work')
  // BullMQ makes one blocking connection per worker from this one. Those of workers that did not close in time are ended here.
  const blocking: { disconnect(): void }[] = []
  const duplicate = working.duplicate.bind(working)
  working.duplicate = (options) => {
    const copy = duplicate(options)
    copy.on('error', () => undefined)
    blocking.push(copy)
    return copy
  }

  let isAway = false
  let isClosed = false
  asking.on('close', () => {
    if (isAway || isClosed) return
    isAway = true
    report({ event: 'queue_disconnected' })
  })
  asking.on('ready', () => {
    if (isAway) report({ event: 'queue_reconnected' })
    isAway = false
  })
  // Every connection fails again at every attempt: while Redis is away that has been said.
  const onError = (queue: QueueName) => (error: unknown) => {
    if (!isAway && !isClosed) report({ event: 'queue_error', queue, code: codeOf(error) })
  }

  return {
    openQueue: (name) => {
      const queue = new Queue(QUEUE_NAMES[name], {
        connection: asking,
        streams: { events: { maxLen: 100 } },
      })
      queue.on('error', onError(name))
      return queue as unknown as BackedQueue
    },
    openWorker: (name, run, { concurrency }) => {
      const worker = new Worker(QUEUE_NAMES[name], run, {
        connection: working,
        concurrency,
        runRetryDelay: 1_000,
        // Jobs that someone else put there, without our options, are not kept either.
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      })
      worker.on('error', onError(name))
      return worker as unknown as BackedWorker
    },
    close: async () => {
      isClosed = true
      for (const client of [asking, working, ...blocking]) client.disconnect()
    },
  }
}
