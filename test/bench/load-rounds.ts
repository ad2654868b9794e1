/**
 * Two sides under the same load, by turns: what each does in a second, and how long its answers take.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './built.ts'
import type { Job, Seen } from './load.ts'
import { median, quantile } from './sampling.ts'
import type { Seeded } from './seed.ts'
import type { Running } from './service-process.ts'

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
  /** How many numbers of approvals were used up. */
  readonly sequences: number
  /** Median over the rounds of what the service did in a second over what the bare route did. */
  readonly ofBare: number
}

/** How much is measured. */
export interface Rounds {
  readonly rounds: number
  /** About how long one round of one side takes, ms. */
  readonly roundMs: number
}

export class Generator {
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
export const KINDS = ['sign-in', 'status', 'approve'] as const

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
  readonly #processes: readonly Running[]
  readonly #kind: Kind
  readonly #seeded: Seeded
  #sequence: number

  constructor(
    generator: Generator,
    processes: readonly Running[],
    kind: Kind,
    seeded: Seeded,
    firstSequence: number,
  ) {
    this.#generator = generator
    this.#processes = processes
    this.#kind = kind
    this.#seeded = seeded
    this.#sequence = firstSequence
  }

  async round(count: number): Promise<Seen> {
    const work = workOf(this.#kind, this.#seeded, this.#sequence)
    this.#sequence += count
    const urls = this.#processes.map(({ url }) => url)
    const before = this.#spentMs()
    const seen = await this.#generator.run({ urls, count, connections: CONNECTIONS, work })
    this.#asked += count
    this.#processorMs += this.#spentMs() - before
    const failures = Object.entries(seen.failures)
    if (failures.length > 0) throw new Error(`${this.#kind} failed: ${JSON.stringify(failures)}`)
    return seen
  }

  /** How many numbers it has used up since `first`. */
  sequences(first: number): number {
    return this.#sequence - first
  }

  #spentMs(): number {
    return this.#processes.reduce((sum, { processorMs }) => sum + (processorMs() ?? Number.NaN), 0)
  }

  /** Per request; null where the system does not tell. */
  processorMs(): number | null {
    return Number.isNaN(this.#processorMs) ? null : this.#processorMs / this.#asked
  }
}

/** Every process of a side is asked alike. Throws if any answer is no success. */
export const measureLoad = async (
  generator: Generator,
  kind: Kind,
  seeded: Seeded,
  [service, bare]: readonly [readonly Running[], readonly Running[]],
  { rounds, roundMs }: Rounds,
  firstSequence = 1,
): Promise<LoadFigures> => {
  const sides = [service, bare].map((each) => new Side(generator, each, kind, seeded, firstSequence)) as [
    Side,
    Side,
  ]
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
    sequences: Math.max(...sides.map((side) => side.sequences(firstSequence))),
    ofBare: median(ratios),
  }
}
