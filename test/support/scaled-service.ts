/**
 * What a test has where it would have one embedded service: two processes that answer and two that work, on a Redis and, unless
 * MONGODB_URL names a real one, a stand-in for MongoDB of its own, whose clock the test may move. Without a server of its own the
 * clock cannot be moved, and a test that wants to is skipped from there on.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestRunner } from 'vitest'
import { composeService, type Service } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { openLog } from '../../src/observe/log.ts'
import { startCluster, withDatabase, type Cluster, type Env } from './cluster.ts'
import { MONGODB_URL, describeMongo } from './mongo.ts'
import { startSecantus } from './secantus.mjs'

export interface ScaledOptions {
  /** Settings of every process. PORT: the address in front. */
  readonly env: Env
  /** Where the processes have their folders; one that was used before goes on with what it had. */
  readonly folder: string
  /** How many answer. */
  readonly answering: number
  /** How many work. */
  readonly working: number
  /** By how much, in ms, time is ahead of the machine's. */
  readonly aheadMs: () => number
}

export interface ScaledService {
  readonly url: string
  /** Beside the processes, on the same records: for looking into them. It answers nobody and does nothing by itself. */
  readonly service: Service
  readonly lines: readonly string[]
  /** Of the first process that answers. */
  readonly metricsUrl: string | null
  clockMoved(): void
  /** Stops the processes in order; what they had stays. */
  stop(): Promise<void>
  close(): Promise<void>
}

interface Place {
  readonly cluster: Cluster
  readonly beside: Service
  readonly setClock: (aheadMs: number) => void
  readonly remove: () => Promise<void>
}

/** By folder: a service that is stopped and started again finds its records there. */
const places = new Map<string, Place>()

const skipTest = (): void =>
  TestRunner.getCurrentTest()?.context.skip('skipped: this MongoDB’s clock cannot be moved by a test')

interface Database {
  readonly url: string
  readonly setClock: Place['setClock']
  readonly stop: () => Promise<void>
}

const openDatabase = async (aheadMs: number): Promise<Database> => {
  const name = `holdfast-scaled-${randomBytes(6).toString('hex')}`
  if (MONGODB_URL !== null && !(await describeMongo()).startsWith('SecantusDB'))
    return {
      url: withDatabase(MONGODB_URL, name),
      setClock: (ahead) => void (ahead === 0 || skipTest()),
      stop: async () => undefined,
    }
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-clock-'))
  const clockFile = join(folder, 'ahead-ms')
  const setClock = (ahead: number): void => {
    // Whole or not at all: whoever looks in between must not find an empty file, and time gone back.
    writeFileSync(`${clockFile}.next`, String(Math.round(ahead)))
    renameSync(`${clockFile}.next`, clockFile)
  }
  setClock(aheadMs)
  const server = await startSecantus({ clockFile })
  return {
    url: withDatabase(server.url, name),
    setClock,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const openPlace = async ({ env, folder, answering, working, aheadMs }: ScaledOptions): Promise<Place> => {
  const database = await openDatabase(aheadMs())
  const { PORT, ...settings } = env
  const shared = { ...settings, HOLDFAST_MASTER_KEY: randomBytes(32).toString('base64url') }
  const cluster = await startCluster({
    mongoUrl: database.url,
    api: answering,
    workers: working,
    folder,
    port: Number(PORT ?? 0),
    env: { ...shared, HOLDFAST_LOG_LEVEL: 'debug' },
  })
  const log = openLog('silent')
  const urls = { MONGODB_URL: database.url, REDIS_URL: cluster.redis.url }
  const own = { ...shared, ...urls, HOLDFAST_DATA_DIR: join(folder, 'beside'), PORT: '0' }
  const beside = await composeService({ ...readConfig(own), role: 'api' }, { log })
  return {
    cluster,
    beside,
    setClock: database.setClock,
    async remove() {
      await beside.close()
      await cluster.close()
      await database.stop()
    },
  }
}

export const startScaled = async (options: ScaledOptions): Promise<ScaledService> => {
  const { env, folder, aheadMs } = options
  const known = places.get(folder)
  const place = known ?? (await openPlace(options))
  places.set(folder, place)
  const { cluster, beside, setClock } = place
  if (known !== undefined) {
    const { PORT: _, HOLDFAST_DATA_DIR: __, ...settings } = env
    await Promise.all(cluster.members.map((member) => member.restart(settings)))
    await Promise.all(cluster.members.map((member) => member.says('queue_ready')))
  }
  return {
    url: cluster.url,
    service: { ...beside, started: async () => undefined },
    metricsUrl: cluster.api[0]?.lines.find(({ msg }) => msg === 'metrics_listening')?.url ?? null,
    get lines() {
      return cluster.lines().map((line) => JSON.stringify(line))
    },
    clockMoved: () => setClock(aheadMs()),
    stop: () => cluster.stop(),
    async close() {
      try {
        await cluster.stop()
      } finally {
        places.delete(folder)
        await place.remove()
      }
    },
  }
}
