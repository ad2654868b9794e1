/**
 * Many recoveries that fall due within one second: how long until all are written down and told, how early or late each of them
 * is, and how soon somebody else's change meanwhile reaches the sockets of those who watch it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from 'mongoose'
import type { Account } from '../../src/domain/account.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { openMongoRecords, openQueueJobs, openRedisBackend } from './built-service.ts'
import { each, waitingCopy } from './copies.ts'
import { type Ear, openEar } from './ear.ts'
import { startProbe, type ProbeFigures } from './probe.ts'
import type { ScaledSet } from './scaled-set.ts'
import type { Servers } from './servers.ts'

export interface WaveFigures {
  readonly count: number
  /** From the first that fell due until all had been released to be pulled. */
  readonly settledMs: number
  /** The same, until nothing of it was left to be told. */
  readonly drainedMs: number
  /** Heard of before it was due. */
  readonly early: number
  readonly lateP50Ms: number
  readonly lateP99Ms: number
  /** Bytes in Redis of one job that waits for its instant. */
  readonly bytesPerWake: number
  readonly probe: ProbeFigures
}

/** Between writing the first and the instant of the first: time to write them all, whatever the store. */
const WRITES_PER_SECOND = 150
const LOOK_EVERY_MS = 200
/** Where looking is itself what is counted. */
const SELDOM_MS = 2_000
const GIVEN_UP_MS = 600_000

/** An owner of the set whose request is open. */
export const modelOf = async (set: ScaledSet, records: Pick<Records, 'load'>): Promise<Account> => {
  const owner = set.seeded.approvers[0]?.body.owner ?? ''
  const loaded = await records.load(owner)
  if (loaded === null) throw new Error('The set has no owner.')
  return loaded.account
}

const isEmpty = async (records: Records): Promise<boolean> =>
  (await records.due(1)).length === 0 && (await records.unrelayed(1)).length === 0

interface Parts {
  readonly records: Awaited<ReturnType<typeof openMongoRecords>>
  readonly jobs: ReturnType<typeof openQueueJobs>
  readonly ear: Ear
}

const withParts = async <T>(
  { mongoUrl, redisUrl }: Servers,
  { database }: ScaledSet,
  work: (parts: Parts) => Promise<T>,
): Promise<T> => {
  const records = await openMongoRecords({ url: mongoUrl, database })
  const backend = await openRedisBackend(redisUrl, () => undefined)
  const jobs = openQueueJobs({ backend, now: () => records.now(), report: () => undefined })
  const ear = await openEar(redisUrl)
  try {
    return await work({ records, jobs, ear })
  } finally {
    await ear.close()
    await jobs.close()
    await backend.close()
    await records.close()
  }
}

/** Writes recoveries of which the first falls due in a while, the last a second later. */
const letFallDue = async ({ records, jobs }: Parts, set: ScaledSet, count: number) => {
  const model = await modelOf(set, records)
  const first = Date.now() + 10_000 + (count / WRITES_PER_SECOND) * 1000
  const copies = Array.from({ length: count }, (_, at) =>
    waitingCopy(model, Math.floor(first + (at * 1000) / count)),
  )
  const dueAt = new Map(copies.map(({ id }, at) => [id, Math.floor(first + (at * 1000) / count)]))
  await each(copies, 16, async (account) => {
    await records.commit(account, { ifRevision: 0 })
    jobs.wake(account.id, dueAt.get(account.id) ?? 0)
  })
  await pause(2_000)
  if (Date.now() > first) throw new Error('The store was too slow to write all of them before they fall due.')
  return { first, dueAt }
}

/** Until all were heard of and nothing is left to be told; gives when, Unix ms. */
const drained = async (
  { records, ear }: Parts,
  count: number,
  until: number,
  everyMs = LOOK_EVERY_MS,
): Promise<number> => {
  while (ear.heard.size < count && Date.now() < until) await pause(everyMs)
  while (!(await isEmpty(records)) && Date.now() < until) await pause(everyMs)
  return ear.heard.size < count ? Infinity : Date.now()
}

export const measureWave = (servers: Servers, set: ScaledSet, count: number): Promise<WaveFigures> =>
  withParts(servers, set, async (parts) => {
    const { ear } = parts
    const { first, dueAt } = await letFallDue(parts, set, count)
    const [some = ''] = dueAt.keys()
    const bytesPerWake = await ear.bytesOfWake(some, dueAt.get(some) ?? 0)
    await pause(first - Date.now() - 3_000)
    const probe = await startProbe(set)
    await pause(3_000)
    const drainedMs = (await drained(parts, count, first + GIVEN_UP_MS)) - first
    const late = [...dueAt].map(([id, at]) => (ear.heard.get(id) ?? Infinity) - at).toSorted((a, b) => a - b)
    return {
      count,
      settledMs: Math.max(...ear.heard.values()) - first,
      drainedMs,
      early: late.filter((ms) => ms < 0).length,
      lateP50Ms: late[Math.floor(count * 0.5)] ?? Infinity,
      lateP99Ms: late[Math.floor(count * 0.99)] ?? Infinity,
      bytesPerWake,
      probe: await probe.stop(),
    }
  })

/**
 * What one recovery that falls due asks of MongoDB until it is written down, logged and told: commands, as the server counts them,
 * less what processes ask in the same time while nothing is due.
 */
export const measureCommands = (servers: Servers, set: ScaledSet, count: number): Promise<number> =>
  withParts(servers, set, async (parts) => {
    const connection = await createConnection(servers.mongoUrl).asPromise()
    const asked = async (): Promise<number> => {
      const status = await connection.db?.admin().command({ serverStatus: 1 })
      return Object.values<number>(status?.['opcounters'] ?? {}).reduce((sum, one) => sum + one, 0)
    }
    try {
      const { first } = await letFallDue(parts, set, count)
      const [idleFrom, idleAt] = [await asked(), Date.now()]
      await pause(first - Date.now() - 500)
      const [from, at] = [await asked(), Date.now()]
      const idlePerMs = (from - idleFrom) / (at - idleAt)
      const until = await drained(parts, count, first + GIVEN_UP_MS, SELDOM_MS)
      return ((await asked()) - from - idlePerMs * (until - at)) / count
    } finally {
      await connection.close()
    }
  })
