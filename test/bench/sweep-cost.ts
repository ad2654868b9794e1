/**
 * What a sweep costs among ever more recoveries that wait, of which as many as ever are due: the store must find those without
 * looking at the others.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@holdfast/client/protocol'
import { createConnection } from 'mongoose'
import type { Account } from '../../src/domain/account.ts'
import type { KeyStore, Records, Settings } from '../../src/use-cases/ports.ts'
import {
  indexOf,
  migrateMongo,
  openEmbeddedRecords,
  openFolderKeyStore,
  openMongoRecords,
  settleAccount,
  startSweep,
} from './built-service.ts'
import { each, waitingCopy } from './copies.ts'
import { median } from './sampling.ts'
import { withDatabase } from './scaled-set.ts'
import type { Servers } from './servers.ts'

export interface SweepCost {
  readonly engine: 'embedded' | 'MongoDB'
  readonly waiting: number
  /** Median of a sweep that settles {@link DUE} accounts. */
  readonly sweepMs: number
}

export const DUE = 100
const SWEEPS = 5
const BULK = 1_000
const FAR_MS = 30 * 86_400_000

const SETTINGS: Settings = {
  development: false,
  waitingSeconds: { min: 1, max: 1e9 },
  coolingSeconds: { min: 1, max: 1e9 },
  collectingSeconds: { min: 1, max: 1e9 },
  backOffSeconds: 1,
  contestSeconds: 1,
  delaySeconds: 1,
  digestSeconds: 3600,
}

/** One sweep over what is due now. Outboxes stay: what is measured is finding and settling. */
const sweepOnce = async (records: Records, keyStore: KeyStore): Promise<number> => {
  const jobs = { relay: () => undefined, wake: () => undefined, close: async () => undefined }
  const from = performance.now()
  const sweep = startSweep({
    records: {
      now: () => records.now(),
      due: (limit) => records.due(limit),
      upcoming: (until, limit) => records.upcoming(until, limit),
      unrelayed: async () => [],
    },
    jobs,
    settleAccount: settleAccount({ records, keyStore, jobs, settings: SETTINGS }),
    relayAccount: async () => undefined,
    report: ({ event }) => {
      throw new Error(event)
    },
    everyMs: 60_000,
  })
  const { settled, failed } = await sweep.run()
  const tookMs = performance.now() - from
  await sweep.close()
  if (settled !== DUE || failed > 0)
    throw new Error(`The sweep settled ${settled} of ${DUE}, ${failed} failed.`)
  return tookMs
}

const measureAt = async (records: Records, keyStore: KeyStore, model: Account): Promise<number> => {
  const times: number[] = []
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const due = Array.from({ length: DUE }, () => waitingCopy(model, Date.now() - 1000))
    await each(due, 16, (account) => records.commit(account, { ifRevision: 0 }))
    times.push(await sweepOnce(records, keyStore))
  }
  return median(times)
}

/** Rows as the records write them, many at a time: a hundred thousand one by one would take the stand-in minutes. */
const fillMongo = async (url: string, accounts: readonly Account[]): Promise<void> => {
  const connection = await createConnection(url).asPromise()
  try {
    for (let from = 0; from < accounts.length; from += BULK) {
      const rows = accounts.slice(from, from + BULK).map((account) => {
        const document = { ...account, revision: 1 }
        const { dueAt, contacts } = indexOf(document)
        return { _id: account.id, revision: 1, document, dueAt, contacts }
      })
      await connection.collection<{ _id: string }>('accounts').insertMany(rows)
    }
  } finally {
    await connection.close()
  }
}

/** `counts`: how many wait, ever more. */
export const measureSweeps = async (
  servers: Servers,
  model: Account,
  counts: readonly number[],
): Promise<readonly SweepCost[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  const database = `${servers.database}-sweep`
  const url = withDatabase(servers.mongoUrl, database)
  await migrateMongo(url)
  const embedded = await openEmbeddedRecords({ folder: join(folder, 'records') })
  const keyStore = await openFolderKeyStore({ folder: join(folder, 'keys'), wrappingKey: Secret.random(32) })
  const mongo = await openMongoRecords({ url: servers.mongoUrl, database })
  const figures: SweepCost[] = []
  let waiting = 0
  try {
    for (const count of counts) {
      for (; waiting < count; waiting += BULK) {
        const more = Array.from({ length: Math.min(BULK, count - waiting) }, () =>
          waitingCopy(model, Date.now() + FAR_MS),
        )
        await Promise.all(more.map((account) => embedded.commit(account, { ifRevision: 0 })))
        await fillMongo(url, more)
      }
      for (const [engine, records] of [
        ['embedded', embedded],
        ['MongoDB', mongo],
      ] as const)
        figures.push({ engine, waiting: count, sweepMs: await measureAt(records, keyStore, model) })
    }
    return figures
  } finally {
    await embedded.close()
    await mongo.close()
    await rm(folder, { recursive: true, force: true })
  }
}
