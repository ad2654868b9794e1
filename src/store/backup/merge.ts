/**
 * Keys of a backup, put beside those that are there.
 *
 * [Note: Only what may be] A mark is never lowered, an end never forgotten, and no key below the mark comes back: what was erased for
 * good stays erased. A key that stands is not replaced.
 */
import type { KeyLine } from './lines.ts'

export interface StandingKeys {
  readonly highWater: number
  readonly sealed: readonly (readonly [epoch: number, sealed: string])[]
  readonly ended: readonly string[]
}

/** `endedKept`: how many ended requests are known at most, the last ones. */
export const mergedKeys = (standing: StandingKeys, line: KeyLine, endedKept: number): StandingKeys => {
  const highWater = Math.max(standing.highWater, line.highWater)
  const sealed = new Map([...line.sealed, ...standing.sealed].filter(([epoch]) => epoch >= highWater))
  const ended = [...new Set([...line.ended, ...standing.ended])].slice(-endedKept)
  return { highWater, sealed: [...sealed].toSorted(([a], [b]) => a - b), ended }
}
