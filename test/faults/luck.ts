/**
 * What a round decides by chance, the same for the same seed.
 */
import { createHash } from 'node:crypto'

export interface Luck {
  /** A whole number in [0, below). */
  number(below: number): number
  one<T>(of: readonly [T, ...T[]] | readonly T[]): T
}

export const luckOf = (seed: string): Luck => {
  let counter = 0
  const number = (below: number): number => {
    counter += 1
    return createHash('sha256').update(`${seed}/${counter}`).digest().readUInt32BE(0) % below
  }
  return {
    number,
    one(of) {
      if (of.length === 0) throw new RangeError('there is nothing to choose from')
      return of[number(of.length)] as (typeof of)[number]
    },
  }
}
