/** Sealing anew under another key, on both engines, while others keep and erase keys. */
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '@holdfast/client/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { openFolderKeyStore, WrongWrappingKey } from '../../src/store/embedded/key-store.ts'
import { openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import { KeyRing } from '../../src/store/key-ring.ts'
import { openMongoKeyStore } from '../../src/store/mongo/key-store.ts'
import type { KeyStore, Records } from '../../src/use-cases/ports.ts'
import { resealAll } from '../../src/use-cases/reseal-all.ts'
import { MONGODB_URL, describeMongo, newDatabase } from '../support/mongo.ts'
import { accountOf, filesIn, newFolder, newId } from '../support/store.ts'
import { SETTINGS } from '../support/world.ts'
import { startReseal } from '../../workers/reseal.ts'

const [before, after] = [Secret.random(32), Secret.random(32)]
const NOTHING = { stale: 0, unreadable: 0 }
const [OLD, BOTH, NEW] = [new KeyRing([before]), new KeyRing([after, before]), new KeyRing([after])]

interface Engine {
  open(ring: KeyRing): Promise<KeyStore>
  /** As an older version left it, which named no key. */
  unname(): Promise<void>
  remove(): Promise<void>
}

const inFolder = async (): Promise<Engine> => {
  const folder = await newFolder()
  return {
    open: (ring) => openFolderKeyStore({ folder: folder.path, wrappingKey: ring }),
    async unname() {
      for (const { path } of await filesIn(folder.path))
        await writeFile(path, (await readFile(path, 'utf8')).replaceAll(`${OLD.sealsWith}.`, ''))
    },
    remove: folder.remove,
  }
}

const inMongo = async (): Promise<Engine> => {
  const database = newDatabase()
  const opened: { close(): Promise<void> }[] = []
  const name = `${OLD.sealsWith}.`
  return {
    async open(ring) {
      const store = await openMongoKeyStore({ ...database.place, wrappingKey: ring })
      opened.push(store)
      return store
    },
    async unname() {
      const raw = await database.connection()
      const [keys, checks] = [
        raw.collection<{ _id: string; keys: { sealed: string }[] }>('factor_keys'),
        raw.collection<{ _id: string; sealed: string }>('checks'),
      ]
      for (const row of await keys.find().toArray())
        await keys.updateOne(
          { _id: row._id },
          { $set: { keys: row.keys.map((key) => ({ ...key, sealed: key.sealed.replace(name, '') })) } },
        )
      for (const row of await checks.find().toArray())
        await checks.updateOne({ _id: row._id }, { $set: { sealed: row.sealed.replace(name, '') } })
    },
    async remove() {
      for (const store of opened) await store.close()
      await database.remove()
    },
  }
}

const bytesOf = (secret: Secret | null): string => Buffer.from(secret?.expose() ?? []).toString('hex')
const mongo = await describeMongo()

const engines = [
  { name: 'in a folder', make: inFolder, isThere: true },
  { name: `on ${mongo}`, make: inMongo, isThere: MONGODB_URL !== null },
]

for (const { name, make, isThere } of engines)
  describe.skipIf(!isThere)(`keys sealed anew ${name}`, () => {
    let engine: Engine
    let folder: { readonly path: string; readonly remove: () => Promise<void> }
    let records: Records
    beforeEach(async () => {
      engine = await make()
      folder = await newFolder()
      records = await openEmbeddedRecords({ folder: folder.path })
    })
    afterEach(async () => {
      await records.close()
      await folder.remove()
      await engine.remove()
    })
    const jobs = { relay: () => undefined, wake: () => undefined, close: async () => undefined }
    const deps = (keyStore: KeyStore, resealed = (account: Account) => account) => ({
      records,
      jobs,
      settings: SETTINGS,
      keyStore,
      resealed,
      staleIn: () => 0,
    })
    const accounts = async (count: number): Promise<readonly string[]> => {
      const made = Array.from({ length: count }, () => accountOf())
      for (const account of made) await records.commit(account, { ifRevision: 0 })
      return made.map(({ id }) => id)
    }

    it.each(['named', 'unnamed'])('open under the new key alone, %s ones before', async (form) => {
      const old = await engine.open(OLD)
      const kept: { readonly id: string; readonly epoch: number; readonly key: Secret }[] = []
      for (const id of await accounts(60))
        for (const epoch of [1, 2]) {
          const key = Secret.random(32)
          await old.keep(id, epoch, key)
          kept.push({ id, epoch, key })
        }
      if (form === 'unnamed') await engine.unname()
      await expect(engine.open(NEW)).rejects.toThrow(WrongWrappingKey)
      const both = await engine.open(BOTH)
      expect([await both.isResealed(), await both.stale()]).toEqual([false, 120])
      const steps: number[] = []
      const left = await resealAll(deps(both), { onStep: ({ resealed }) => void steps.push(resealed) })
      expect([left, await both.isResealed(), await both.stale()]).toEqual([NOTHING, true, 0])
      expect(steps[0]).toBe(100)
      expect(steps.at(-1)).toBe(120)
      const anew = await engine.open(NEW)
      for (const { id, epoch, key } of kept) expect(bytesOf(await anew.read(id, epoch))).toBe(bytesOf(key))
      await anew.check()
      await expect(engine.open(OLD)).rejects.toThrow(WrongWrappingKey)
    })

    it('lose and revive nothing while others keep, erase and seal with the old key', async () => {
      const [old, both] = [await engine.open(OLD), await engine.open(BOTH)]
      const ids = await accounts(20)
      const keys = new Map<string, Secret>()
      for (const id of ids) for (const epoch of [1, 2, 3]) await old.keep(id, epoch, Secret.random(32))
      // In the folder one process alone writes: what has another ring there is a process that ended before.
      const other = name === 'in a folder' ? both : old
      const change = async (): Promise<void> => {
        for (const id of ids) {
          await other.eraseBelow(id, 2)
          await other.erase(id, 3)
          const key = Secret.random(32)
          await other.keep(id, 4, key)
          keys.set(id, key)
          await other.endRequest(id, 'a request')
        }
      }
      await Promise.all([resealAll(deps(both)), resealAll(deps(both)), change()])
      expect(await resealAll(deps(both))).toEqual(NOTHING)
      const anew = await engine.open(NEW)
      for (const id of ids) {
        expect(await Promise.all([1, 3].map((epoch) => anew.read(id, epoch)))).toEqual([null, null])
        expect(bytesOf(await anew.read(id, 4))).toBe(bytesOf(keys.get(id) ?? null))
        expect((await anew.read(id, 2))?.length).toBe(32)
        expect([await anew.highWater(id), await anew.isEnded(id, 'a request')]).toEqual([2, true])
      }
    })

    it('go on where they were stopped, and are not called done while anything is left', async () => {
      const old = await engine.open(OLD)
      const ids = await accounts(120)
      for (const id of ids) await old.keep(id, 1, Secret.random(32))
      const stranger = newId()
      await old.keep(stranger, 1, Secret.random(32))
      const both = await engine.open(BOTH)
      expect(await resealAll(deps(both), { goOn: async () => false })).toBeNull()
      expect([await both.stale(), await both.isResealed()]).toEqual([71, false])
      // Keys of an account that the records do not know stay as they are, and are counted.
      expect(await resealAll(deps(both))).toEqual({ stale: 1, unreadable: 0 })
      expect(await both.isResealed()).toBe(false)
      await both.eraseBelow(stranger, 2)
      expect(await resealAll(deps(both))).toEqual(NOTHING)
    })

    it('are looked for at every start: a process that was forgotten seals with the old key after all was noted', async () => {
      const old = await engine.open(OLD)
      const [id = ''] = await accounts(1)
      const both = await engine.open(BOTH)
      expect(await resealAll(deps(both))).toEqual(NOTHING)
      const key = Secret.random(32)
      await old.keep(id, 1, key)
      const started = (keyStore: KeyStore) => {
        const logged: string[] = []
        const worker = startReseal({ deps: deps(keyStore), log: (_, event) => void logged.push(event) })
        const ends = () => Promise.race([worker.ended, pause(3_000)])
        return { logged, ends, close: () => worker.close() }
      }
      // The old key is gone: it is said, and not passed over.
      const without = started(await engine.open(NEW))
      await expect.poll(() => without.logged).toContain('reseal_failed')
      await without.close()
      // It is back, on a store that was opened since, as after a start.
      const again = await engine.open(BOTH)
      const back = started(again)
      await back.ends()
      expect(back.logged).toEqual(['reseal_started', 'reseal_done'])
      expect(await again.stale()).toBe(0)
      expect(bytesOf(await (await engine.open(NEW)).read(id, 1))).toBe(bytesOf(key))
      const nothing = started(again)
      await nothing.ends()
      expect(nothing.logged).toEqual([])
    })

    it('take what documents hold with them, until nothing of it is stale', async () => {
      const both = await engine.open(BOTH)
      const ids = await accounts(3)
      const resealed = (account: Account): Account =>
        account.app === 'demo' ? { ...account, app: 'sealed anew' } : account
      expect(await resealAll(deps(both, resealed))).toEqual(NOTHING)
      for (const id of ids)
        expect((await records.load(id))?.account).toMatchObject({ app: 'sealed anew', revision: 2 })
      const never = (account: Account): Account => ({ ...account, app: `${account.app}!` })
      expect(await resealAll(deps(both, never))).toEqual({ stale: 3, unreadable: 0 })
    })
  })
