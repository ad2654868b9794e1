/**
 * Requests per second and latencies of sign-in, status and approve, beside bare Express routes over a copy of the same records.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Generator, KINDS, measureLoad, type LoadFigures, type Rounds } from './load-rounds.ts'
import { seedService } from './seed.ts'
import { newSettings, startBare, startService, type Running } from './service-process.ts'
import { startFigures, startOf, type StartFigures } from './start-up.ts'

export interface ServiceFigures {
  readonly loads: readonly LoadFigures[]
  /** MiB after load; null where the system does not tell. */
  readonly memoryAfterLoad: number | null
  readonly memoryPeak: number | null
  /** Of the two starts that this took. */
  readonly start: StartFigures
}

/** How much is measured. */
export interface Effort extends Rounds {
  /** A multiple of the connections. */
  readonly owners: number
  /** Whether to wait until the service has come to rest after its start. */
  readonly settled: boolean
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
    for (const kind of KINDS)
      loads.push(await measureLoad(generator, kind, seeded, [[service], [bare]], effort))
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
