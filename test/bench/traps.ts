/**
 * What each library does with shares that are wrong: refuses them, or gives a wrong secret without a word.
 */
import { randomBytes } from 'node:crypto'
import { equalBytes } from '@holdfast/client/protocol'
import type { AnyShare, Library } from './libraries.ts'

/** `refused`: an error. `right`: the secret all the same. `wrong`: something else, as if nothing were the matter. */
export type Outcome = 'refused' | 'right' | 'wrong'

export interface Trap {
  readonly name: string
  /** Springs it. Resolves to what came out. */
  readonly spring: (library: Library) => Promise<Uint8Array>
}

const THRESHOLD = 3
const SECRET = Uint8Array.from(randomBytes(32))

const shares = (library: Library): Promise<readonly AnyShare[]> => library.split(SECRET, 5, THRESHOLD)

interface Point {
  readonly x: number
  readonly y: Uint8Array
}

/** Combines three shares, the first of them changed. `free`: an x that no share has. */
const changed =
  (change: (point: Point, free: number) => Point): Trap['spring'] =>
  async (library) => {
    const all = await shares(library)
    const [first, ...rest] = all
    const used = new Set(all.map((share) => library.form.read(share).x))
    const free = Array.from({ length: 10 }, (_, at) => at + 1).find((x) => !used.has(x)) ?? 11
    const { x, y } = change(library.form.read(first), free)
    return library.combine([library.form.make(x, y, first), ...rest.slice(0, THRESHOLD - 1)], THRESHOLD)
  }

export const TRAPS: readonly Trap[] = [
  {
    name: 'one share too few',
    spring: async (library) => library.combine((await shares(library)).slice(0, 2), THRESHOLD),
  },
  {
    name: 'the same share twice',
    async spring(library) {
      const [first, second] = await shares(library)
      return library.combine([first, second, second], THRESHOLD)
    },
  },
  {
    name: 'one bit flipped',
    spring: changed(({ x, y }) => ({ x, y: y.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) })),
  },
  { name: 'x changed', spring: changed(({ y }, free) => ({ x: free, y })) },
  { name: 'x = 0: a share that is the secret', spring: changed(({ y }) => ({ x: 0, y })) },
  {
    name: 'shares of two splits',
    async spring(library) {
      const other = await shares(library)
      const [, second, third] = await shares(library)
      const taken = [second, third].map((share) => library.form.read(share).x)
      // Where x is drawn by lot, the two splits may meet in one, and that is another trap: a share twice.
      const foreign = other.find((share) => !taken.includes(library.form.read(share).x)) ?? other[0]
      return library.combine([foreign, second, third], THRESHOLD)
    },
  },
  {
    name: 'all cut short alike',
    async spring(library) {
      const cut = (await shares(library)).slice(0, THRESHOLD).map((share) => {
        const { x, y } = library.form.read(share)
        return library.form.make(x, y.slice(0, 16), share)
      })
      return library.combine(cut, THRESHOLD)
    },
  },
  {
    name: '3.5 shares asked for',
    async spring(library) {
      await library.split(SECRET, 3.5, 2)
      return new Uint8Array(0)
    },
  },
  {
    name: 'threshold over shares',
    async spring(library) {
      await library.split(SECRET, 3, 4)
      return new Uint8Array(0)
    },
  },
  {
    name: 'threshold 1: every share is the secret',
    async spring(library) {
      await library.split(SECRET, 3, 1)
      return new Uint8Array(0)
    },
  },
]

export const springTrap = async (trap: Trap, library: Library): Promise<Outcome> => {
  try {
    return equalBytes(await trap.spring(library), SECRET) ? 'right' : 'wrong'
  } catch {
    return 'refused'
  }
}
