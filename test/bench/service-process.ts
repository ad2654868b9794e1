/**
 * The built service as a process of its own, as an operator starts it: production mode, one folder, limits that no bench
 * reaches. Also the process beside it that serves the bare routes.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from './built.ts'

export const BENCH_APP = 'bench'
const GENEROUS = '1000000'

/** What an operator would set, and the key by which the app's backend signs tickets. */
export interface Settings {
  readonly env: Readonly<Record<string, string>>
  readonly ticketKey: KeyObject
}

export const newSettings = (): Settings => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  // The public half stands at the end of its DER form (RFC 8410 §4).
  const ticketKey = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url')
  return {
    ticketKey: privateKey,
    env: {
      HOLDFAST_MODE: 'production',
      HOLDFAST_MASTER_KEY: randomBytes(32).toString('base64url'),
      HOLDFAST_APPS: JSON.stringify([{ app: BENCH_APP, ticketKey }]),
      HOLDFAST_LIMIT_ADDRESS: GENEROUS,
      HOLDFAST_LIMIT_ACCOUNT: GENEROUS,
      HOLDFAST_LIMIT_CONTACT: GENEROUS,
      HOLDFAST_LIMIT_OPENINGS: GENEROUS,
      PORT: '0',
    },
  }
}

export interface Running {
  readonly url: string
  /** From the start of the process to the first answer. */
  readonly readyMs: number
  /** From the start of the process until `event` stood in its log. */
  logged(event: string): Promise<number>
  /** Resident memory now and at its peak, MiB; null where the system does not tell. */
  memory(): { readonly now: number | null; readonly peak: number | null }
  /** Processor time of all its threads so far, ms; null where the system does not tell. */
  processorMs(): number | null
  /** Asks it to end, and waits for that. */
  stop(): Promise<void>
}

const MIB = 1024 * 1024
const kibIn = (status: string, field: string): number | null => {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]
  return kib === undefined ? null : (Number(kib) * 1024) / MIB
}

const memoryOf = (pid: number): { readonly now: number | null; readonly peak: number | null } => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return { now: kibIn(status, 'VmRSS'), peak: kibIn(status, 'VmHWM') }
  } catch {
    // No /proc: macOS.
  }
  try {
    const rss = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
    return { now: (Number(rss) * 1024) / MIB, peak: null }
  } catch {
    return { now: null, peak: null }
  }
}

/** proc_pid_stat(5): fields 14 and 15, in ticks of 10 ms, counted behind the name in parentheses. */
const processorMsOf = (pid: number): number | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return null
  }
}

/** When each event first stood in the log (ms after the start), and the line. */
class LogLines {
  readonly #seen = new Map<string, { readonly atMs: number; readonly line: Record<string, unknown> }>()
  readonly #waiting = new Map<string, (() => void)[]>()

  add(line: Record<string, unknown>, atMs: number): void {
    const event = String(line['msg'])
    if (this.#seen.has(event)) return
    this.#seen.set(event, { atMs, line })
    for (const go of this.#waiting.get(event) ?? []) go()
  }

  async first(event: string): Promise<{ readonly atMs: number; readonly line: Record<string, unknown> }> {
    while (!this.#seen.has(event))
      await new Promise<void>((go) => this.#waiting.set(event, [...(this.#waiting.get(event) ?? []), go]))
    return this.#seen.get(event) as { atMs: number; line: Record<string, unknown> }
  }
}

const ended = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`The process ended: ${code ?? signal}.`)))
  })

// What is set where the bench is started must not reach the service: settings that it does not know, or another store.
const ownEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(HOLDFAST_|MONGODB_|REDIS_|HOST$|NODE_OPTIONS$)/.test(name),
    ),
  )

/** Starts `entry` (below the root) and waits for its first answer. Its log is one JSON object per line. */
const start = async (
  entry: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Running> => {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(ROOT, entry), ...args], {
    cwd: ROOT,
    env: { ...ownEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A bench that is interrupted leaves nothing running.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const dead = ended(child)
  dead.catch(() => undefined)
  const log = new LogLines()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{'))
      log.add(JSON.parse(line) as Record<string, unknown>, performance.now() - startedAt)
  })
  const { line } = await Promise.race([log.first('service_listening'), dead])
  const url = String(line['url'])
  const answer = await fetch(`${url}/healthz`)
  if (!answer.ok) throw new Error(`Not healthy: ${answer.status}`)
  const readyMs = performance.now() - startedAt
  return {
    url,
    readyMs,
    logged: async (event) => (await Promise.race([log.first(event), dead])).atMs,
    memory: () => memoryOf(child.pid as number),
    processorMs: () => processorMsOf(child.pid as number),
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await dead.catch(() => undefined)
    },
  }
}

export const startService = (settings: Settings, folder: string): Promise<Running> =>
  start('dist/src/main.js', { ...settings.env, HOLDFAST_DATA_DIR: folder })

/** The bare routes over records of their own, with the same keys. */
export const startBare = (settings: Settings, records: string): Promise<Running> =>
  start('dist/bench/bare-server.js', {
    BENCH_RECORDS: records,
    BENCH_KEY: settings.env['HOLDFAST_MASTER_KEY'] ?? '',
  })

/** Where processes that share the work meet. */
export interface Places {
  readonly mongoUrl: string
  readonly redisUrl: string
}

/** One process of several. `folder`: its own. */
export const startMember = (
  settings: Settings,
  { mongoUrl, redisUrl }: Places,
  role: 'api' | 'worker',
  folder: string,
): Promise<Running> =>
  start(
    'dist/src/main.js',
    { ...settings.env, HOLDFAST_DATA_DIR: folder, MONGODB_URL: mongoUrl, REDIS_URL: redisUrl },
    [`--${role}`],
  )

/** The bare routes over a copy of the records in MongoDB. */
export const startBareMember = (settings: Settings, url: string, database: string): Promise<Running> =>
  start('dist/bench/bare-server.js', {
    BENCH_MONGODB: url,
    BENCH_DATABASE: database,
    BENCH_KEY: settings.env['HOLDFAST_MASTER_KEY'] ?? '',
  })
