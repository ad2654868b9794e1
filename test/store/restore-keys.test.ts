/** A backup of which something is sealed with a key that is not there: said before anything is changed. */
import { readFile } from 'node:fs/promises'
import { Secret } from '@holdfast/client/protocol'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deriveKeys } from '../../src/service-keys.ts'
import { openFolderKeyStore } from '../../src/store/embedded/key-store.ts'
import { openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import { openRestoreGuard } from '../../src/store/embedded/restore-guard.ts'
import { KeyRing } from '../../src/store/key-ring.ts'
import { runCommand } from '../support/command.ts'
import { buildService } from '../support/process.ts'
import { statedUnder } from '../support/statements.ts'
import { filesIn, newFolder } from '../support/store.ts'

beforeAll(buildService, 180_000)

const text = (secret: Secret): string => Buffer.from(secret.expose()).toString('base64url')
const [master, old, fresh] = [Secret.random(32), Secret.random(32), Secret.random(32)]
const own = (await deriveKeys(master)).keyStore
const [OLD, MASTER] = [new KeyRing([old]), new KeyRing([own])]

describe('restoring what is sealed with a key that is not there', () => {
  let root: { readonly path: string; readonly remove: () => Promise<void> }
  beforeEach(async () => {
    root = await newFolder()
  })
  afterEach(() => root.remove())

  const at = (name: string) => `${root.path}/${name}`
  const run = (name: 'backup' | 'restore' | 'rotate-keys', keys: readonly string[], ...args: string[]) =>
    runCommand(name, args, {
      HOLDFAST_MODE: 'development',
      HOLDFAST_MASTER_KEY: text(master),
      HOLDFAST_DATA_DIR: at('data'),
      HOLDFAST_AT_REST_KEYS: keys.join(','),
    })
  /** As the service opens it. */
  const open = async (ring: KeyRing) => {
    const records = await openEmbeddedRecords({ folder: at('data/records') })
    const keyStore = await openFolderKeyStore({ folder: at('data/keys'), wrappingKey: ring })
    const guard = await openRestoreGuard({ folder: at('data/keys'), records })
    return {
      records,
      keyStore,
      async close() {
        await guard.close()
        await records.close()
      },
    }
  }
  const contents = async () => {
    const files = (await filesIn(at('data'))).map(({ path }) => path).filter((path) => !/lock/.test(path))
    const read = await Promise.all(files.toSorted().map(async (path) => [path, await readFile(path, 'hex')]))
    return new Map(read.map(([path = '', bytes = '']) => [path, bytes]))
  }

  it('changes nothing, says which key it needs and what to do, and goes on with that key, or where it is said to be lost', async () => {
    const [readable, closed] = [statedUnder(MASTER), statedUnder(OLD, 1)]
    const data = await open(MASTER)
    for (const account of [readable, closed]) await data.records.commit(account, { ifRevision: 0 })
    await data.close()
    const from = ['--records-from', at('records')]
    expect(await run('backup', ['master'], '--records-to', at('records'))).toMatchObject({ code: 0 })
    await (await open(MASTER)).close()

    const before = await contents()
    const refused = await run('restore', ['master'], ...from, '--replace')
    expect(refused.code).toBe(1)
    expect(refused.said).toContain(
      `2 statements of where people want to be told in it are sealed with a key that this configuration has not (${OLD.sealsWith})`,
    )
    for (const advice of ['HOLDFAST_AT_REST_KEYS', 'rotate-keys', 'Nothing was changed'])
      expect(refused.said).toContain(advice)
    expect(await contents()).toEqual(before)

    const lost = await run('restore', ['master'], ...from, '--replace', '--despite-missing-keys')
    expect(lost).toMatchObject({
      code: 0,
      said: expect.stringContaining('Nobody is told where one of 2 statements'),
    })
    const rotated = await run('rotate-keys', ['master'])
    expect(rotated).toMatchObject({ code: 1, said: expect.stringContaining('2 statements of where people') })
    expect(rotated.said).not.toContain('Everything is sealed')

    const found = await run('restore', ['master', text(old)], ...from, '--replace')
    expect(found, found.said).toMatchObject({ code: 0, said: expect.not.stringContaining('Nobody is told') })
    expect(await run('rotate-keys', ['master', text(old)])).toMatchObject({
      code: 0,
      said: expect.stringContaining('Every other key may be taken out'),
    })
    expect(await run('rotate-keys', ['master']), 'and it may').toMatchObject({ code: 0 })
  }, 60_000)

  it('is refused for keys of release factors as well, of which only the first was looked at', async () => {
    const account = statedUnder(MASTER)
    const data = await open(new KeyRing([own, fresh]))
    await data.records.commit(account, { ifRevision: 0 })
    await data.keyStore.keep(account.id, 1, Secret.random(32))
    await data.close()
    // In the middle of an exchange: another key seals by now, and the check does not say so yet.
    const later = await open(new KeyRing([fresh, own]))
    await later.keyStore.keep(account.id, 2, Secret.random(32))
    await later.close()
    const parts = ['--records-to', at('records'), '--keys-to', at('keys')]
    expect(await run('backup', ['master', text(fresh)], ...parts)).toMatchObject({ code: 0 })
    const back = ['--keys-from', at('keys'), '--replace']
    expect(await run('restore', ['master'], ...back)).toMatchObject({
      code: 1,
      said: expect.stringContaining('1 keys of release factors in it are sealed with a key'),
    })
    expect(await run('restore', ['master', text(fresh)], ...back)).toMatchObject({ code: 0 })
  }, 60_000)

  it('older keys beside those that are there end what was noted of those', async () => {
    const account = statedUnder(MASTER)
    const data = await open(MASTER)
    await data.records.commit(account, { ifRevision: 0 })
    await data.keyStore.keep(account.id, 1, Secret.random(32))
    await data.close()
    expect(await run('backup', ['master'], '--keys-to', at('keys'))).toMatchObject({ code: 0 })
    const exchanged = await run('rotate-keys', [text(fresh), 'master'])
    expect(exchanged, exchanged.said).toMatchObject({ code: 0 })
    const both = new KeyRing([fresh, own])
    const noted = await open(both)
    expect(await noted.keyStore.isResealed()).toBe(true)
    await noted.keyStore.erase(account.id, 1)
    await noted.close()
    expect(
      await run('restore', [text(fresh), 'master'], '--keys-from', at('keys'), '--replace'),
    ).toMatchObject({ code: 0 })
    const after = await open(both)
    expect([await after.keyStore.stale(), await after.keyStore.isResealed()]).toEqual([1, false])
    await after.close()
  }, 60_000)
})
