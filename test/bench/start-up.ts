/**
 * How long the embedded service takes until it answers, on an empty folder and on one that it has used before, and the memory
 * it then holds.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './sampling.ts'
import { newSettings, startService, type Running } from './service-process.ts'

export interface StartFigures {
  /** Medians, ms. */
  readonly firstMs: number
  readonly laterMs: number
  /** Until jobs run too: nothing waits for it. */
  readonly firstJobsMs: number
  readonly laterJobsMs: number
  /** MiB once jobs run, the most of all starts; null where the system does not tell. */
  readonly memory: number | null
}

const most = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** One start. */
export interface Start {
  readonly readyMs: number
  readonly jobsMs: number
  readonly memory: number | null
}

/** Waits until jobs run. */
export const startOf = async (service: Running): Promise<Start> => {
  const jobsMs = await service.logged('queue_ready')
  return { readyMs: service.readyMs, jobsMs, memory: service.memory().now }
}

export const startFigures = (first: readonly Start[], later: readonly Start[]): StartFigures => ({
  firstMs: median(first.map(({ readyMs }) => readyMs)),
  laterMs: median(later.map(({ readyMs }) => readyMs)),
  firstJobsMs: median(first.map(({ jobsMs }) => jobsMs)),
  laterJobsMs: median(later.map(({ jobsMs }) => jobsMs)),
  memory: most([...first, ...later].map(({ memory }) => memory)),
})

/** Starts the service twice in each of so many new folders. */
export const measureStart = async (times: number): Promise<StartFigures> => {
  const settings = newSettings()
  const first: Start[] = []
  const later: Start[] = []
  for (let time = 0; time < times; time += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
    try {
      for (const starts of [first, later]) {
        const service = await startService(settings, join(folder, 'data'))
        try {
          starts.push(await startOf(service))
        } finally {
          await service.stop()
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return startFigures(first, later)
}
