/**
 * Sign-in, status and approve on one and on two processes that answer, beside as many bare Express and mongoose processes.
 */
import { Generator, KINDS, measureLoad, type LoadFigures, type Rounds } from './load-rounds.ts'
import type { ScaledSet } from './scaled-set.ts'

export interface ScaledLoad extends LoadFigures {
  readonly processes: number
}

const PROCESSES = [1, 2] as const

export const measureScaledLoad = async (set: ScaledSet, rounds: Rounds): Promise<readonly ScaledLoad[]> => {
  const generator = new Generator()
  const figures: ScaledLoad[] = []
  // Approvals count upwards over all of them: the service takes each number once.
  let firstSequence = 1
  try {
    for (const kind of KINDS)
      for (const processes of PROCESSES) {
        const sides = [set.api.slice(0, processes), set.bare.slice(0, processes)] as const
        const load = await measureLoad(generator, kind, set.seeded, sides, rounds, firstSequence)
        firstSequence += load.sequences
        figures.push({ ...load, processes })
      }
  } finally {
    generator.close()
  }
  return figures
}
