/**
 * Records and key store of whichever engine the configuration names: a part of compose.ts.
 */
import type { Secret } from '@holdfast/client/protocol'
import type { AtRestKey, Config } from './config.ts'
import { dataPaths } from './data-folder.ts'
import type { PassPoint } from './observe/fail-points.ts'
import type { Log } from './observe/log.ts'
import type { Opened } from './opened.ts'
import type { TimeSources } from './store/embedded/clock.ts'
import { openFolderKeyStore } from './store/embedded/key-store.ts'
import { openEmbeddedRecords } from './store/embedded/records.ts'
import { finishRestore } from './store/embedded/restore.ts'
import { openRestoreGuard } from './store/embedded/restore-guard.ts'
import { KeyRing } from './store/key-ring.ts'
import type { KeyStore, Records } from './use-cases/ports.ts'

export interface Stores {
  readonly records: Records
  readonly keyStore: KeyStore
}

export interface StoresOptions {
  readonly config: Pick<Config, 'dataFolder' | 'mongoUrl' | 'settings'>
  readonly ring: KeyRing
  readonly log: Log
  readonly clock: TimeSources | undefined
  readonly pass: PassPoint | null
}

/** `own`: the key that follows from the master key. */
export const openRing = (keys: readonly AtRestKey[], own: Secret): KeyRing =>
  new KeyRing(keys.map((key) => (key === 'master' ? own : key)))

const openMongo = async (url: string, options: StoresOptions, opened: Opened): Promise<Stores> => {
  const { migrateMongo, openMongoStores } = await import('./store/mongo/stores.ts')
  if (options.config.settings.development) await migrateMongo(url)
  const stores = await openMongoStores(url, options.ring)
  opened.push(() => stores.close())
  if (stores.restored) options.log('warn', 'records_restored')
  return stores
}

/** The data folder must be locked. */
const openFolder = async (options: StoresOptions, opened: Opened): Promise<Stores> => {
  const { config, ring, log, clock, pass } = options
  const paths = dataPaths(config.dataFolder)
  const onWritten = pass === null ? undefined : () => pass('key-file-written')
  await finishRestore(paths.records)
  const onJump = (aheadMs: number) => log('warn', 'clock_jumped', { durationMs: aheadMs })
  const records = await openEmbeddedRecords({ folder: paths.records, clock: { onJump, ...clock } })
  opened.push(() => records.close())
  const mayBeNew = records.generation() === 0
  const keyStore = await openFolderKeyStore({ folder: paths.keys, wrappingKey: ring, mayBeNew, onWritten })
  const guard = await openRestoreGuard({ folder: paths.keys, records })
  opened.push(() => guard.close())
  if (guard.restored) log('warn', 'records_restored')
  return { records, keyStore }
}

/** Throws what the engine throws where its places cannot be used. What was opened is closed with `opened`. */
export const openStores = (options: StoresOptions, opened: Opened): Promise<Stores> =>
  options.config.mongoUrl === null
    ? openFolder(options, opened)
    : openMongo(options.config.mongoUrl, options, opened)
