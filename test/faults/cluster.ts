/**
 * The service scaled out, as in earnest: two processes that answer, two that work, one store, one queue, each of them killed
 * and started again at will. People reach it through both of its doors by turns, as behind a proxy.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection, type Connection } from 'mongoose'
import { freePort } from '../support/free-port.ts'
import { newApp } from '../support/test-app.ts'
import { appsSetting, townAt, type Town } from '../support/story-stage.ts'
import { keepProcess, listens, type KeptProcess } from './kept-process.ts'
import { openLinks, type Links } from './links.ts'
import { noteOutages, type Outages } from './outages.ts'
import { ordersIn, type Orders } from './orders.ts'
import { startQueue, startStore } from './parts.ts'
import { readRows, type Rows } from './rows.ts'

export const SWEEP_MS = 1_000
const GENEROUS = '1000000'
const MAIN = 'dist/src/main.js'
const EACH = [0, 1] as const

export type Role = 'api' | 'worker'
export type Kind = Role | 'queue' | 'store'
export const KINDS: readonly Kind[] = ['api', 'worker', 'queue', 'store']

export interface ClusterOptions {
  /** Further environment of one process: a clock of its own, for example. */
  readonly env?: (role: Role, index: number) => Readonly<Record<string, string>>
  /** Whether the queue keeps an append-only file; true unless said. */
  readonly durable?: boolean
  /** Puts an own network between all of them. */
  readonly links?: boolean
}

export interface Cluster extends Town {
  readonly api: readonly KeptProcess[]
  readonly worker: readonly KeptProcess[]
  readonly queue: KeptProcess
  readonly store: KeptProcess
  /** Of each process itself. */
  readonly urls: Readonly<Record<Role, readonly string[]>>
  /** For what a hand does to it that should not. */
  readonly queueUrl: string
  readonly orders: Readonly<Record<Role, Orders>>
  /** What the store holds, read without the service. */
  readonly rows: Rows
  /** Null unless asked for. */
  readonly links: Links | null
  /** Answers with status 500 so far: what the service did not mean. */
  readonly unmeant: () => number
  processes(kind: Kind): readonly KeptProcess[]
  /** Of the store, and of both workers at once. */
  readonly outages: Outages
  ready(): Promise<void>
  /** Ends all in order. Throws if one of them cannot. */
  close(): Promise<void>
}

/** Knocks at both doors by turns, so that a repeat meets another process than the first try. */
const byTurns = (doors: readonly number[], onUnmeant: () => void): typeof fetch => {
  let turn = 0
  return async (input, init) => {
    turn += 1
    const url = new URL(String(input))
    url.port = String(doors[turn % doors.length])
    const response = await fetch(url, init)
    if (response.status === 500) onUnmeant()
    return response
  }
}

const outagesOf = (store: KeptProcess, workers: readonly KeptProcess[]): Outages => {
  const outages = noteOutages(Date.now)
  const watch = (what: string, parts: readonly KeptProcess[]): void => {
    for (const part of parts)
      part.onChange(() => outages[parts.some(({ isUp }) => isUp) ? 'end' : 'begin'](what))
  }
  watch('store', [store])
  watch('workers', workers)
  return outages
}

export const openCluster = async (options: ClusterOptions = {}): Promise<Cluster> => {
  const { env = () => ({}), durable = true } = options
  const root = mkdtempSync(join(tmpdir(), 'holdfast-faults-'))
  const apps = [newApp('letters', Date.now)] as const
  const [store, queue] = await Promise.all([startStore(root), startQueue(root, { durable })])
  const ports = { api: [await freePort(), await freePort()], worker: [await freePort(), await freePort()] }
  const links =
    options.links === true ? await openLinks({ api: ports.api, store: store.port, queue: queue.port }) : null
  const shared = {
    PATH: process.env['PATH'] ?? '',
    HOLDFAST_MODE: 'development',
    HOLDFAST_MASTER_KEY: randomBytes(32).toString('base64url'),
    HOLDFAST_APPS: appsSetting(apps),
    HOLDFAST_LIMIT_ADDRESS: GENEROUS,
    HOLDFAST_LIMIT_ACCOUNT: GENEROUS,
    HOLDFAST_LIMIT_CONTACT: GENEROUS,
    HOLDFAST_LIMIT_OPENINGS: GENEROUS,
    HOLDFAST_BACK_OFF_SECONDS: '0',
    HOLDFAST_SWEEP_SECONDS: String(SWEEP_MS / 1000),
    HOLDFAST_LOG_LEVEL: 'warn',
    HOLDFAST_FAIL_POINT: 'when-told',
  }
  const start = (role: Role, index: number): Promise<KeptProcess> => {
    const folder = join(root, `${role}-${index}`)
    mkdirSync(folder, { recursive: true })
    symlinkSync(join(root, `orders-${role}`), join(folder, 'fail-points'))
    const port = ports[role][index] as number
    return keepProcess({
      name: `${role} ${index + 1}`,
      spawn: () =>
        spawn(process.execPath, [MAIN, `--${role}`], {
          env: {
            ...shared,
            HOLDFAST_DATA_DIR: folder,
            PORT: String(port),
            MONGODB_URL: `mongodb://127.0.0.1:${links?.store[role].port ?? store.port}/holdfast?directConnection=true`,
            REDIS_URL: `redis://127.0.0.1:${links?.queue[role].port ?? queue.port}`,
            ...env(role, index),
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      answers: () => listens(port),
    })
  }
  const orders = { api: ordersIn(join(root, 'orders-api')), worker: ordersIn(join(root, 'orders-worker')) }
  // The first prepares the database for all.
  const api = [await start('api', 0), await start('api', 1)]
  const worker = await Promise.all(EACH.map((index) => start('worker', index)))
  const connection: Connection = await createConnection(`mongodb://127.0.0.1:${store.port}/holdfast`, {
    directConnection: true,
    serverSelectionTimeoutMS: 2_000,
  }).asPromise()

  let unmeant = 0
  const doors = links === null ? ports.api : links.client.map(({ port }) => port)
  const urlsOf = (role: Role): readonly string[] => ports[role].map((port) => `http://127.0.0.1:${port}`)
  const processes = { api, worker, queue: [queue.kept], store: [store.kept] }
  const all = [...api, ...worker, queue.kept, store.kept]
  return {
    ...townAt({
      url: `http://127.0.0.1:${doors[0]}`,
      apps,
      retries: 10,
      fetch: byTurns(doors, () => (unmeant += 1)),
    }),
    api,
    worker,
    queue: queue.kept,
    store: store.kept,
    urls: { api: urlsOf('api'), worker: urlsOf('worker') },
    queueUrl: `redis://127.0.0.1:${queue.port}`,
    orders,
    rows: readRows(connection),
    links,
    unmeant: () => unmeant,
    processes: (kind) => processes[kind],
    outages: outagesOf(store.kept, worker),
    ready: async () => void (await Promise.all(all.map((each) => each.ready()))),
    async close() {
      try {
        const codes = await Promise.all([...api, ...worker].map((each) => each.close()))
        if (codes.some((code) => code !== 0))
          throw new Error(`A process did not end in order: ${codes.join(', ')}`)
      } finally {
        await connection.close()
        await Promise.all([queue.kept.down(), store.kept.down()])
        await links?.close()
        rmSync(root, { recursive: true, force: true })
      }
    },
  }
}
