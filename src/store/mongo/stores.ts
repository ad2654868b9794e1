/**
 * Records and keys of release factors in one MongoDB, each in a database of its own, so that they can be backed up apart.
 */
import type { Secret } from '@holdfast/client/protocol'
import type { KeyStore, Records } from '../../use-cases/ports.ts'
import type { KeyRing } from '../key-ring.ts'
import { connectMongo, type MongoPlace } from './connection.ts'
import { keyModels } from './key-rows.ts'
import { openMongoKeyStore } from './key-store.ts'
import { migrate } from './migration.ts'
import { openMongoRecords } from './records.ts'
import { generationOf, openMongoGuard, type MongoGuard } from './restore-guard.ts'
import { collectionsOn } from './schemas.ts'

export interface MongoStores {
  readonly records: Records
  readonly keyStore: KeyStore
  /** Whether the records were found to come from a backup just now. */
  readonly restored: boolean
  close(): Promise<void>
}

const DATABASE = 'holdfast'
const URL_PARTS = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/([^?]*))?/

/** The database in the URL, else `holdfast`; and beside it that of the keys, with `-keys` behind its name. */
export const mongoPlaces = (url: string): { readonly records: MongoPlace; readonly keys: MongoPlace } => {
  const named = URL_PARTS.exec(url)?.[1] ?? ''
  const database = named === '' ? DATABASE : named
  return { records: { url, database }, keys: { url, database: `${database}-keys` } }
}

/** Creates what is missing. Throws as `migrate` does. */
export const migrateMongo = (url: string): Promise<void> => migrate(mongoPlaces(url).records)

/**
 * Opens what {@link migrateMongo} has prepared. Throws MongoNotReplicated, RecordsNotMigrated, DatabaseTooNew, RestoreUnfinished,
 * RecordsMissing, KeysMissing, WrongWrappingKey or HoldfastError `unavailable`, with nothing left open.
 */
export const openMongoStores = async (url: string, wrappingKey: Secret | KeyRing): Promise<MongoStores> => {
  const places = mongoPlaces(url)
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).toReversed()) await part.close()
  }
  const open = async <T extends { close(): Promise<void> }>(part: Promise<T>): Promise<T> => {
    opened.push(await part)
    return part
  }
  try {
    let guard: MongoGuard | null = null
    const records = await open(openMongoRecords(places.records, () => guard?.restoredAt() ?? null))
    const connection = await open(connectMongo(places.records))
    const collections = collectionsOn(connection)
    const mayBeNew = async (): Promise<boolean> => (await generationOf(collections)) === 0
    const keyStore = await open(openMongoKeyStore({ ...places.keys, wrappingKey, mayBeNew }))
    const beside = await open(connectMongo(places.keys))
    // Before anybody reads: what was restored is to be known to be.
    guard = await open(openMongoGuard({ connection, collections, keys: keyModels(beside) }))
    return { records, keyStore, restored: guard.restored, close }
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
}
