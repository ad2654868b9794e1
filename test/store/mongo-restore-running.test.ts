/** A restore under a service that was not stopped: its looks raise the numbers meanwhile, and it is noticed all the same. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Secret } from '@holdfast/client/protocol'
import type { Connection } from 'mongoose'
import { copyMongo } from '../../src/store/mongo/backup.ts'
import { rowOf } from '../../src/store/mongo/commit.ts'
import { connectMongo } from '../../src/store/mongo/connection.ts'
import { keyModels } from '../../src/store/mongo/key-rows.ts'
import { openMongoKeyStore } from '../../src/store/mongo/key-store.ts'
import { openMongoRecords } from '../../src/store/mongo/records.ts'
import { openMongoTarget } from '../../src/store/mongo/restore.ts'
import { openMongoGuard, type MongoGuard } from '../../src/store/mongo/restore-guard.ts'
import { collectionsOn } from '../../src/store/mongo/schemas.ts'
import { migrateMongo, mongoPlaces } from '../../src/store/mongo/stores.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { MONGODB_URL, newDatabase, onMongo } from '../support/mongo.ts'
import { accountOf, entryOf, recoveryOf } from '../support/store.ts'
import { SETTINGS } from '../support/world.ts'

onMongo('a restore beside a service that runs on', () => {
  let url: string
  let [connection, beside]: [Connection, Connection] = [undefined as never, undefined as never]
  const opened: Records[] = []
  beforeEach(async () => {
    const { database } = newDatabase().place
    url = (MONGODB_URL ?? '').replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?/, `$1/${database}`)
    await migrateMongo(url)
    connection = await connectMongo(mongoPlaces(url).records)
    beside = await connectMongo(mongoPlaces(url).keys)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((records) => records.close()))
    for (const one of [connection, beside]) {
      await one.dropDatabase()
      await one.close()
    }
  })
  const guard = () =>
    openMongoGuard({ connection, collections: collectionsOn(connection), keys: keyModels(beside) })
  /** What a look writes beside the keys that began before, and ends after whatever happened meanwhile. */
  const lookEnds = (by: number) =>
    keyModels(beside).numbers.updateOne({ _id: 'generation' }, { $inc: { version: by } })
  const looksRestored = async (): Promise<boolean> => {
    const opened = await guard()
    await opened.close()
    return opened.restored
  }

  it.each([0, 1, 2])('is noticed after %i looks that had begun before it ended', async (looks) => {
    expect(await looksRestored()).toBe(false)
    const target = await openMongoTarget(url)
    const lines = async function* () {
      yield { account: accountOf() }
    }
    await target.restoreRecords({ generation: 1, lines: lines() })
    await target.close()
    await lookEnds(looks)
    expect([await looksRestored(), await looksRestored()]).toEqual([true, false])
  })

  /** An account whose request is to start anew, and records that know of a restore what `of` knows. */
  const releasable = async (of: MongoGuard) => {
    const records = await openMongoRecords(mongoPlaces(url).records, of.restoredAt)
    opened.push(records)
    const account = accountOf({ recoveries: [recoveryOf({ state: 'releasable', quorumAt: Date.now() })] })
    expect(await records.commit(account, { ifRevision: 0 })).toBe('committed')
    return { records, account, revision: async () => (await records.load(account.id))?.account.revision ?? 0 }
  }

  it('is no secret of the process that noticed: what another wrote meanwhile, or would still write, waits for nobody', async () => {
    const other = await guard()
    const { records, account, revision } = await releasable(other)
    await lookEnds(100)
    expect(await looksRestored()).toBe(true)
    expect(await records.due(10)).toEqual([account.id])
    // The other has not looked yet. What it had read is of an old revision; what it reads now, it writes as if nothing had been.
    expect(await records.commit(account, { ifRevision: 1 })).toBe('moved')
    expect(await records.commit(account, { ifRevision: await revision() })).toBe('committed')
    expect(await records.due(10)).toEqual([])
    const read = await revision()
    // Its next look, here its last one.
    await other.close()
    expect(await records.due(10)).toEqual([account.id])
    expect((await records.load(account.id))?.restoredAt).toBe(other.restoredAt())
    expect(await records.commit(account, { ifRevision: read })).toBe('moved')
  })

  it('is known to the process that notices before anything is woken', async () => {
    const act: (() => Promise<unknown>)[] = []
    const collections = collectionsOn(connection)
    const updateOne = collections.marks.updateOne.bind(collections.marks)
    // Just before the number is raised: everything is woken by then.
    collections.marks.updateOne = (async (...args: Parameters<typeof updateOne>) => {
      if ((args[0] as { _id?: unknown } | undefined)?._id === 'generation') await act.pop()?.()
      return updateOne(...args)
    }) as never
    const noticing = await openMongoGuard({ connection, collections, keys: keyModels(beside) })
    const { records, account } = await releasable(noticing)
    await lookEnds(100)
    let known: number | undefined
    act.push(async () => (known = (await records.load(account.id))?.restoredAt))
    await noticing.close()
    expect([known, await records.due(10)]).toEqual([noticing.restoredAt(), [account.id]])
    expect(known).toBeGreaterThan(0)
  })

  it('is looked at once more where waking failed', async () => {
    const collections = collectionsOn(connection)
    const bulkWrite = collections.accounts.bulkWrite.bind(collections.accounts)
    let fails = 0
    collections.accounts.bulkWrite = (async (...args: Parameters<typeof bulkWrite>) => {
      if (fails === 0) return bulkWrite(...args)
      fails -= 1
      throw new Error('a primary steps down')
    }) as never
    const other = await openMongoGuard({ connection, collections, keys: keyModels(beside), everyMs: 1_000 })
    const { records, account, revision } = await releasable(other)
    await lookEnds(100)
    expect(await looksRestored()).toBe(true)
    fails = 1
    expect(await records.commit(account, { ifRevision: await revision() })).toBe('committed')
    await expect.poll(() => records.due(10)).toEqual([account.id])
    expect(fails).toBe(0)
    await other.close()
  })

  it('wakes each account a few times, however many processes start at once', async () => {
    await (await guard()).close()
    const rows = Array.from({ length: 600 }, (_, at) => {
      const recoveries = at % 3 === 0 ? [recoveryOf({ state: 'releasable', quorumAt: Date.now() })] : []
      return rowOf({ ...accountOf({ recoveries }), revision: 1 })
    })
    const { accounts } = collectionsOn(connection)
    await accounts.insertMany(rows, { lean: true })
    await lookEnds(100)
    const guards = await Promise.all(Array.from({ length: 4 }, guard))
    expect(guards.every(({ restoredAt }) => restoredAt() !== null)).toBe(true)
    await Promise.all(guards.map((each) => each.close()))
    expect(await accounts.countDocuments({ dueAt: { $gt: 0 } })).toBeGreaterThanOrEqual(200)
    const [highest] = await accounts.find().sort({ revision: -1 }).limit(1).lean()
    // Each process wakes it once at its start, and once more where it learns of a later mark.
    expect(highest?.revision).toBeLessThan(10_000_000)
  }, 30_000)

  it('lets a relay that stood still meanwhile write nothing over what was decided since', async () => {
    const { records, account } = await releasable(await guard())
    const audience = { role: 'owner', account: account.id } as const
    const notice = { notice: 'n1', event: 'recovery-opened', at: 1, recovery: null, audience } as const
    await records.commit(account, { ifRevision: 1 })
    await records.commit({ ...account, outbox: { ...account.outbox, notices: [notice] } }, { ifRevision: 2 })
    const veto = async () => {
      const target = await openMongoTarget(url)
      const backup = async function* () {
        yield { account: { ...account, revision: 1 } }
      }
      await target.restoreRecords({ generation: 1, lines: backup() })
      await target.close()
      const after = await guard()
      const fresh = await openMongoRecords(mongoPlaces(url).records, after.restoredAt)
      opened.push(fresh)
      const { revision = 0 } = (await fresh.load(account.id))?.account ?? {}
      const recoveries = account.recoveries.map((one) => ({ ...one, state: 'vetoed' as const, endedAt: 1 }))
      expect(await fresh.commit({ ...account, recoveries }, { ifRevision: revision })).toBe('committed')
      await after.close()
    }
    const relay = relayOutbox({
      records,
      keyStore: {} as never,
      jobs: { relay: () => undefined, wake: () => undefined, close: async () => undefined },
      settings: SETTINGS,
      notices: { deliver: veto },
    })
    await relay(account.id)
    expect((await records.load(account.id))?.account.recoveries.map(({ state }) => state)).toEqual(['vetoed'])
  }, 30_000)

  it('puts back what a backup caught on its way to the log, in both places', async () => {
    const records = await openMongoRecords(mongoPlaces(url).records)
    opened.push(records)
    const account = accountOf()
    await records.commit(account, { ifRevision: 0, entries: [entryOf(1)] })
    await collectionsOn(connection).accounts.updateOne({ _id: account.id }, { leaving: [entryOf(1)] })
    const copy = await copyMongo(url)
    const target = await openMongoTarget(url)
    await target.restoreRecords(copy.records)
    await Promise.all([target.close(), copy.close()])
    expect(await records.readLog(account.id, 0, 10)).toHaveLength(1)
  })

  it('ends what was noted of the keys that seal, and takes no key away', async () => {
    const wrappingKey = Secret.random(32)
    const keys = await openMongoKeyStore({ ...mongoPlaces(url).keys, wrappingKey })
    const account = accountOf()
    const key = Secret.random(32)
    await keys.keep(account.id, 1, key)
    await keys.noteResealed()
    expect([await looksRestored(), await keys.isResealed()]).toEqual([false, true])
    const target = await openMongoTarget(url)
    const records = async function* () {
      yield { account }
    }
    await target.restoreRecords({ generation: 1, lines: records() })
    expect([await looksRestored(), await keys.isResealed()]).toEqual([true, false])
    await keys.check()
    expect((await keys.read(account.id, 1))?.expose()).toEqual(key.expose())
    await keys.noteResealed()
    expect(await keys.isResealed()).toBe(true)
    // Older keys beside those that are there may be sealed with an older one.
    const none = async function* () {}
    await target.restoreKeys(none())
    expect(await keys.isResealed()).toBe(false)
    await Promise.all([target.close(), keys.close()])
  })

  it('is noticed where it was broken off and finished after many looks', async () => {
    expect(await looksRestored()).toBe(false)
    const { marks } = collectionsOn(connection)
    const { version = 0 } = (await keyModels(beside).numbers.findOne({ _id: 'generation' }).lean()) ?? {}
    await marks.updateOne({ _id: 'restoring' }, { $set: { version: version + 1_000 } }, { upsert: true })
    await lookEnds(999)
    await (await openMongoTarget(url)).close()
    expect([await looksRestored(), await looksRestored()]).toEqual([true, false])
  })
})
