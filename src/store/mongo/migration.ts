/**
 * Creates what the records need in a database, as a step of its own, and checks at every start that it is there. An index
 * that is built in passing would block a busy collection, or be missing without anybody noticing.
 */
import type { Model } from 'mongoose'
import { connectMongo } from './connection.ts'
import type { MongoPlace } from './connection.ts'
import { SCHEMA, collectionsOn } from './schemas.ts'
import type { Collections } from './schemas.ts'
import { isDuplicate, orStoreError } from './store-error.ts'

/** Thrown at boot: `migrate` has not run, or something has removed an index since. */
export class RecordsNotMigrated extends Error {
  override readonly name = 'RecordsNotMigrated'
  /** `missing`: what is missing, by name. */
  constructor(database: string, missing: readonly string[]) {
    super(`The database "${database}" lacks ${missing.join(', ')}. Run the migration before the service.`)
  }
}

/** Thrown at boot: the database was written by a newer version, which may keep what this one would overlook. */
export class DatabaseTooNew extends Error {
  override readonly name = 'DatabaseTooNew'
  constructor(database: string) {
    super(`The database "${database}" was written by a newer version of this service. Start that version.`)
  }
}

const modelsOf = (collections: Collections): readonly Model<never>[] =>
  Object.values(collections) as unknown as Model<never>[]

/**
 * Creates collections, indexes and the schema's mark, where they are missing; may run at any time and more than once.
 * Throws {@link DatabaseTooNew}; HoldfastError `unavailable` where nobody answers; the server's own error where it refuses,
 * for instance because an index of that name has other options.
 */
export const migrate = async (place: MongoPlace): Promise<void> => {
  const connection = await connectMongo(place)
  try {
    const collections = collectionsOn(connection)
    if ((await versionOf(collections)) > SCHEMA) throw new DatabaseTooNew(connection.name)
    for (const model of modelsOf(collections)) {
      await model.createCollection()
      await model.createIndexes()
    }
    await collections.marks
      .updateOne({ _id: 'schema' }, { $max: { version: SCHEMA } }, { upsert: true })
      .catch((error: unknown) => {
        // Two migrations at once: the other one has set it.
        if (!isDuplicate(error)) throw error
      })
  } finally {
    await connection.close()
  }
}

/** Throws {@link RecordsNotMigrated}, {@link DatabaseTooNew} or HoldfastError `unavailable`. */
export const verifyMigrated = async (database: string, collections: Collections): Promise<void> => {
  const version = await versionOf(collections)
  if (version > SCHEMA) throw new DatabaseTooNew(database)
  const missing = version < SCHEMA ? [`schema ${SCHEMA}`] : []
  for (const model of modelsOf(collections)) missing.push(...(await missingIndexes(model)))
  if (missing.length > 0) throw new RecordsNotMigrated(database, missing)
}

const versionOf = ({ marks }: Collections): Promise<number> =>
  orStoreError(async () => (await marks.findOne({ _id: 'schema' }).lean())?.version ?? 0)

/** Names of indexes that are missing, or have other keys or options than they should. */
const missingIndexes = (model: Model<never>): Promise<readonly string[]> =>
  orStoreError(async () => {
    const { toCreate } = await model.diffIndexes({ indexOptionsToCreate: true })
    const named = toCreate as unknown as readonly (readonly [unknown, { readonly name?: string }])[]
    return named.map(([, options]) => `index ${model.modelName}.${options.name ?? '?'}`)
  })
