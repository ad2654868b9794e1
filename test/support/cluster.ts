/**
 * The service scaled out, as it is started in earnest: processes that answer and processes that work, built JavaScript each with a
 * data folder of its own, on one MongoDB and one Redis, behind one address that gives each request to the next of them.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectMongo } from '../../src/store/mongo/connection.ts'
import { mongoPlaces } from '../../src/store/mongo/stores.ts'
import { buildService, startProcess, type Line, type Started } from './process.ts'
import { startRedis, type RedisServer } from './redis-server.ts'
import { startRoundRobin, type RoundRobin } from './round-robin.ts'

export type MemberRole = 'api' | 'worker'
export type Env = Readonly<Record<string, string>>

export interface Member {
  readonly role: MemberRole
  /** From 0 within its role. */
  readonly index: number
  /** Of the process as it runs now, or ran last. */
  readonly pid: number
  /** Its own address; another one after each start. A worker answers health alone. */
  readonly url: string
  readonly isRunning: boolean
  /** Log lines of all its lives so far. */
  readonly lines: readonly Line[]
  /** What it wrote to its standard error in all its lives: nothing, unless something is wrong. */
  errors(): string
  /** Resolves with the exit code once the process as it runs now has ended; null if a signal ended it. */
  ended(): Promise<number | null>
  /** SIGTERM, or another signal, and waits for the end. SIGSTOP and SIGCONT only send. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /**
   * Starts it in its folder, stopped before if it runs. `env` is added to its environment for this life alone. Resolves when it
   * listens; for its jobs see {@link says}.
   */
  restart(env?: Env): Promise<void>
  /** Resolves with the line in which the process as it runs now says so; `queue_ready`: its jobs run. Rejects if it ends first. */
  says(msg: string): Promise<Line>
}

export interface Cluster {
  /** Of whatever stands in front of the processes that answer. */
  readonly url: string
  readonly mongoUrl: string
  readonly redis: RedisServer
  readonly api: readonly Member[]
  readonly workers: readonly Member[]
  readonly members: readonly Member[]
  /** Where requests and sockets went. */
  readonly counts: RoundRobin['counts']
  /** In which each process has a folder. */
  readonly folder: string
  /** Log lines of all. */
  lines(): readonly Line[]
  /** SIGTERM to all. Rejects if one does not end by itself with 0, or wrote to its standard error. Its data stays. */
  stop(): Promise<void>
  /** Ends what runs at once, and removes folders, databases and Redis. */
  close(): Promise<void>
}

export interface ClusterOptions {
  /** A MongoDB with the name of a database, which is dropped at the end and so is the one for its keys. */
  readonly mongoUrl: string
  /** Otherwise one of its own, with an append-only file. */
  readonly redis?: RedisServer
  /** How many; 2 of each unless given. */
  readonly api?: number
  readonly workers?: number
  /** For every process. Apps, and whatever else a test needs, go here. */
  readonly env?: Env
  /** In which each process gets a folder; otherwise a new one. */
  readonly folder?: string
  /** Of the address in front; any free one unless given. */
  readonly port?: number
  /** For one process, in every life of it: a clock of its own, a URL that leads through something. */
  readonly envOf?: (role: MemberRole, index: number) => Env
}

const COMMON: Env = {
  HOLDFAST_MODE: 'development',
  HOLDFAST_SWEEP_SECONDS: '1',
  HOLDFAST_LIMIT_ADDRESS: '1000000',
  HOLDFAST_LIMIT_ACCOUNT: '1000000',
  HOLDFAST_LIMIT_CONTACT: '1000000',
  HOLDFAST_LIMIT_OPENINGS: '1000000',
}

/** The URL with this database in the place of the one it has. */
export const withDatabase = (url: string, database: string): string =>
  url.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`)

interface MemberOptions {
  readonly role: MemberRole
  readonly index: number
  readonly env: Env
}

/** Resolves when it listens and its jobs run. */
const startMember = async ({ role, index, env }: MemberOptions): Promise<Member> => {
  const past: Line[] = []
  let wrote = ''
  let url = ''
  let current: Started
  let code: Promise<number | null> = Promise.resolve(null)
  let isRunning = false

  const begin = async (more: Env): Promise<void> => {
    const started = startProcess({ ...env, ...more }, [`--${role}`])
    current = started
    isRunning = true
    code = started.exited.then((ended) => {
      if (current === started) isRunning = false
      return ended
    })
    url = (await started.says('service_listening')).url ?? ''
  }
  const says = (msg: string): Promise<Line> => current.says(msg)
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    current.child.kill(signal)
    return signal === 'SIGSTOP' || signal === 'SIGCONT' ? null : code
  }
  await begin({})
  await says('queue_ready')
  return {
    role,
    index,
    get pid() {
      return current.child.pid ?? 0
    },
    get url() {
      return url
    },
    get isRunning() {
      return isRunning
    },
    get lines() {
      return [...past, ...current.lines]
    },
    errors: () => wrote + current.errors(),
    ended: () => code,
    says,
    stop,
    async restart(more = {}) {
      if (isRunning) await stop()
      past.push(...current.lines)
      wrote += current.errors()
      await begin(more)
    },
  }
}

const dropDatabases = async (mongoUrl: string): Promise<void> => {
  for (const place of Object.values(mongoPlaces(mongoUrl))) {
    const connection = await connectMongo(place)
    await connection.dropDatabase()
    await connection.close()
  }
}

/** Resolves when all of them are ready. Builds first what has changed. */
export const startCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const { mongoUrl, api = 2, workers = 2, env = {}, envOf = () => ({}) } = options
  buildService()
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'holdfast-cluster-'))
  const redis = options.redis ?? (await startRedis({ args: ['--appendonly', 'yes'] }))
  const master = randomBytes(32).toString('base64url')
  const members: Member[] = []
  const close = async (): Promise<void> => {
    await front.close()
    await Promise.all(members.filter(({ isRunning }) => isRunning).map((member) => member.stop('SIGKILL')))
    if (options.redis === undefined) await redis.close()
    rmSync(folder, { recursive: true, force: true })
    await dropDatabases(mongoUrl)
  }
  const front = await startRoundRobin(
    () => members.filter((member) => member.role === 'api' && member.isRunning).map(({ url }) => url),
    options.port,
  )
  const start = async (role: MemberRole, index: number): Promise<void> => {
    const own: Env = {
      ...COMMON,
      HOLDFAST_MASTER_KEY: master,
      MONGODB_URL: mongoUrl,
      REDIS_URL: redis.url,
      ...env,
      ...envOf(role, index),
      HOLDFAST_DATA_DIR: join(folder, `${role}-${index}`),
    }
    members.push(await startMember({ role, index, env: own }))
  }
  try {
    // The first one migrates the database, as development services do; the others find it done.
    await start('api', 0)
    await Promise.all([
      ...Array.from({ length: api - 1 }, (_, at) => start('api', at + 1)),
      ...Array.from({ length: workers }, (_, at) => start('worker', at)),
    ])
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  members.sort((a, b) => a.role.localeCompare(b.role) || a.index - b.index)
  return {
    url: front.url,
    mongoUrl,
    redis,
    members,
    api: members.filter(({ role }) => role === 'api'),
    workers: members.filter(({ role }) => role === 'worker'),
    counts: front.counts,
    folder,
    lines: () => members.flatMap(({ lines }) => lines),
    async stop() {
      const running = members.filter(({ isRunning }) => isRunning)
      const codes = await Promise.all(running.map((member) => member.stop()))
      const wrong = running.flatMap((member, at) =>
        codes[at] === 0 && member.errors() === ''
          ? []
          : [`${member.role} ${member.index} ended with ${codes[at]}: ${member.errors().slice(-2000)}`],
      )
      if (wrong.length > 0) throw new Error(wrong.join('\n'))
    },
    close,
  }
}
