/**
 * Many recoveries that fall due within one second: how long until all are written down and told, how early or late each of them
 * is, and how soon somebody else's change meanwhile reaches the sockets of those who watch it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Account } from '../../src/domain/account.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { openMongoRecords, openQueueJobs, openRedisBackend } from './built-service.ts'
import { each, waitingCopy } from './copies.ts'
import { openEar } from './ear.ts'
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

export const measureWave = async (servers: Servers, set: ScaledSet, count: number): Promise<WaveFigures> => {
  const records = await openMongoRecords({ url: servers.mongoUrl, database: set.database })
  const backend = await openRedisBackend(servers.redisUrl, () => undefined)
  const jobs = openQueueJobs({ backend, now: () => records.now(), report: () => undefined })
  const ear = await openEar(servers.redisUrl)
  try {
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
    if (Date.now() > first)
      throw new Error('The store was too slow to write all of them before they fall due.')
    const [some = ''] = dueAt.keys()
    const bytesPerWake = await ear.bytesOfWake(some, dueAt.get(some) ?? 0)
    await pause(first - Date.now() - 3_000)
    const probe = await startProbe(set)
    await pause(3_000)
    while (ear.heard.size < count && Date.now() < first + GIVEN_UP_MS) await pause(LOOK_EVERY_MS)
    while (!(await isEmpty(records)) && Date.now() < first + GIVEN_UP_MS) await pause(LOOK_EVERY_MS)
    const drainedMs = Date.now() - first
    const late = [...dueAt].map(([id, at]) => (ear.heard.get(id) ?? Infinity) - at).toSorted((a, b) => a - b)
    return {
      count,
      settledMs: Math.max(...ear.heard.values()) - first,
      drainedMs: ear.heard.size < count ? Infinity : drainedMs,
      early: late.filter((ms) => ms < 0).length,
      lateP50Ms: late[Math.floor(count * 0.5)] ?? Infinity,
      lateP99Ms: late[Math.floor(count * 0.99)] ?? Infinity,
      bytesPerWake,
      probe: await probe.stop(),
    }
  } finally {
    await ear.close()
    await jobs.close()
    await backend.close()
    await records.close()
  }
}
