/**
 * Connections to Redis, each with the options that its use needs. ioredis is loaded when the first one is asked for: a
 * service without Redis neither waits for it nor keeps it in memory.
 */
import type { Redis, RedisOptions } from 'ioredis'

export type RedisClient = Redis

const REASONS = {
  /** May pass: the service goes on without, and tries again. */
  REDIS_UNREACHABLE: 'cannot be reached',
  REDIS_REFUSES: 'refuses the name or the password in it',
  REDIS_TOO_OLD: 'is too old: 6.2 or newer is needed',
  REDIS_EVICTS: 'would drop jobs when its memory is full: set its maxmemory-policy to noeviction',
} as const

/** Thrown where Redis cannot be used. Its message never repeats the URL, which may hold a password. */
export class RedisUnusable extends Error {
  override readonly name = 'RedisUnusable'
  readonly code: keyof typeof REASONS
  constructor(code: RedisUnusable['code']) {
    super(`The Redis that REDIS_URL names ${REASONS[code]}.`)
    this.code = code
  }
}

const CONNECT_WITHIN_MS = 5_000
const ANSWER_WITHIN_MS = 5_000
/** A break is mended within this, once Redis is there again. */
const LONGEST_RETRY_MS = 2_000
/** Longer than a worker's longest blocking command (10 s): what has not come by then comes no more. */
const BLOCKING_WITHIN_MS = 15_000

const COMMON: RedisOptions = {
  lazyConnect: true,
  connectTimeout: CONNECT_WITHIN_MS,
  keepAlive: 10_000,
  // With a random part: many processes that lost one Redis must not come back in the same instant.
  retryStrategy: (times) =>
    Math.min(50 * 2 ** Math.min(times, 8), LONGEST_RETRY_MS) * (0.5 + Math.random() / 2),
  // A replica after a failover: the address leads to the new primary.
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
}

/** A connection on which an answer is overdue is given up as well: the other end may be gone without a word. */
const within = (ms: number) => ({ commandTimeout: ms, socketTimeout: ms })

/**
 * `ask`: commands fail at once while Redis is away; without that an add would hang. `work`: what BullMQ's workers want,
 * whose commands wait for Redis, but not for ever. `listen`: subscribes whenever it is connected.
 */
const OPTIONS = {
  ask: { ...COMMON, ...within(ANSWER_WITHIN_MS), enableOfflineQueue: false, maxRetriesPerRequest: 0 },
  work: { ...COMMON, ...within(BLOCKING_WITHIN_MS), maxRetriesPerRequest: null },
  listen: { ...COMMON, ...within(ANSWER_WITHIN_MS), maxRetriesPerRequest: 0, autoResubscribe: false },
} as const satisfies Record<string, RedisOptions>

export type RedisUse = keyof typeof OPTIONS

/**
 * A client that connects when it is first used. `url`: redis:// or rediss://, with credentials and number of the database.
 * Its failures come from its commands; `onError` hears of those of the connection, which mends itself.
 */
export const redisClient = async (
  url: string,
  use: RedisUse,
  onError: (error: Error) => void = () => undefined,
): Promise<Redis> => {
  const { Redis: Client } = await import('ioredis')
  const client = new Client(url, OPTIONS[use])
  // Without a listener ioredis writes to the console, with addresses in it.
  client.on('error', onError)
  return client
}

/** What Redis says to a caller that it does not know, in its versions. */
const REFUSAL = /\b(WRONGPASS|NOAUTH|NOPERM|invalid password|without any password)\b/

/** Resolves when connected. Throws {@link RedisUnusable}, with nothing left running. */
export const connectRedis = async (client: Redis): Promise<Redis> => {
  let isRefused = false
  const look = (error: unknown): void => {
    isRefused ||= error instanceof Error && REFUSAL.test(error.message)
  }
  // What connecting rejects with says only that the connection was closed.
  client.on('error', look)
  try {
    await client.connect()
    return client
  } catch (error) {
    look(error)
    client.disconnect()
    throw new RedisUnusable(isRefused ? 'REDIS_REFUSES' : 'REDIS_UNREACHABLE')
  } finally {
    client.off('error', look)
  }
}

export interface RedisFacts {
  readonly version: string
  /** Policy for a full memory; `noeviction` is the only one that keeps jobs. */
  readonly maxmemoryPolicy: string
  /** Whether what was acknowledged outlives a kill. */
  readonly appendOnly: boolean
}

/** By INFO, which managed services allow where they refuse CONFIG. */
export const readRedisFacts = async (client: Redis): Promise<RedisFacts> => {
  const text = await client.info()
  const field = (name: string) => new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(text)?.[1] ?? ''
  return {
    version: field('redis_version'),
    maxmemoryPolicy: field('maxmemory_policy'),
    appendOnly: field('aof_enabled') === '1',
  }
}

/** Throws {@link RedisUnusable} for a Redis that would lose jobs while it runs, or is too old for BullMQ. */
export const refuseUnsafeRedis = ({ version, maxmemoryPolicy }: RedisFacts): void => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (!(major > 6 || (major === 6 && minor >= 2))) throw new RedisUnusable('REDIS_TOO_OLD')
  if (maxmemoryPolicy !== 'noeviction') throw new RedisUnusable('REDIS_EVICTS')
}

/**
 * For boot: throws {@link RedisUnusable} for a Redis that must not be used. One that cannot be reached may come back, and is
 * looked at again before it is used: a service that could not start without it would be the less reliable one.
 */
export const checkRedis = async (url: string): Promise<void> => {
  const client = await redisClient(url, 'ask')
  try {
    refuseUnsafeRedis(await readRedisFacts(await connectRedis(client)))
  } catch (error) {
    if (error instanceof RedisUnusable && error.code !== 'REDIS_UNREACHABLE') throw error
  } finally {
    client.disconnect()
  }
}
