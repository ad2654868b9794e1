/**
 * What came back is held against what was lost.
 */
import { owner } from '@holdfast/client'
import { type Friend, OWNER, listed } from '../cast.ts'
import type { Scene } from '../scene.ts'
import { sha256, writeKey } from '../secret-file.ts'
import type { Asking } from './loss.ts'
import type { Met } from './meeting.ts'
import type { Released } from './waiting.ts'

export interface Outcome {
  readonly recovered: boolean
  /** Hex. */
  readonly recoveredSha256: string
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

const suggest = (friends: readonly Friend[], liars: readonly Friend[]): string =>
  liars.length === 0 || friends.length - liars.length < 2
    ? 'a new circle'
    : `a new circle, perhaps without ${listed(liars.map(({ name }) => name))}`

export const end = async (
  scene: Scene,
  { seed, friends }: Met,
  { phone }: Asking,
  { found, liars }: Released,
): Promise<Outcome> => {
  const { narrator, key, options, sightings } = scene
  const seedIsSame = isSame(found.recoveredSeed.expose(), seed)
  const keyIsSame = isSame(found.payload, key.bytes)
  const recoveredSha256 = sha256(found.payload)
  await narrator.say(`SHA-256 of ${key.name}, when it was protected and now:`)
  await narrator.row('then', [sha256(key.bytes)])
  await narrator.row('now', [recoveredSha256])
  if (keyIsSame && seedIsSame)
    await narrator.good('It is the same byte for byte, and so is the identity seed.')
  else await narrator.bad('What came back is not the same.')

  // The new phone is the owner's now.
  await sightings.byOwner(phone)
  const { recoveries, circle } = await owner.status(phone.client)
  const isComplete = recoveries.some(({ state }) => state === 'completed') && circle.active === null
  const entries = await owner.readLog(phone.client)
  await narrator.good(
    `The new phone is ${OWNER}’s. The old circle is spent, and the service erases its factor. The account’s log ` +
      `tells it all: ${entries.length} entries, each chained to the one before, and checked.`,
  )
  const recovered = keyIsSame && seedIsSame && isComplete
  if (recovered && options.out !== null) {
    await writeKey(options.out, found.payload)
    await narrator.good(`Written to ${options.out}, for nobody but its owner to read.`)
  }
  await narrator.say(`What comes next, whenever it suits her: ${suggest(friends, liars)}.`)
  return { recovered, recoveredSha256 }
}
