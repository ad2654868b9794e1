/**
 * A MongoDB for tests: whatever MONGODB_URL names, with databases of their own that are dropped afterwards.
 */
import { randomBytes } from 'node:crypto'
import { createConnection } from 'mongoose'
import type { Connection } from 'mongoose'
import { describe, it } from 'vitest'
import { connectMongo } from '../../src/store/mongo/connection.ts'
import type { MongoPlace } from '../../src/store/mongo/connection.ts'
import { migrate } from '../../src/store/mongo/migration.ts'
import { openMongoRecords } from '../../src/store/mongo/records.ts'

/** Null where none is configured. */
export const MONGODB_URL: string | null = process.env['MONGODB_URL'] ?? null

/** Stands in for a URL in tests that are skipped for the want of one. */
const url = MONGODB_URL ?? 'mongodb://127.0.0.1:1'

/** What the tests run against, or why they don't: for the name of a suite. */
export const describeMongo = async (): Promise<string> => {
  if (MONGODB_URL === null) return 'skipped: no MongoDB to test on'
  const connection = await createConnection(MONGODB_URL, { serverSelectionTimeoutMS: 5_000 }).asPromise()
  try {
    const info = await connection.db?.admin().command({ buildInfo: 1 })
    const kind = JSON.stringify(info).toLowerCase().includes('secantus')
      ? 'SecantusDB, as MongoDB'
      : 'MongoDB'
    return `${kind} ${String(info?.['version'])}`
  } finally {
    await connection.close()
  }
}

const kind = await describeMongo()

/** Whether it only stands in for a replica set. */
export const isStandIn = kind.startsWith('SecantusDB')

/**
 * Tests that need a MongoDB, with what they run against in their name. Without one they are named as skipped, with the reason; with
 * everything demanded, that fails.
 */
export const onMongo = (title: string, tests: () => void): void => {
  if (MONGODB_URL !== null) describe(`${title} on ${kind}`, tests)
  else if (process.env['HOLDFAST_TEST_ALL'] === '1')
    it(title, () => {
      throw new Error('there is no MongoDB: set MONGODB_URL, or install python3 with pip for a stand-in')
    })
  else describe.skip(`${title} (${kind})`, () => it('runs on MongoDB', () => undefined))
}

export interface TestDatabase {
  readonly place: MongoPlace & { readonly database: string }
  /** A connection that has nothing to do with the code under test. */
  readonly connection: () => Promise<Connection>
  readonly remove: () => Promise<void>
}

/** An empty database of its own. */
export const newDatabase = (): TestDatabase => {
  const place = { url, database: `holdfast-test-${randomBytes(6).toString('hex')}` }
  let opened: Promise<Connection> | undefined
  const connection = () => (opened ??= connectMongo(place))
  return {
    place,
    connection,
    async remove() {
      const open = await connection()
      await open.dropDatabase()
      await open.close()
    },
  }
}

/** Empty records in a database of their own. */
export const openTestRecords = async () => {
  const { place, remove } = newDatabase()
  await migrate(place)
  return { records: await openMongoRecords(place), remove }
}
