/**
 * Puts a backup into the databases, where no service runs.
 *
 * [Note: One mark decides, on MongoDB too] The records are made in collections beside the ones that are there. The mark `restoring` is
 * the restore: before it is set nothing that is there has changed, and after it the new collections take the names of the old ones.
 * While it is set no service starts; a restore that is called again finishes what was begun. One that runs all the same raises the
 * numbers by one at each look, also at one that began before the restore ended: the new number is far above what that comes to.
 */
import { randomUUID } from 'node:crypto'
import type { Connection } from 'mongoose'
import type { CheckLine, KeyLine, RecordLine } from '../backup/lines.ts'
import { mergedKeys } from '../backup/merge.ts'
import { rowOf } from './commit.ts'
import { connectMongo } from './connection.ts'
import { CHECK, ENDED_KEPT, forgetResealed, keyModels, type KeyModels } from './key-rows.ts'
import { rowId } from './log.ts'
import { migrate } from './migration.ts'
import { RESTORED, collectionsOn, restoringOn } from './schemas.ts'
import type { AccountRow, BlobRow, Collections, LogRow } from './schemas.ts'
import { isDuplicate, isOnlyDuplicates, orStoreError } from './store-error.ts'
import { mongoPlaces } from './stores.ts'

export interface MongoTarget {
  holdsRecords(): Promise<boolean>
  holdsKeys(): Promise<boolean>
  restoreRecords(backup: {
    readonly generation: number
    readonly lines: AsyncIterable<RecordLine>
  }): Promise<void>
  restoreKeys(lines: AsyncIterable<KeyLine | CheckLine>): Promise<void>
  close(): Promise<void>
}

/** Written at once: up to so many rows, or so many bytes. */
const AT_ONCE = 500
const BYTES_AT_ONCE = 4 * 1024 * 1024

/** By how much the number in restored records is above the one beside the keys: looks that a service may take meanwhile. */
const AHEAD = 1_000

const besideKeys = async ({ numbers }: Pick<KeyModels, 'numbers'>): Promise<number> =>
  (await numbers.findOne({ _id: 'generation' }).lean())?.version ?? 0

/** Renames what a restore made, and takes its mark away. Does nothing where there is none. */
const finish = async (connection: Connection, { marks }: Collections, keys: KeyModels): Promise<void> => {
  const mark = await marks.findOne({ _id: 'restoring' }).lean()
  if (mark === null) return
  for (const name of RESTORED) {
    const made = `${name}_restoring`
    const isThere = (await connection.db?.listCollections({ name: made }).toArray()) ?? []
    if (isThere.length > 0) await connection.db?.renameCollection(made, name, { dropTarget: true })
  }
  // The number first: with the mark gone and the old number there, the records would be taken for the ones that ran here.
  const version = Math.max(mark.version, (await besideKeys(keys)) + AHEAD)
  await marks.updateOne({ _id: 'generation' }, { $set: { version } }, { upsert: true })
  await marks.deleteOne({ _id: 'restoring' })
}

const insertAll = async (
  made: ReturnType<typeof restoringOn>,
  lines: AsyncIterable<RecordLine>,
): Promise<void> => {
  const waiting: { accounts: AccountRow[]; blobs: BlobRow[]; log: LogRow[] } = {
    accounts: [],
    blobs: [],
    log: [],
  }
  let [count, bytes] = [0, 0]
  const write = async (): Promise<void> => {
    const options = { lean: true, ordered: false } as const
    await made.accounts.insertMany(waiting.accounts.splice(0), options)
    await made.blobs.insertMany(waiting.blobs.splice(0), options)
    await made.log.insertMany(waiting.log.splice(0), options).catch((error: unknown) => {
      // Copied to the log and not yet taken out of what was leaving, when the backup was taken.
      if (!isOnlyDuplicates(error)) throw error
    })
    count = 0
    bytes = 0
  }
  for await (const line of lines) {
    if ('account' in line) waiting.accounts.push(rowOf(line.account))
    else if ('blob' in line) {
      const { blob: hash, owner: account = '', revision = 0 } = line
      const content = Buffer.from(line.bytes, 'base64')
      bytes += content.length
      waiting.blobs.push({
        _id: randomUUID(),
        hash,
        account,
        revision,
        attempt: randomUUID(),
        bytes: content,
      })
    } else if ('log' in line) {
      const { log: account, entry } = line
      waiting.log.push({
        _id: rowId(account, entry.sequence),
        account,
        sequence: entry.sequence,
        entry,
      })
    }
    count += 1
    if (count === AT_ONCE || bytes > BYTES_AT_ONCE) await write()
  }
  await write()
}

/** The databases must be migrated: this does it. Throws DatabaseTooNew or HoldfastError `unavailable`. */
export const openMongoTarget = async (url: string): Promise<MongoTarget> => {
  const places = mongoPlaces(url)
  await migrate(places.records)
  const connection = await connectMongo(places.records)
  const beside = await connectMongo(places.keys)
  const collections = collectionsOn(connection)
  const keys = keyModels(beside)
  const { rows, checks } = keys
  await orStoreError(() => finish(connection, collections, keys))

  const mergeRow = async (line: KeyLine): Promise<void> => {
    const before = await rows.findOne({ _id: line.keys }).lean()
    const sealed = (before?.keys ?? []).map((key) => [key.epoch, key.sealed] as const)
    const standing = { highWater: before?.highWater ?? 0, sealed, ended: before?.ended ?? [] }
    const after = mergedKeys(standing, line, ENDED_KEPT)
    const sealedAfter = after.sealed.map(([epoch, value]) => ({ epoch, sealed: value }))
    const { highWater, ended } = after
    await rows.updateOne(
      { _id: line.keys },
      { $set: { highWater, keys: sealedAfter, ended: [...ended] } },
      { upsert: true },
    )
  }

  return {
    holdsRecords: () => orStoreError(async () => (await collections.accounts.exists({})) !== null),
    holdsKeys: () => orStoreError(async () => (await checks.exists({})) !== null),
    restoreRecords: ({ generation, lines }) =>
      orStoreError(async () => {
        const made = restoringOn(connection)
        for (const name of RESTORED) {
          await made[name].collection.drop().catch(() => undefined)
          await made[name].createCollection()
          await made[name].createIndexes()
        }
        await insertAll(made, lines)
        // Fits to no number beside any keys: it is noticed as restored.
        const version = Math.max(generation, await besideKeys(keys)) + AHEAD
        await collections.marks.updateOne({ _id: 'restoring' }, { $set: { version } }, { upsert: true })
        await finish(connection, collections, keys)
      }),
    restoreKeys: (lines) =>
      orStoreError(async () => {
        const checkLines: string[] = []
        for await (const line of lines) {
          if ('check' in line) checkLines.push(line.check)
          else await mergeRow(line)
        }
        // Last: keys without it are refused at the start, and so are half of them.
        for (const sealed of checkLines)
          await checks.insertMany([{ _id: CHECK, sealed }], { lean: true }).catch((error: unknown) => {
            if (!isDuplicate(error)) throw error
          })
        await forgetResealed(keys)
      }),
    async close() {
      await Promise.all([connection.close(), beside.close()])
    },
  }
}
