/** A restore under a service that was not stopped: its looks raise the numbers meanwhile, and it is noticed all the same. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Secret } from '@holdfast/client/protocol'
import type { Connection } from 'mongoose'
import { connectMongo } from '../../src/store/mongo/connection.ts'
import { keyModels } from '../../src/store/mongo/key-rows.ts'
import { openMongoKeyStore } from '../../src/store/mongo/key-store.ts'
import { openMongoRecords } from '../../src/store/mongo/records.ts'
import { openMongoTarget } from '../../src/store/mongo/restore.ts'
import { openMongoGuard } from '../../src/store/mongo/restore-guard.ts'
import { collectionsOn } from '../../src/store/mongo/schemas.ts'
import { migrateMongo, mongoPlaces } from '../../src/store/mongo/stores.ts'
import { MONGODB_URL, newDatabase, onMongo } from '../support/mongo.ts'
import { accountOf, recoveryOf } from '../support/store.ts'

onMongo('a restore beside a service that runs on', () => {
  let url: string
  let [connection, beside]: [Connection, Connection] = [undefined as never, undefined as never]
  beforeEach(async () => {
    const { database } = newDatabase().place
    url = (MONGODB_URL ?? '').replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?/, `$1/${database}`)
    await migrateMongo(url)
    connection = await connectMongo(mongoPlaces(url).records)
    beside = await connectMongo(mongoPlaces(url).keys)
  })
  afterEach(async () => {
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

  it('is no secret of the process that noticed: what another wrote meanwhile, or would still write, waits for nobody', async () => {
    const other = await guard()
    const records = await openMongoRecords(mongoPlaces(url).records, other.restoredAt)
    const account = accountOf({ recoveries: [recoveryOf({ state: 'releasable', quorumAt: Date.now() })] })
    await records.commit(account, { ifRevision: 0 })
    await lookEnds(100)
    expect(await looksRestored()).toBe(true)
    expect(await records.due(10)).toEqual([account.id])
    // The other has not looked yet. What it had read is of an old revision; what it reads now, it writes as if nothing had been.
    expect(await records.commit(account, { ifRevision: 1 })).toBe('moved')
    expect(await records.commit(account, { ifRevision: 2 })).toBe('committed')
    expect(await records.due(10)).toEqual([])
    // Its next look, here its last one.
    await other.close()
    expect(await records.due(10)).toEqual([account.id])
    expect((await records.load(account.id))?.restoredAt).toBe(other.restoredAt())
    await records.close()
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
