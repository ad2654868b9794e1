/**
 * Splitting and combining 32 bytes, by each library, and which traps it catches.
 */
import { randomBytes } from 'node:crypto'
import { LIBRARIES, type AnyShare, type Library } from './libraries.ts'
import { byTurns, lane, median, type AnyLane } from './sampling.ts'
import { TRAPS, springTrap, type Outcome } from './traps.ts'

const SIZES = [
  { threshold: 3, contacts: 5 },
  { threshold: 5, contacts: 9 },
] as const

export interface LibraryFigures {
  readonly name: string
  /** Medians in microseconds by size, as `3 of 5`. */
  readonly splitUs: Readonly<Record<string, number>>
  readonly combineUs: Readonly<Record<string, number>>
  /** By the trap's name. */
  readonly traps: Readonly<Record<string, Outcome>>
}

const splitting = (library: Library, contacts: number, threshold: number): AnyLane =>
  lane({
    name: library.name,
    prepare: async () => Uint8Array.from(randomBytes(32)),
    run: (secret) => library.split(secret, contacts, threshold),
  })

const combining = (library: Library, contacts: number, threshold: number): AnyLane => {
  let shares: Promise<readonly AnyShare[]> | undefined
  return lane({
    name: library.name,
    // Once: what our wrapper checks shares against is what it split last.
    prepare: async () =>
      (await (shares ??= library.split(Uint8Array.from(randomBytes(32)), contacts, threshold))).slice(
        0,
        threshold,
      ),
    run: (given) => library.combine(given, threshold),
  })
}

const measured = async (lanes: readonly AnyLane[], rounds: number): Promise<ReadonlyMap<string, number>> => {
  const samples = await byTurns(lanes, { rounds, warmUp: rounds })
  return new Map([...samples].map(([name, seen]) => [name, median(seen.map(({ wallMs }) => wallMs)) * 1000]))
}

export const measureSharing = async (rounds: number): Promise<readonly LibraryFigures[]> => {
  const splitUs = new Map<string, ReadonlyMap<string, number>>()
  const combineUs = new Map<string, ReadonlyMap<string, number>>()
  for (const { threshold, contacts } of SIZES) {
    const size = `${threshold} of ${contacts}`
    splitUs.set(
      size,
      await measured(
        LIBRARIES.map((one) => splitting(one, contacts, threshold)),
        rounds,
      ),
    )
    combineUs.set(
      size,
      await measured(
        LIBRARIES.map((one) => combining(one, contacts, threshold)),
        rounds,
      ),
    )
  }
  const figures: LibraryFigures[] = []
  for (const library of LIBRARIES) {
    const of = (by: ReadonlyMap<string, ReadonlyMap<string, number>>) =>
      Object.fromEntries([...by].map(([size, medians]) => [size, medians.get(library.name) ?? Number.NaN]))
    const traps: Record<string, Outcome> = {}
    for (const trap of TRAPS) traps[trap.name] = await springTrap(trap, library)
    figures.push({ name: library.name, splitUs: of(splitUs), combineUs: of(combineUs), traps })
  }
  return figures
}
