/**
 * Records and keys of release factors in one MongoDB, each in a database of its own, so that they can be backed up apart.
 */
import type { Secret } from '@holdfast/client/protocol'
import type { KeyStore, Records } from '../../use-cases/ports.ts'
import type { KeyRing } from '../key-ring.ts'
import type { MongoPlace } from './connection.ts'
import { openMongoKeyStore } from './key-store.ts'
import { migrate } from './migration.ts'
import { openMongoRecords } from './records.ts'

export interface MongoStores {
  readonly records: Records
  readonly keyStore: KeyStore
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
 * Opens what {@link migrateMongo} has prepared. Throws RecordsNotMigrated, DatabaseTooNew, WrongWrappingKey or HoldfastError
 * `unavailable`, with nothing left open.
 */
export const openMongoStores = async (url: string, wrappingKey: Secret | KeyRing): Promise<MongoStores> => {
  const places = mongoPlaces(url)
  const records = await openMongoRecords(places.records)
  try {
    const keyStore = await openMongoKeyStore({ ...places.keys, wrappingKey })
    return {
      records,
      keyStore,
      async close() {
        await Promise.all([records.close(), keyStore.close()])
      },
    }
  } catch (error) {
    await records.close()
    throw error
  }
}
