/**
 * Samples, and what is told of them. Things that are compared are measured by turns, so that whatever else the machine does
 * hits all of them alike.
 */

/** Value at a fraction (0…1) of the sorted samples, by nearest rank. */
export const quantile = (samples: readonly number[], fraction: number): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** Something measured again and again. `prepare` is not timed. */
export interface Lane<I> {
  readonly name: string
  /** Called before every run, outside of its time. */
  readonly prepare: () => Promise<I>
  readonly run: (input: I) => Promise<unknown>
}

/** Any lane: what it prepares is its own business. */
export type AnyLane = Lane<unknown>
export const lane = <I>(of: Lane<I>): AnyLane => of as unknown as AnyLane

// What preparing left behind must not be paid for by what is timed. Only what is young: a full collection also throws compiled
// code away. Node has it with --expose-gc only.
const collectGarbage = (): void => {
  const { gc } = globalThis as { readonly gc?: (options: { readonly type: 'minor' }) => void }
  gc?.({ type: 'minor' })
}

/** Inputs prepared ahead, so that preparing one thing does not cool the processor's caches before the next one is timed. */
const BATCH = 30
/** Runs of one lane before it is the other's turn. */
const TURN = 5

/** One run: by the clock on the wall, and in time of the processor, in which what else the machine does does not count. */
export interface Sample {
  readonly wallMs: number
  readonly processorMs: number
}

const timed = async (run: () => Promise<unknown>): Promise<Sample> => {
  const before = process.cpuUsage()
  const startedAt = performance.now()
  await run()
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(before)
  return { wallMs, processorMs: (user + system) / 1000 }
}

/** What each run of each lane took, `rounds` of each after `warmUp` that do not count. */
export const byTurns = async (
  lanes: readonly AnyLane[],
  { rounds, warmUp }: { readonly rounds: number; readonly warmUp: number },
): Promise<ReadonlyMap<string, readonly Sample[]>> => {
  const samples = new Map<string, Sample[]>(lanes.map(({ name }) => [name, []]))
  for (let first = -warmUp; first < rounds; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, rounds - first) }, (_, index) => first + index)
    const prepared = new Map<string, unknown[]>()
    for (const { name, prepare } of lanes) {
      const inputs: unknown[] = []
      for (const _ of batch) inputs.push(await prepare())
      prepared.set(name, inputs)
    }
    collectGarbage()
    for (let from = 0; from < batch.length; from += TURN) {
      // Each is the first as often as the last.
      for (const { name, run } of (first + from) % (2 * TURN) < TURN ? lanes : lanes.toReversed()) {
        for (const [index, round] of batch.slice(from, from + TURN).entries()) {
          const input = prepared.get(name)?.[from + index]
          const sample = await timed(() => run(input))
          if (round >= 0) samples.get(name)?.push(sample)
        }
      }
    }
  }
  return samples
}
