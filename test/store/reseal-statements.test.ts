/** Statements of where people want to be told, under another key: sealed anew, or left and counted where no key opens them. */
import { Secret } from '@holdfast/client/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { statementsOf } from '../../src/domain/reach.ts'
import { openFolderKeyStore } from '../../src/store/embedded/key-store.ts'
import { openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import { KeyRing, atRestOf } from '../../src/store/key-ring.ts'
import type { KeyStore, Records } from '../../src/use-cases/ports.ts'
import { resealAll } from '../../src/use-cases/reseal-all.ts'
import { resealedDestinations, staleStatements } from '../../src/use-cases/reseal-destinations.ts'
import { statedUnder } from '../support/statements.ts'
import { newFolder } from '../support/store.ts'
import { SETTINGS } from '../support/world.ts'
import { startReseal } from '../../workers/reseal.ts'

const [old, lost, fresh] = [Secret.random(32), Secret.random(32), Secret.random(32)]
const ring = new KeyRing([fresh, old])
const jobs = { relay: () => undefined, wake: () => undefined, close: async () => undefined }

let folder: { readonly path: string; readonly remove: () => Promise<void> }
let records: Records
let keyStore: KeyStore
beforeEach(async () => {
  folder = await newFolder()
  records = await openEmbeddedRecords({ folder: `${folder.path}/records` })
  // Sealed by another key, as before an exchange: nothing was noted under the one that seals now.
  await openFolderKeyStore({ folder: `${folder.path}/keys`, wrappingKey: new KeyRing([old]) })
  keyStore = await openFolderKeyStore({ folder: `${folder.path}/keys`, wrappingKey: ring })
})
afterEach(async () => {
  await records.close()
  await folder.remove()
})

const deps = (keys: KeyRing) => {
  const atRest = atRestOf(keys)
  const [resealed, staleIn] = [resealedDestinations(atRest), staleStatements(atRest)]
  return { records, jobs, settings: SETTINGS, keyStore, resealed, staleIn }
}

it('those that a key here opens are sealed anew, the others are left as they are, counted, and keep all from being called done', async () => {
  const [readable, closed] = [statedUnder(new KeyRing([old]), 2), statedUnder(new KeyRing([lost]), 1)]
  for (const account of [readable, closed]) await records.commit(account, { ifRevision: 0 })
  expect(await resealAll(deps(ring))).toEqual({ stale: 0, unreadable: 2 })
  expect(await keyStore.isResealed(), 'nothing says that the other keys may go').toBe(false)
  const after = async (id: string) => statementsOf((await records.load(id))!.account)
  expect((await after(readable.id)).every(({ sealed }) => ring.isCurrent(sealed))).toBe(true)
  expect(await after(closed.id)).toEqual(statementsOf(closed))
  // The key is found.
  expect(await resealAll(deps(new KeyRing([fresh, lost])))).toEqual({ stale: 0, unreadable: 0 })
  expect(await keyStore.isResealed()).toBe(true)
})

it('one that no key opens is looked at once per start, is said, and does not keep the worker busy', async () => {
  const closed = statedUnder(new KeyRing([lost]))
  await records.commit(closed, { ifRevision: 0 })
  let rounds = 0
  const counted: Records = new Proxy(records, {
    get(target, name) {
      if (name === 'accounts')
        return (...args: Parameters<Records['accounts']>) => {
          if (args[0] === null) rounds += 1
          return target.accounts(...args)
        }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  const logged: unknown[] = []
  const worker = startReseal({
    deps: { ...deps(ring), records: counted },
    log: (_, event, fields) => void logged.push([event, fields?.code, fields?.count]),
    pauseMs: 1,
    againMs: 1,
  })
  await worker.ended
  expect(logged).toEqual([
    ['reseal_started', undefined, undefined],
    ['reseal_incomplete', 'unreadable', 1],
  ])
  expect(worker.isIncomplete()).toBe(true)
  expect(rounds).toBe(1)
  expect((await records.load(closed.id))?.account.revision, 'it is not written').toBe(1)
  await worker.close()
})
