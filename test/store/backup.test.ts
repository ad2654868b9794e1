/** Backups of a data folder, taken while it is written to, and put back whole or not at all. */
import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '@holdfast/client/protocol'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../support/command.ts'
import { backupsIn } from '../support/backups.ts'
import { buildService } from '../support/process.ts'
import { filesIn, newFolder, newId } from '../support/store.ts'

beforeAll(buildService, 180_000)

describe('a backup of a data folder', () => {
  let root: { readonly path: string; readonly remove: () => Promise<void> }
  beforeEach(async () => {
    root = await newFolder()
  })
  afterEach(() => root.remove())
  const { at, env, backup, restore, open, change, revisionOf } = backupsIn(() => root.path)

  it('is one moment of records that are being written to, and brings all of it back elsewhere', async () => {
    const data = await open()
    const ids = Array.from({ length: 300 }, newId)
    for (const id of ids) {
      await change(data, id, 0)
      await data.keyStore.keep(id, 1, Secret.random(32))
    }
    // So much that reading it takes its time.
    const bulk = Array.from({ length: 15_000 }, newId)
    await Promise.all(bulk.map((id) => change(data, id, 0)))
    await data.keyStore.eraseBelow(ids[0] ?? '', 3)
    await data.keyStore.endRequest(ids[1] ?? '', 'a request')
    let isOver = false
    const [first = '', second = ''] = ids
    const writing = (async () => {
      for (let revision = 1; !isOver; revision += 1) {
        await change(data, first, revision)
        await change(data, second, revision)
      }
    })()
    await pause(100)
    const taken = await backup()
    const during = await revisionOf(data, first)
    isOver = true
    await writing
    expect(taken).toMatchObject({
      code: 0,
      said: expect.stringMatching(/records: \d+ lines.*\nkeys: 301 lines/),
    })
    await data.close()

    expect(await restore('other')).toMatchObject({ code: 0 })
    const other = await open('other')
    expect(other.restored).toBe(true)
    const [one, two] = [await revisionOf(other, first), await revisionOf(other, second)]
    console.info(`backup of ${one} changes while ${during} were made`)
    expect(one).toBeGreaterThan(1)
    // Changes went on while it was read: else this shows nothing.
    expect(one).toBeLessThan(during)
    expect([one, one - 1]).toContain(two)
    for (const id of ids) {
      const revision = await revisionOf(other, id)
      expect((await other.records.load(id))?.account).toMatchObject({ app: `app-${revision}` })
      expect(await other.records.readBlob(`${id}.${revision - 1}`)).toEqual(
        new Uint8Array(200).fill((revision - 1) % 256),
      )
      expect(await other.records.readBlob(`${id}.${revision}`)).toBeNull()
      expect(await other.records.readLog(id, 0, 100_000)).toHaveLength(revision)
    }
    for (const id of ids.slice(1)) expect((await other.keyStore.read(id, 1))?.length).toBe(32)
    expect(await other.keyStore.highWater(first)).toBe(3)
    expect(await other.keyStore.isEnded(second, 'a request')).toBe(true)
    await other.close()
  }, 60_000)

  it('is for its user alone, keeps keys apart, and needs folders of its own', async () => {
    await (await open()).close()
    expect((await backup()).code).toBe(0)
    for (const { path } of [...(await filesIn(at('records-one'))), ...(await filesIn(at('keys-one')))])
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await backup()).toMatchObject({ code: 64, said: expect.stringContaining('is not empty') })
    for (const [records, keys] of [
      ['same', 'same'],
      ['same', 'same/keys'],
      ['same/records', 'same'],
    ] as const) {
      const both = ['--records-to', at(records), '--keys-to', at(keys)]
      expect(await runCommand('backup', both, env('data'))).toMatchObject({ code: 64 })
    }
    for (const args of [[], ['--records-to'], ['--to', at('x')], ['--records-to', '--keys-to', at('x')]])
      expect(await runCommand('backup', args, env('data'))).toMatchObject({
        code: 64,
        said: expect.stringContaining('Usage'),
      })
    expect(await backup('nothing', 'two')).toMatchObject({
      code: 1,
      said: expect.stringContaining('There are no records'),
    })
  })

  it('that is damaged, broken off, of another part or from the future changes nothing', async () => {
    const data = await open()
    const id = newId()
    await change(data, id, 0)
    await data.keyStore.keep(id, 1, Secret.random(32))
    await data.close()
    expect((await backup()).code).toBe(0)
    const later = await open()
    await change(later, id, 1)
    await later.close()
    const before = await filesIn(at('data'))

    const records = at('records-one', 'data.jsonl')
    const manifest = at('records-one', 'manifest.json')
    const [whole, facts] = [await readFile(records), await readFile(manifest, 'utf8')]
    const flipped = Buffer.from(whole)
    flipped[whole.length >> 1] = (flipped[whole.length >> 1] ?? 0) ^ 1
    const damage: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['not what was written', () => writeFile(records, flipped)],
      ['not what was written', () => writeFile(records, whole.subarray(0, -1))],
      ['no manifest', () => rm(manifest)],
      ['manifest is damaged', () => writeFile(manifest, facts.slice(0, -20))],
      ['newer version', () => writeFile(manifest, facts.replace('"version": 1', '"version": 2'))],
      ['it holds keys', () => writeFile(manifest, facts.replace('"records"', '"keys"'))],
      ['another engine', () => writeFile(manifest, facts.replace('embedded', 'mongodb'))],
    ]
    for (const [why, make] of damage) {
      await make()
      const ended = await restore('data', ['--replace'])
      expect(ended, why).toMatchObject({ code: 1, said: expect.stringContaining(why) })
      await writeFile(records, whole)
      await writeFile(manifest, facts)
    }
    const other = {
      ...env('data'),
      HOLDFAST_MASTER_KEY: Buffer.from(Secret.random(32).expose()).toString('base64url'),
    }
    const args = ['--records-from', at('records-one'), '--keys-from', at('keys-one'), '--replace']
    expect(await runCommand('restore', args, other)).toMatchObject({
      code: 1,
      said: expect.stringContaining('HOLDFAST_AT_REST_KEYS'),
    })
    expect(await restore('data')).toMatchObject({ code: 1, said: expect.stringContaining('--replace') })
    const alone = ['--records-from', at('records-one')]
    expect(await runCommand('restore', alone, env('new'))).toMatchObject({
      code: 1,
      said: expect.stringContaining('no keys to these records'),
    })
    const running = await open()
    expect(await revisionOf(running, id)).toBe(2)
    await running.close()
    const [names, namesBefore] = [await filesIn(at('data')), before].map((files) =>
      files.map(({ path }) => path).toSorted(),
    )
    expect(names).toEqual(namesBefore)
  }, 120_000)

  it('put back beside newer keys revives nothing that was erased and forgets no end', async () => {
    const data = await open()
    const [id, other] = [newId(), newId()]
    for (const one of [id, other]) await change(data, one, 0)
    for (const epoch of [1, 2]) await data.keyStore.keep(id, epoch, Secret.random(32))
    await data.close()
    expect((await backup()).code).toBe(0)
    const later = await open()
    await later.keyStore.eraseBelow(id, 2)
    await later.keyStore.keep(id, 3, Secret.random(32))
    await later.keyStore.endRequest(id, 'ended since')
    await change(later, id, 1)
    await later.close()
    expect((await restore('data', ['--replace'])).code).toBe(0)
    const back = await open()
    expect(back.restored).toBe(true)
    expect(await revisionOf(back, id)).toBe(1)
    expect((await back.records.load(other))?.restoredAt).toBeGreaterThan(Date.now() - 60_000)
    expect(await back.keyStore.highWater(id)).toBe(2)
    expect(await back.keyStore.read(id, 1)).toBeNull()
    expect((await back.keyStore.read(id, 2))?.length).toBe(32)
    expect((await back.keyStore.read(id, 3))?.length).toBe(32)
    expect(await back.keyStore.isEnded(id, 'ended since')).toBe(true)
    await back.close()
    const again = await open()
    expect(again.restored).toBe(false)
    await again.close()
  }, 60_000)

  it('is put in its place by the next start where a crash kept the restore from it', async () => {
    const data = await open()
    const id = newId()
    await change(data, id, 0)
    await data.close()
    expect((await backup()).code).toBe(0)
    const later = await open()
    await change(later, id, 1)
    await later.close()
    await cp(at('data'), at('other'), { recursive: true })
    expect((await restore('other', ['--replace'])).code).toBe(0)
    // Decided, and in the middle of taking the old ones away.
    await cp(at('other', 'records'), at('data', 'records.restoring'), { recursive: true })
    await rm(at('data', 'records', 'data.mdb'))
    const back = await open()
    expect([await revisionOf(back, id), back.restored]).toEqual([1, true])
    await back.close()
    expect((await filesIn(at('data'))).filter(({ path }) => path.includes('restoring'))).toEqual([])
  }, 60_000)
})
