/**
 * The service scaled out, to measure: processes that answer and processes that work on one database, filled with accounts, and
 * bare processes on a copy of it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mongoose'
import { migrateMongo } from './built-service.ts'
import { seedService, type Seeded } from './seed.ts'
import type { Servers } from './servers.ts'
import { newSettings, startBareMember, startMember, type Running, type Settings } from './service-process.ts'

export interface ScaledSet {
  readonly api: readonly Running[]
  readonly workers: readonly Running[]
  readonly bare: readonly Running[]
  readonly settings: Settings
  readonly seeded: Seeded
  /** Of the set, with the database's name in it. */
  readonly mongoUrl: string
  readonly database: string
  close(): Promise<void>
}

const API = 2
const WORKERS = 2
const BARE = 2

export const withDatabase = (url: string, database: string): string =>
  url.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`)

/** Every document, as it is. */
const copyRecords = async (url: string, from: string, to: string): Promise<void> => {
  const connection = await createConnection(url).asPromise()
  try {
    const [source, target] = [connection.useDb(from), connection.useDb(to)]
    for (const { name } of await source.listCollections()) {
      const rows = await source.collection(name).find().toArray()
      if (rows.length > 0 && name !== 'marks') await target.collection(name).insertMany(rows)
    }
  } finally {
    await connection.close()
  }
}

const dropDatabases = async (url: string, prefix: string): Promise<void> => {
  const connection = await createConnection(url).asPromise()
  try {
    const { databases } = await connection.listDatabases()
    for (const { name } of databases) if (name.startsWith(prefix)) await connection.useDb(name).dropDatabase()
  } finally {
    await connection.close()
  }
}

/** `owners`: as in seed.ts. */
export const startScaledSet = async (servers: Servers, owners: number): Promise<ScaledSet> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  const settings = newSettings()
  const { database, redisUrl } = servers
  const mongoUrl = withDatabase(servers.mongoUrl, database)
  const places = { mongoUrl, redisUrl }
  const running: Running[] = []
  const close = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.stop()))
    await dropDatabases(servers.mongoUrl, database)
    await rm(folder, { recursive: true, force: true })
  }
  const several = async (count: number, start: (at: number) => Promise<Running>): Promise<Running[]> => {
    const started = await Promise.all(Array.from({ length: count }, (_, at) => start(at)))
    running.push(...started)
    return started
  }
  const members = (role: 'api' | 'worker', count: number) =>
    several(count, (at) => startMember(settings, places, role, join(folder, `${role}-${at}`)))
  try {
    await migrateMongo(mongoUrl)
    const api = await members('api', API)
    const workers = await members('worker', WORKERS)
    await Promise.all([...api, ...workers].map((each) => each.logged('queue_ready')))
    const seeded = await seedService(api[0]?.url ?? '', settings, owners)
    const copy = `${database}-bare`
    await migrateMongo(withDatabase(servers.mongoUrl, copy))
    await copyRecords(servers.mongoUrl, database, copy)
    const bare = await several(BARE, () => startBareMember(settings, servers.mongoUrl, copy))
    return { api, workers, bare, settings, seeded, mongoUrl, database, close }
  } catch (error) {
    await close()
    throw error
  }
}
