/**
 * What every chapter of the story has at hand.
 */
import type { Device } from './device.ts'
import type { Narrator } from './narrator.ts'
import type { Options } from './options.ts'
import type { Key } from './secret-file.ts'
import type { Sightings } from './sightings.ts'
import type { Stage } from './stage.ts'

export interface Scene {
  readonly options: Options
  readonly key: Key
  readonly stage: Stage
  readonly narrator: Narrator
  readonly sightings: Sightings
  /** Aborts when the person who watches has had enough. */
  readonly signal: AbortSignal
}

/** Says when each device was told of a request that was opened at `from` (performance.now()). */
export const tellWhoWasTold = async (
  { narrator }: Pick<Scene, 'narrator'>,
  people: readonly { readonly name: string; readonly device: Device }[],
  recovery: string,
  from: number,
): Promise<void> => {
  const told = await Promise.all(
    people.map(async ({ name, device }) => ({
      name,
      ms: Math.round((await device.told('recovery-opened', recovery)) - from),
    })),
  )
  const shown = told.slice(0, told.length > 8 ? 6 : 8).map(({ name, ms }) => `${name} after ${ms} ms`)
  const rest = told.slice(shown.length)
  if (rest.length > 0)
    shown.push(`${rest.length} more, the last after ${Math.max(...rest.map(({ ms }) => ms))} ms`)
  await narrator.good(`Told at once: ${shown.join(', ')}.`)
}
