/**
 * What the databases hold, line by line, also while services use them: read in one snapshot, which a replica set keeps for as long as
 * it is configured to (five minutes unless told otherwise).
 */
import type { ClientSession } from 'mongoose'
import type { CheckLine, KeyLine, RecordLine } from '../backup/lines.ts'
import { connectMongo } from './connection.ts'
import { keyModels } from './key-rows.ts'
import { collectionsOn, type Collections } from './schemas.ts'
import { mongoPlaces } from './stores.ts'
import { orStoreError } from './store-error.ts'

export interface MongoCopy {
  readonly records: { readonly generation: number; readonly lines: AsyncIterable<RecordLine> }
  keys(): AsyncIterable<KeyLine | CheckLine>
  close(): Promise<void>
}

const bytesOf = (bytes: unknown): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from((bytes as { readonly buffer: Uint8Array }).buffer)

/** Of every read: with the connection's own concern the server would refuse the moment that the session is about. */
const atOneMoment = (session: ClientSession) => ({ session, readConcern: { level: 'snapshot' } }) as const

async function* recordLines(collections: Collections, session: ClientSession): AsyncGenerator<RecordLine> {
  const { accounts, blobs, log } = collections
  const at = atOneMoment(session)
  for await (const { _id, document, leaving } of accounts.find({}, {}, at).lean().cursor()) {
    if (document !== undefined) yield { account: document }
    // Not in the log yet, and no longer in the document: log.ts.
    for (const entry of leaving ?? []) yield { log: _id, entry }
  }
  for await (const { hash, account, revision, bytes } of blobs.find({}, {}, at).lean().cursor())
    yield { blob: hash, bytes: bytesOf(bytes).toString('base64'), owner: account, revision }
  for await (const { account, entry } of log.find({}, {}, at).lean().cursor()) yield { log: account, entry }
}

/** Throws HoldfastError `unavailable`, or the server's error where it offers no snapshot. */
export const copyMongo = async (url: string): Promise<MongoCopy> => {
  const places = mongoPlaces(url)
  const connection = await connectMongo(places.records)
  const beside = await connectMongo(places.keys)
  const session = await connection.startSession({ snapshot: true })
  const collections = collectionsOn(connection)
  const { rows, checks } = keyModels(beside)
  const mark = await orStoreError(() =>
    collections.marks.findOne({ _id: 'generation' }, {}, atOneMoment(session)).lean(),
  )

  async function* keys(): AsyncGenerator<KeyLine | CheckLine> {
    for (const { sealed } of await checks.find({}).lean()) yield { check: sealed }
    for await (const row of rows.find({}).lean().cursor())
      yield {
        keys: row._id,
        highWater: row.highWater,
        sealed: row.keys.map(({ epoch, sealed }) => [epoch, sealed] as const),
        ended: row.ended ?? [],
      }
  }
  return {
    records: { generation: mark?.version ?? 0, lines: recordLines(collections, session) },
    keys,
    async close() {
      await session.endSession()
      await Promise.all([connection.close(), beside.close()])
    },
  }
}
