/**
 * `npm run rotate-keys`: sees to it that everything at rest is sealed with the first key of HOLDFAST_AT_REST_KEYS, and says when the
 * others may be taken away. While a service uses the data folder, that service does the work and this waits for it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { dataPaths, developmentKey } from '../data-folder.ts'
import { Opened } from '../opened.ts'
import { deriveKeys } from '../service-keys.ts'
import { FolderInUse, lockFolder } from '../store/embedded/lock.ts'
import { atRestOf, type KeyRing } from '../store/key-ring.ts'
import { openRing, openStores } from '../stores.ts'
import { resealAll, type ResealLeft } from '../use-cases/reseal-all.ts'
import { resealedDestinations, staleStatements } from '../use-cases/reseal-destinations.ts'
import { EXIT, configure, end, say } from './command.ts'
import { countStale } from './count-stale.ts'

const ASK_EVERY_MS = 1_000
const SAY_EVERY_MS = 2_000
const IDLE_JOBS = { relay: () => undefined, wake: () => undefined, close: async () => undefined }

const conclude = (ring: KeyRing, { stale, unreadable }: ResealLeft): never => {
  const said: string[] = []
  if (stale > 0)
    said.push(
      `${stale} values are still sealed with another key. Is a process running with another first key, or are there keys of accounts ` +
        'that the records do not know? Keep all keys, and run this again; where it stays so, run it while no service runs.',
    )
  if (unreadable > 0)
    said.push(
      `${unreadable} statements of where people want to be told cannot be opened with any of these keys: those people are told nothing ` +
        'by mail, push or webhook. Put the key that sealed them (a backup may need an older one) at the end of HOLDFAST_AT_REST_KEYS, ' +
        'restart every process, and run this again. Where it is lost for good, they must state it again in their app: the log names ' +
        'their accounts (destination_unreadable). Keep all keys until then.',
    )
  if (said.length > 0) return end(said.join('\n'), EXIT.failed)
  const others = ring.size === 1 ? '' : ' Every other key may be taken out of HOLDFAST_AT_REST_KEYS.'
  return end(`Everything is sealed with the key ${ring.sealsWith}.${others}`, EXIT.ok)
}

/** Works on the stores itself, beside processes that use them too. */
const rotate = async (config: Config, ring: KeyRing, opened: Opened): Promise<ResealLeft> => {
  const log = () => undefined
  const stores = await openStores({ config, ring, log, clock: undefined, pass: null }, opened)
  let saidAt = performance.now()
  const [deps, atRest] = [{ ...stores, settings: config.settings, jobs: IDLE_JOBS }, atRestOf(ring)]
  const left = await resealAll(
    { ...deps, resealed: resealedDestinations(atRest), staleIn: staleStatements(atRest) },
    {
      onStep: ({ accounts, resealed }) => {
        if (performance.now() - saidAt < SAY_EVERY_MS) return
        saidAt = performance.now()
        say(`${accounts} accounts looked at, ${resealed} values sealed anew`)
      },
    },
  )
  // Nothing stops it.
  return left ?? { stale: 0, unreadable: 0 }
}

interface KeysPart {
  readonly sealsWith?: unknown
  readonly resealing?: unknown
  readonly code?: unknown
}

/** Asks the service on this machine that has the data folder, until it has looked at everything; then looks what it left. */
const waitForService = async ({ port, dataFolder }: Config, ring: KeyRing): Promise<ResealLeft> => {
  const ask = async (): Promise<KeysPart> => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    const { parts } = (await response.json()) as { readonly parts: Readonly<Record<string, KeysPart>> }
    return parts['keys'] ?? {}
  }
  for (;;) {
    const { sealsWith, resealing, code } = await ask().catch(() =>
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
    if (resealing === 0 || code === 'reseal_incomplete') return countStale(dataPaths(dataFolder), ring)
    say('The service is sealing everything anew …')
    await pause(ASK_EVERY_MS)
  }
}

const run = async (opened: Opened): Promise<never> => {
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
