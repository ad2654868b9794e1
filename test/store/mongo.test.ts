import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from 'mongoose'
import {
  MongoNotReplicated,
  connectMongo,
  isReplicated,
  refuseUnreplicated,
} from '../../src/store/mongo/connection.ts'
import { DatabaseTooNew, RecordsNotMigrated, migrate } from '../../src/store/mongo/migration.ts'
import { openMongoRecords } from '../../src/store/mongo/records.ts'
import { collectionsOn } from '../../src/store/mongo/schemas.ts'
import { storeError } from '../../src/store/mongo/store-error.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { describeMongo, isStandIn, newDatabase, onMongo } from '../support/mongo.ts'
import type { TestDatabase } from '../support/mongo.ts'
import { relaysOlderRows } from '../support/older-rows.ts'
import { accountOf, dueAccount, entryOf, epochOf, newId, undone } from '../support/store.ts'
import { recordsConformance } from './conformance.ts'

const name = await describeMongo()
const MINUTE = 60_000

onMongo('records', () => {
  recordsConformance(name, async () => {
    const { place, remove } = newDatabase()
    await migrate(place)
    const opened = { records: await openMongoRecords(place) }
    return {
      ...opened,
      async reopen() {
        await opened.records.close()
        opened.records = await openMongoRecords(place)
        return opened.records
      },
      async remove() {
        await opened.records.close()
        await remove()
      },
    }
  })

  it('a URL cannot ask for less than a majority, in its journal, on the primary', async () => {
    const { place, remove } = newDatabase()
    const less =
      'w=1&journal=false&wtimeoutMS=1&readConcernLevel=local&readPreference=secondary&retryWrites=false'
    const url = `${place.url}${place.url.includes('?') ? '&' : '/?'}${less}`
    const connection = await connectMongo({ ...place, url })
    const { writeConcern, readConcern, readPreference, retryWrites } = connection.getClient().options
    expect(writeConcern).toMatchObject({ w: 'majority', journal: true })
    expect(writeConcern?.wtimeoutMS).toBeGreaterThan(1_000)
    expect(readConcern?.level).toBe('majority')
    expect([readPreference.mode, retryWrites]).toEqual(['primary', true])
    await connection.close()
    await remove()
  })

  describe('records in MongoDB', () => {
    let database: TestDatabase
    let raw: Connection
    const opened: Records[] = []
    const open = async () => {
      const records = await openMongoRecords(database.place)
      opened.push(records)
      return records
    }
    const collection = (of: string) => raw.collection<{ _id: string; [field: string]: unknown }>(of)
    beforeEach(async () => {
      database = newDatabase()
      raw = await database.connection()
      await migrate(database.place)
    })
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((records) => records.close()))
      await database.remove()
    })

    it('are not opened before the migration, nor without one of its indexes, nor when a newer version wrote', async () => {
      const empty = newDatabase()
      await expect(openMongoRecords(empty.place)).rejects.toThrow(RecordsNotMigrated)
      await migrate(empty.place)
      await migrate(empty.place)
      await (await openMongoRecords(empty.place)).close()
      await empty.remove()

      await collection('accounts').dropIndex('due')
      await expect(open()).rejects.toThrow(/index accounts\.due\b/)
      await collection('accounts').createIndex({ dueAt: 1 }, { name: 'due' })
      await expect(open()).rejects.toThrow(/index accounts\.due\b/)
      await collection('accounts').dropIndex('due')
      await migrate(database.place)
      await open()

      await collection('marks').updateOne({ _id: 'schema' }, { $set: { version: 2 } })
      await expect(open()).rejects.toThrow(DatabaseTooNew)
      await expect(migrate(database.place)).rejects.toThrow(DatabaseTooNew)
    })

    it('are not opened on one server alone, whose disk is the only one', async () => {
      expect(isReplicated({ setName: 'rs0' })).toBe(true)
      expect(isReplicated({ msg: 'isdbgrid' })).toBe(true)
      expect(isReplicated({})).toBe(false)
      await refuseUnreplicated(await database.connection())
      const alone = { db: { admin: () => ({ command: async () => ({ ok: 1 }) }) } }
      await expect(refuseUnreplicated(alone as never)).rejects.toThrow(MongoNotReplicated)
    })

    it('let MongoDB delete claims and answers only, an hour after they ended', async () => {
      const deleting: string[] = []
      for (const { name: of } of await raw.listCollections())
        for (const index of await collection(of).indexes())
          if (index.expireAfterSeconds !== undefined) deleting.push(`${of} ${index.expireAfterSeconds}`)
      expect(deleting.toSorted()).toEqual(['claims 3600', 'remembered 3600'])
    })

    it('refuse an instant that is no number, and a filter with a field that nobody knows', async () => {
      const records = await open()
      await expect(records.claim('key', Number.NaN)).rejects.toThrow(RangeError)
      await expect(records.remember('key', 'value', Number.NaN)).rejects.toThrow(RangeError)
      const account = accountOf()
      for (const bad of [{ notBefore: Number.NaN }, { notAfter: Number.NaN }])
        await expect(records.commit(account, { ifRevision: 0, ...bad })).rejects.toThrow(RangeError)
      expect(await records.load(account.id)).toBeNull()
      expect(await records.claim('key', Infinity)).toBe(true)

      const connection = await connectMongo(database.place)
      const { accounts } = collectionsOn(connection)
      await expect(accounts.deleteMany({ nobodyKnows: 1 } as object)).rejects.toThrow(/nobodyKnows/)
      await expect(accounts.updateOne({}, { $set: { nobodyKnows: 1 } } as object)).rejects.toThrow(
        /nobodyKnows/,
      )
      await connection.close()
    })

    it('find by an index whatever they are asked for', async () => {
      const records = await open()
      const contact = newId()
      for (let count = 0; count < 40; count += 1) await records.commit(accountOf(), { ifRevision: 0 })
      const now = await records.now()
      const entries = [entryOf(1), entryOf(2)]
      const blob = { hash: newId(), bytes: new Uint8Array(3) }
      const due = dueAccount(now - MINUTE)
      await records.commit(due, { ifRevision: 0, entries, blobs: [blob] })
      await records.commit(dueAccount(now + MINUTE), { ifRevision: 0 })
      await records.commit(accountOf({ outbox: undone() }), { ifRevision: 0 })
      const active = epochOf([contact])
      await records.commit(accountOf({ circle: { ...accountOf().circle, active } }), { ifRevision: 0 })

      // Each with the index that is to serve it, and how many rows it may look at.
      const log = { account: due.id, sequence: { $gt: 0 } }
      const queries = [
        { of: 'accounts', index: 'due', filter: { dueAt: { $lte: now } }, sort: { dueAt: 1 }, rows: 1 },
        {
          of: 'accounts',
          index: 'due',
          filter: { dueAt: { $gt: now, $lte: now + 2 * MINUTE } },
          sort: { dueAt: 1 },
          rows: 1,
        },
        { of: 'accounts', index: 'unrelayed', filter: { unrelayed: true }, sort: {}, rows: 1 },
        { of: 'accounts', index: 'contacts', filter: { contacts: contact }, sort: {}, rows: 1 },
        {
          of: 'accounts',
          index: '_id_',
          filter: isStandIn ? { _id: due.id } : { _id: due.id, revision: 1 },
          sort: {},
          rows: 1,
        },
        { of: 'blobs', index: 'hash', filter: { hash: blob.hash }, sort: {}, rows: 1 },
        { of: 'log', index: 'log', filter: log, sort: { sequence: 1 }, rows: 2 },
      ] as const
      for (const { of, index, filter, sort, rows } of queries) {
        const found = collection(of)
          .find(filter as object)
          .sort({ ...sort })
        const { queryPlanner, executionStats } = await found.explain('executionStats')
        const plan = JSON.stringify(queryPlanner.winningPlan)
        const served = /IDHACK|EXPRESS/.test(plan) ? '_id_' : /"indexName":"([^"]+)"/.exec(plan)?.[1]
        expect([of, filter, served]).toEqual([of, filter, index])
        expect(plan).not.toMatch(isStandIn ? /COLLSCAN/ : /COLLSCAN|"SORT"/)
        expect(executionStats.nReturned).toBe(rows)
        expect(executionStats.totalDocsExamined).toBeLessThanOrEqual(rows)
      }
    })

    it('of two processes let one win, and tell both the same time', async () => {
      const [here, there] = [await open(), await open()]
      const account = accountOf()
      for (let revision = 0; revision < 20; revision += 1) {
        const outcomes = await Promise.all(
          [here, there].map((records) => records.commit(account, { ifRevision: revision })),
        )
        expect(outcomes.toSorted()).toEqual(['committed', 'moved'])
      }
      const claims = await Promise.all(
        [here, there].map((records) => records.claim('one', Date.now() + MINUTE)),
      )
      expect(claims.toSorted()).toEqual([false, true])
      const before = await here.now()
      const between = (await there.load(account.id))?.now ?? 0
      expect(between).toBeGreaterThanOrEqual(before)
      expect(await here.now()).toBeGreaterThanOrEqual(between)
    })

    it('keep what the winner brought when a loser brought the same ciphertext', async () => {
      const records = await open()
      const account = accountOf()
      const blobs = [{ hash: newId(), bytes: new Uint8Array([7]) }]
      const commits = Array.from({ length: 10 }, () => records.commit(account, { ifRevision: 0, blobs }))
      expect((await Promise.all(commits)).filter((outcome) => outcome === 'committed')).toHaveLength(1)
      expect(await records.readBlob(blobs[0]?.hash ?? '')).toStrictEqual(new Uint8Array([7]))
      expect(await collection('blobs').countDocuments()).toBe(1)
    })

    it('do not erase what a later commit brings', async () => {
      const records = await open()
      const account = accountOf()
      const blob = { hash: newId(), bytes: new Uint8Array([7]) }
      await records.commit(account, { ifRevision: 0, blobs: [blob] })
      // The copy of a commit that has not written its document yet.
      const [copy] = await collection('blobs').find().toArray()
      await collection('blobs').insertOne({ ...copy, _id: newId(), revision: 2, attempt: newId() })
      await records.eraseBlob(blob.hash, 1)
      expect(await records.readBlob(blob.hash)).toStrictEqual(blob.bytes)
      // Nor one that has: whoever erases has judged by the document before.
      await records.commit(account, { ifRevision: 1 })
      await records.eraseBlob(blob.hash, 1)
      expect(await records.readBlob(blob.hash)).toStrictEqual(blob.bytes)
      await records.eraseBlob(blob.hash, 2)
      expect(await records.readBlob(blob.hash)).toBeNull()
    })

    it('show log entries that a crash kept from reaching the log, and move them there with the next ones', async () => {
      const records = await open()
      const account = accountOf()
      await records.commit(account, { ifRevision: 0, entries: [entryOf(1)] })
      // As a process leaves it that ends right after the write.
      const leaving = [{ ...entryOf(1), hash: 'another' }, entryOf(2), entryOf(3)]
      await collection('accounts').updateOne({ _id: account.id }, { $set: { leaving } })
      const expected = [1, 2, 3].map(entryOf)
      expect(await records.readLog(account.id, 0, 9)).toStrictEqual(expected)
      expect(await records.readLog(account.id, 1, 1)).toStrictEqual(expected.slice(1, 2))
      await records.commit(account, { ifRevision: 1, entries: [entryOf(4)] })
      expect(await records.readLog(account.id, 0, 9)).toStrictEqual([...expected, entryOf(4)])
      expect((await collection('accounts').findOne({ _id: account.id }))?.['leaving']).toEqual([])
      expect(await collection('log').countDocuments()).toBe(4)
    })

    it('write anew what an older version listed for its log alone, and forget what is spent', () =>
      relaysOlderRows(async (accounts) => {
        const records = await open()
        for (const account of accounts) await records.commit(account, { ifRevision: 0 })
        await collection('accounts').updateMany({}, { $set: { unrelayed: true } })
        return records
      }))

    it('take a place that was held, and never committed to, for no account', async () => {
      const records = await open()
      const account = accountOf()
      const notBefore = (await records.now()) + MINUTE
      expect(await records.commit(account, { ifRevision: 0, notBefore })).toBe('early')
      expect(await collection('accounts').countDocuments()).toBe(1)
      expect(await records.load(account.id)).toBeNull()
      expect(await records.commit(account, { ifRevision: 0 })).toBe('committed')
    })

    it('say storage_full for a document that the server will not take for want of space, and roll nothing forward', () => {
      const codes = [
        { code: 14_031 },
        { code: 8_000 },
        { code: 8, message: 'WT_SESSION.commit: No space left on device' },
        { message: 'wrapped', cause: { code: 'ENOSPC' } },
      ].map((error) => storeError(error))
      for (const error of codes) expect(error).toMatchObject({ code: 'storage_full' })
      expect(storeError(new Error('closed'))).toMatchObject({ code: 'unavailable' })
    })
  })
})

it('records in MongoDB say unavailable where nobody answers, and do not wait for ever', async () => {
  const started = performance.now()
  const open = openMongoRecords({ url: 'mongodb://127.0.0.1:1/?directConnection=true' })
  await expect(open).rejects.toMatchObject({ code: 'unavailable' })
  expect(performance.now() - started).toBeLessThan(8_000)
})
