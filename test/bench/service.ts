/**
 * Requests per second and latencies of sign-in, status and approve, beside bare Express routes over a copy of the same records.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './built.ts'
import type { Job, Seen } from './load.ts'
import { median, quantile } from './sampling.ts'
import { seedService, type Seeded } from './seed.ts'
import { newSettings, startBare, startService, type Running } from './service-process.ts'
import { startFigures, startOf, type StartFigures } from './start-up.ts'

/** Owners come in a multiple of this many, so that each is asked about over one connection only. */
const CONNECTIONS = 16

export interface LoadFigures {
  readonly name: string
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly barePerSecond: number
  readonly bareP99Ms: number
  /** Processor time per request, ms, in all threads; null where the system does not tell. */
  readonly processorMs: number | null
  readonly bareProcessorMs: number | null
  /** Median over the rounds of what the service did in a second over what the bare route did. */
  readonly ofBare: number
}

export interface ServiceFigures {
  readonly loads: readonly LoadFigures[]
  /** MiB after load; null where the system does not tell. */
  readonly memoryAfterLoad: number | null
  readonly memoryPeak: number | null
  /** Of the two starts that this took. */
  readonly start: StartFigures
}

/** How much is measured. */
export interface Effort {
  /** A multiple of the connections. */
  readonly owners: number
  readonly rounds: number
  /** About how long one round of one side takes, ms. */
  readonly roundMs: number
  /** Whether to wait until the service has come to rest after its start. */
  readonly settled: boolean
}

class Generator {
  readonly #child: ChildProcess = fork(join(ROOT, 'dist', 'bench', 'load.js'))

  run(job: Job): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error('The load generator ended.'))
      this.#child.once('exit', fail)
      this.#child.once('message', (seen) => {
        this.#child.off('exit', fail)
        resolve(seen as Seen)
      })
      this.#child.send(job)
    })
  }

  close(): void {
    this.#child.disconnect()
  }
}

type Kind = Job['work']['kind']
const KINDS = ['sign-in', 'status', 'approve'] as const

const workOf = (
  kind: Kind,
  { service, devices, tokens, approvers }: Seeded,
  firstSequence: number,
): Job['work'] => {
  if (kind === 'sign-in') return { kind, service, devices }
  return kind === 'status' ? { kind, tokens } : { kind, approvers, firstSequence }
}

const perSecond = ({ elapsedMs, latenciesMs }: Seen): number => (latenciesMs.length * 1000) / elapsedMs

/** One side of a comparison. Approvals count upwards, since the service takes each number once. */
class Side {
  readonly seen: Seen[] = []
  #asked = 0
  #processorMs = 0
  readonly #generator: Generator
  readonly #process: Running
  readonly #kind: Kind
  readonly #seeded: Seeded
  #sequence = 1

  constructor(generator: Generator, process: Running, kind: Kind, seeded: Seeded) {
    this.#generator = generator
    this.#process = process
    this.#kind = kind
    this.#seeded = seeded
  }

  async round(count: number): Promise<Seen> {
    const work = workOf(this.#kind, this.#seeded, this.#sequence)
    this.#sequence += count
    const { url, processorMs } = this.#process
    const before = processorMs()
    const seen = await this.#generator.run({ url, count, connections: CONNECTIONS, work })
    this.#asked += count
    this.#processorMs += (processorMs() ?? Number.NaN) - (before ?? 0)
    const failures = Object.entries(seen.failures)
    if (failures.length > 0) throw new Error(`${this.#kind} failed: ${JSON.stringify(failures)}`)
    return seen
  }

  /** Per request; null where the system does not tell. */
  processorMs(): number | null {
    return Number.isNaN(this.#processorMs) ? null : this.#processorMs / this.#asked
  }
}

const measure = async (
  generator: Generator,
  kind: Kind,
  seeded: Seeded,
  [service, bare]: readonly [Running, Running],
  { rounds, roundMs }: Effort,
): Promise<LoadFigures> => {
  const sides = [service, bare].map((process) => new Side(generator, process, kind, seeded)) as [Side, Side]
  // A first look at the speed, which also warms both up; then rounds of a fixed number of requests.
  const counts: number[] = []
  for (const side of sides) {
    await side.round(CONNECTIONS * 20)
    counts.push(Math.ceil((perSecond(await side.round(CONNECTIONS * 20)) * roundMs) / 1000))
  }
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0]
    for (const at of order) {
      const side = sides[at] as Side
      side.seen.push(await side.round(counts[at] as number))
    }
  }
  const [ours, theirs] = sides.map(({ seen }) => seen) as [Seen[], Seen[]]
  const ratios = ours.map((seen, round) => perSecond(seen) / perSecond(theirs[round] as Seen))
  const latencies = (seen: readonly Seen[]): readonly number[] =>
    seen.flatMap(({ latenciesMs }) => latenciesMs)
  return {
    name: kind,
    perSecond: median(ours.map(perSecond)),
    p50Ms: median(latencies(ours)),
    p99Ms: quantile(latencies(ours), 0.99),
    barePerSecond: median(theirs.map(perSecond)),
    bareP99Ms: quantile(latencies(theirs), 0.99),
    processorMs: sides[0].processorMs(),
    bareProcessorMs: sides[1].processorMs(),
    ofBare: median(ratios),
  }
}

const IDLE_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 300

/** After its start the engine compiles the queue's database for some seconds more, in threads that the load would share. */
const untilIdle = async ({ processorMs }: Running): Promise<void> => {
  const giveUpAt = performance.now() + IDLE_WITHIN_MS
  for (let before = processorMs(); performance.now() < giveUpAt;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    const now = processorMs()
    if (now === null || before === null || now - before < LOOK_EVERY_MS / 10) return
    before = now
  }
}

/** Starts both, measures by turns, and removes what it made. */
export const measureService = async (effort: Effort): Promise<ServiceFigures> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  const settings = newSettings()
  const running: Running[] = []
  const generator = new Generator()
  try {
    const data = join(folder, 'data')
    const first = await startService(settings, data)
    running.push(first)
    const seeded = await seedService(first.url, settings, effort.owners)
    const firstStart = await startOf(first)
    await first.stop()
    running.pop()
    await cp(join(data, 'records'), join(folder, 'bare'), { recursive: true })
    const service = await startService(settings, data)
    running.push(service)
    const bare = await startBare(settings, join(folder, 'bare'))
    running.push(bare)
    const laterStart = await startOf(service)
    if (effort.settled) await untilIdle(service)
    const loads: LoadFigures[] = []
    for (const kind of KINDS) loads.push(await measure(generator, kind, seeded, [service, bare], effort))
    const { now, peak } = service.memory()
    return {
      loads,
      memoryAfterLoad: now,
      memoryPeak: peak,
      start: startFigures([firstStart], [laterStart]),
    }
  } finally {
    generator.close()
    for (const one of running) await one.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
