/**
 * Secret-sharing libraries behind one face: shamir-secret-sharing as it comes, ours around it, and three others.
 */
import { createRequire } from 'node:module'
import { randomBytes } from 'node:crypto'
import {
  Secret,
  checkKeyOf,
  combineShares,
  equalBytes,
  parseShare,
  splitSecret,
  type SharePlace,
} from '@holdfast/client/protocol'
import { combine, split } from 'shamir-secret-sharing'

/** A share as a library hands it out. */
export type AnyShare = unknown

export interface Library {
  readonly name: string
  split(secret: Uint8Array, shares: number, threshold: number): Promise<readonly AnyShare[]>
  /** Combines exactly these shares. `threshold` is told to whoever asks for it. */
  combine(shares: readonly AnyShare[], threshold: number): Promise<Uint8Array>
  /** Reads and makes shares of the library's form, so that they can be falsified. */
  readonly form: {
    read(share: AnyShare): { readonly x: number; readonly y: Uint8Array }
    make(x: number, y: Uint8Array, like: AnyShare): AnyShare
  }
}

const require = createRequire(import.meta.url)

interface Grempe {
  share(hex: string, shares: number, threshold: number): string[]
  combine(shares: string[]): string
}
interface Massey {
  split(
    random: (length: number) => Uint8Array,
    shares: number,
    threshold: number,
    secret: Uint8Array,
  ): Record<string, Uint8Array>
  join(parts: Record<string, Uint8Array>): Uint8Array
}
interface Werle {
  split(secret: Uint8Array, options: { readonly shares: number; readonly threshold: number }): Uint8Array[]
  combine(shares: readonly Uint8Array[]): Uint8Array
}
const werleLibrary = require('shamirs-secret-sharing') as Werle
const grempe = require('secrets.js-grempe') as Grempe
const massey = require('shamir') as Massey

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Values followed by x, in one array. */
const xLast: Library['form'] = {
  read: (share) => ({ x: (share as Uint8Array).at(-1) ?? 0, y: (share as Uint8Array).slice(0, -1) }),
  make: (x, y) => Uint8Array.from([...y, x]),
}

const asItComes: Library = {
  name: 'shamir-secret-sharing 0.0.4',
  split: async (secret, shares, threshold) => split(secret, shares, threshold),
  combine: async (shares) => combine(shares as Uint8Array[]),
  form: xLast,
}

const PLACE = { circle: 'A'.repeat(22), epoch: 1 }
const placeOf = (slot: number): SharePlace => ({ ...PLACE, slot })

// What the core says about the shares of the last split: x and check key of each slot.
let core: readonly { readonly x: number; readonly checkKey: Uint8Array }[] = []

const checked = async (bytes: Uint8Array) => {
  const share = parseShare(bytes)
  const slot = core.findIndex(({ x }) => x === share?.x)
  if (share === null || slot < 0) throw new Error('share rejected')
  const { publicKey } = await checkKeyOf(share, placeOf(slot + 1))
  if (!equalBytes(publicKey, core[slot]?.checkKey ?? new Uint8Array(0))) throw new Error('share rejected')
  return share
}

const ours: Library = {
  name: 'the same in our wrapper',
  async split(secret, shares, threshold) {
    const made = await splitSecret(Secret.of(secret), { threshold, shares })
    core = await Promise.all(
      made.map(async (share, index) => {
        const { publicKey } = await checkKeyOf(share, placeOf(index + 1))
        return { x: share.x, checkKey: publicKey }
      }),
    )
    return made.map(({ bytes }) => bytes)
  },
  async combine(shares, threshold) {
    const sound = await Promise.all((shares as Uint8Array[]).map(checked))
    return (await combineShares(sound, { threshold, xs: core.map(({ x }) => x) })).expose()
  },
  form: xLast,
}

const secretsJs: Library = {
  name: 'secrets.js-grempe 2.0.0',
  split: async (secret, shares, threshold) => grempe.share(toHex(secret), shares, threshold),
  combine: async (shares) => fromHex(grempe.combine(shares as string[])),
  // '8', two digits of x, values.
  form: {
    read: (share) => ({
      x: Number.parseInt((share as string).slice(1, 3), 16),
      y: fromHex((share as string).slice(3)),
    }),
    make: (x, y, like) => `${(like as string).slice(0, 1)}${x.toString(16).padStart(2, '0')}${toHex(y)}`,
  },
}

const werle: Library = {
  name: 'shamirs-secret-sharing 2.0.1',
  split: async (secret, shares, threshold) => werleLibrary.split(Buffer.from(secret), { shares, threshold }),
  combine: async (shares) => Uint8Array.from(werleLibrary.combine(shares as Uint8Array[])),
  // 08, x, values.
  form: {
    read: (share) => ({ x: (share as Uint8Array)[1] ?? 0, y: Uint8Array.from(share as Uint8Array).slice(2) }),
    make: (x, y, like) => Buffer.from([(like as Uint8Array)[0] ?? 0, x, ...y]),
  },
}

const shamir: Library = {
  name: 'shamir 0.7.1',
  split: async (secret, shares, threshold) =>
    Object.entries(massey.split((length) => Uint8Array.from(randomBytes(length)), shares, threshold, secret)),
  combine: async (shares) => massey.join(Object.fromEntries(shares as [string, Uint8Array][])),
  form: {
    read: (share) => {
      const [x, y] = share as [string, Uint8Array]
      return { x: Number(x), y }
    },
    make: (x, y) => [String(x), y],
  },
}

export const LIBRARIES: readonly Library[] = [ours, asItComes, secretsJs, werle, shamir]
