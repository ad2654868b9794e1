import { Secret, toBase64url } from '@holdfast/client/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WrongWrappingKey } from '../../src/store/embedded/key-store.ts'
import { openMongoKeyStore } from '../../src/store/mongo/key-store.ts'
import type { MongoKeyStore } from '../../src/store/mongo/key-store.ts'
import { newDatabase, onMongo } from '../support/mongo.ts'
import type { TestDatabase } from '../support/mongo.ts'
import { newId } from '../support/store.ts'

const bytesOf = (secret: Secret | null): Uint8Array | null => secret && Uint8Array.from(secret.expose())

onMongo('the key store', () => {
  const wrappingKey = Secret.random(32)
  let database: TestDatabase
  let account: string
  let keys: MongoKeyStore
  const opened: MongoKeyStore[] = []
  const open = async (key = wrappingKey) => {
    const store = await openMongoKeyStore({ ...database.place, wrappingKey: key })
    opened.push(store)
    return store
  }
  const rows = async () =>
    (await database.connection()).collection<{ _id: string; [field: string]: unknown }>('factor_keys')
  beforeEach(async () => {
    database = newDatabase()
    keys = await open()
    account = newId()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
    await database.remove()
  })

  it('gives back what it keeps, also to another process, and null for what it never kept', async () => {
    const [first, second] = [Secret.random(32), Secret.random(32)]
    await keys.keep(account, 1, first)
    await keys.keep(account, 2, second)
    for (const store of [keys, await open()]) {
      expect(bytesOf(await store.read(account, 1))).toEqual(bytesOf(first))
      expect(bytesOf(await store.read(account, 2))).toEqual(bytesOf(second))
      expect(await store.read(account, 3)).toBeNull()
      expect(await store.read(newId(), 1)).toBeNull()
      expect(await store.highWater(account)).toBe(0)
      expect(await store.highWater(newId())).toBe(0)
    }
  })

  it('says so when its database is gone', async () => {
    await keys.check()
    await (await database.connection()).collection('checks').deleteMany({})
    await expect(keys.check()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('changes nothing when the same key is kept again, and refuses another for the same epoch', async () => {
    const key = Secret.random(32)
    await keys.keep(account, 1, key)
    const before = await (await rows()).findOne({ _id: account })
    await keys.keep(account, 1, key)
    expect(await (await rows()).findOne({ _id: account })).toEqual(before)
    await expect(keys.keep(account, 1, Secret.random(32))).rejects.toMatchObject({ code: 'epoch_rejected' })
    expect(bytesOf(await keys.read(account, 1))).toEqual(bytesOf(key))
  })

  it('erases one epoch alone, or all below one, for good', async () => {
    for (const epoch of [1, 2, 3, 10]) await keys.keep(account, epoch, Secret.random(32))
    await keys.erase(account, 2)
    await keys.erase(account, 2)
    await keys.erase(newId(), 2)
    const kept = () =>
      Promise.all([1, 2, 3, 10].map(async (epoch) => (await keys.read(account, epoch)) !== null))
    expect(await kept()).toEqual([true, false, true, true])
    expect(await keys.highWater(account)).toBe(0)
    await keys.eraseBelow(account, 3)
    await keys.eraseBelow(account, 2)
    expect(await kept()).toEqual([false, false, true, true])
    expect(await (await open()).highWater(account)).toBe(3)
    await expect(keys.keep(account, 2, Secret.random(32))).rejects.toMatchObject({ code: 'epoch_rejected' })
    const unseen = newId()
    await keys.eraseBelow(unseen, 5)
    await expect(keys.keep(unseen, 4, Secret.random(32))).rejects.toMatchObject({ code: 'epoch_rejected' })
  })

  it('keeps no erased key in the row, and none in the clear', async () => {
    const [erased, left] = [Secret.random(32), Secret.random(32)]
    await keys.keep(account, 1, erased)
    const stored = JSON.stringify(await (await rows()).findOne({ _id: account }))
    const sealed = /"sealed":"([^"]+)"/.exec(stored)?.[1] ?? ''
    await keys.keep(account, 2, left)
    const text = async () => JSON.stringify(await (await rows()).find().toArray())
    expect(sealed.length).toBeGreaterThan(40)
    expect(await text()).toContain(sealed)
    await keys.eraseBelow(account, 2)
    expect(await text()).not.toContain(sealed)
    for (const key of [erased, left]) expect(await text()).not.toContain(toBase64url(key.expose()))
  })

  it('loses nothing when two processes keep and erase 40 keys of one account at once', async () => {
    const stores = [keys, await open()]
    const storeOf = (epoch: number) => stores[epoch % 2] ?? keys
    const epochs = Array.from({ length: 40 }, (_, index) => index + 1)
    await Promise.all(epochs.map((epoch) => storeOf(epoch).keep(account, epoch, Secret.random(32))))
    await Promise.all([
      keys.erase(account, 40),
      keys.eraseBelow(account, 10),
      stores[1]?.eraseBelow(account, 20),
    ])
    const kept: number[] = []
    for (const epoch of epochs) if (await keys.read(account, epoch)) kept.push(epoch)
    expect(kept).toEqual(Array.from({ length: 20 }, (_, index) => index + 20))
  })

  it('lets one of two processes keep an epoch’s key', async () => {
    const other = await open()
    const tries = await Promise.allSettled(
      [keys, other].map((store) => store.keep(account, 1, Secret.random(32))),
    )
    expect(tries.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(bytesOf(await keys.read(account, 1))).toEqual(bytesOf(await other.read(account, 1)))
  })

  it('knows which requests have ended, the last 32 of an account', async () => {
    const ended = Array.from({ length: 33 }, newId)
    for (const recovery of ended) await keys.endRequest(account, recovery)
    await keys.endRequest(account, ended[32] ?? '')
    const known = await Promise.all(ended.map((recovery) => keys.isEnded(account, recovery)))
    expect(known).toEqual(ended.map((_, index) => index > 0))
    expect(await keys.isEnded(newId(), ended[32] ?? '')).toBe(false)
    await keys.keep(account, 1, Secret.random(32))
    await keys.eraseBelow(account, 2)
    expect(await keys.isEnded(account, ended[32] ?? '')).toBe(true)
  })

  it('refuses another wrapping key at opening, and a short one, and a copy without its check', async () => {
    await keys.keep(account, 1, Secret.random(32))
    await expect(open(Secret.random(32))).rejects.toThrow(WrongWrappingKey)
    await expect(open(Secret.random(31))).rejects.toThrow(RangeError)
    await (await database.connection()).collection('checks').deleteMany({})
    await expect(open()).rejects.toThrow(WrongWrappingKey)
  })

  it('does not open a key that was moved, and does not take damage for emptiness', async () => {
    await keys.keep(account, 1, Secret.random(32))
    const row = await (await rows()).findOne({ _id: account })
    const other = newId()
    await (await rows()).insertOne({ ...row, _id: other })
    await expect(keys.read(other, 1)).rejects.toMatchObject({ code: 'internal' })
    for (const damage of [{ highWater: '1' }, { highWater: 0, keys: null }, { keys: [{ epoch: 1 }] }]) {
      await (await rows()).updateOne({ _id: account }, { $set: damage })
      await expect(keys.highWater(account)).rejects.toMatchObject({ code: 'internal' })
      await expect(keys.keep(account, 5, Secret.random(32))).rejects.toMatchObject({ code: 'internal' })
    }
  })

  it('after closing, refuses with a code', async () => {
    await keys.close()
    await expect(keys.highWater(account)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
