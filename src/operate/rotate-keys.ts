/**
 * `npm run rotate-keys`: sees to it that everything at rest is sealed with the first key of HOLDFAST_AT_REST_KEYS, and says when the
 * others may be taken away. While a service uses the data folder, that service does the work and this waits for it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { developmentKey } from '../data-folder.ts'
import { Opened } from '../opened.ts'
import { deriveKeys } from '../service-keys.ts'
import { FolderInUse, lockFolder } from '../store/embedded/lock.ts'
import { atRestOf, type KeyRing } from '../store/key-ring.ts'
import { openRing, openStores } from '../stores.ts'
import { resealAll } from '../use-cases/reseal-all.ts'
import { resealedDestinations } from '../use-cases/reseal-destinations.ts'
import { EXIT, configure, end, say } from './command.ts'

const ASK_EVERY_MS = 1_000
const SAY_EVERY_MS = 2_000
const IDLE_JOBS = { relay: () => undefined, wake: () => undefined, close: async () => undefined }

const conclude = (ring: KeyRing, left: number): never => {
  if (left > 0)
    return end(
      `${left} values are still sealed with another key. Is a process running with another first key, or are there keys of accounts ` +
        'that the records do not know? Keep all keys, and run this again.',
      EXIT.failed,
    )
  const others = ring.size === 1 ? '' : ' Every other key may be taken out of HOLDFAST_AT_REST_KEYS.'
  return end(`Everything is sealed with the key ${ring.sealsWith}.${others}`, EXIT.ok)
}

/** Works on the stores itself, beside processes that use them too. */
const rotate = async (config: Config, ring: KeyRing, opened: Opened): Promise<number> => {
  const log = () => undefined
  const stores = await openStores({ config, ring, log, clock: undefined, pass: null }, opened)
  let saidAt = performance.now()
  const deps = { ...stores, settings: config.settings, jobs: IDLE_JOBS }
  const left = await resealAll(
    { ...deps, resealed: resealedDestinations(atRestOf(ring)) },
    {
      onStep: ({ accounts, resealed }) => {
        if (performance.now() - saidAt < SAY_EVERY_MS) return
        saidAt = performance.now()
        say(`${accounts} accounts looked at, ${resealed} values sealed anew`)
      },
    },
  )
  return left ?? 0
}

interface KeysPart {
  readonly sealsWith?: unknown
  readonly resealing?: unknown
}

/** Asks the service on this machine that has the data folder, until it is done. */
const waitForService = async ({ port }: Config, ring: KeyRing): Promise<number> => {
  const ask = async (): Promise<KeysPart> => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    const { parts } = (await response.json()) as { readonly parts: Readonly<Record<string, KeysPart>> }
    return parts['keys'] ?? {}
  }
  for (;;) {
    const { sealsWith, resealing } = await ask().catch(() =>
      end(
        `A service has the data folder, and does not answer on port ${port}. Stop it, or set its PORT.`,
        EXIT.failed,
      ),
    )
    if (sealsWith !== ring.sealsWith)
      return end(
        `The service seals with the key ${String(sealsWith)}, and this configuration with ${ring.sealsWith}. Start the service anew with ` +
          'this configuration.',
        EXIT.failed,
      )
    if (resealing === 0) return 0
    say('The service is sealing everything anew …')
    await pause(ASK_EVERY_MS)
  }
}

const run = async (opened: Opened): Promise<number> => {
  const config = configure()
  const derived = async () => deriveKeys(config.masterKey ?? (await developmentKey(config.dataFolder)))
  const ring = openRing(config.atRestKeys, (await derived()).keyStore)
  if (config.mongoUrl === null) {
    try {
      const lock = await lockFolder(config.dataFolder)
      opened.push(() => lock.release())
    } catch (error) {
      if (error instanceof FolderInUse) return conclude(ring, await waitForService(config, ring))
      throw error
    }
  }
  const left = await rotate(config, ring, opened)
  await opened.close()
  return conclude(ring, left)
}

const opened = new Opened()
try {
  await run(opened)
} catch (error) {
  await opened.close().catch(() => undefined)
  end(error instanceof Error ? error.message : 'The rotation failed.', EXIT.failed)
}
