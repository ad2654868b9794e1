/** Records that are older than what lies beside the keys, and everything that only looks like it. */
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '@holdfast/client/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WrongWrappingKey, openFolderKeyStore } from '../../src/store/embedded/key-store.ts'
import { type EmbeddedRecords, openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import { GUARD_FILE, openRestoreGuard } from '../../src/store/embedded/restore-guard.ts'
import { accountOf, newFolder, recoveryOf } from '../support/store.ts'

describe('the restore guard', () => {
  let folder: { readonly path: string; readonly remove: () => Promise<void> }
  let opened: EmbeddedRecords[]
  const at = (name: string) => join(folder.path, name)
  const openRecords = async () => {
    const records = await openEmbeddedRecords({ folder: at('records') })
    opened.push(records)
    return records
  }
  /** As the service starts; whether it took the records for restored. */
  const start = async (everyMs = 60_000) => {
    const records = await openRecords()
    const guard = await openRestoreGuard({ folder: folder.path, records, everyMs })
    return {
      records,
      restored: guard.restored,
      async stop() {
        await guard.close()
        await records.close()
      },
    }
  }
  const isRestored = async () => {
    const { restored, stop } = await start()
    await stop()
    return restored
  }
  const copy = (from: string, to: string) => cp(at(from), at(to), { recursive: true, force: true })
  const putBack = async () => {
    await rm(at('records'), { recursive: true })
    await copy('copy', 'records')
  }
  beforeEach(async () => {
    folder = await newFolder()
    opened = []
  })
  afterEach(async () => {
    for (const records of opened) await records.close()
    await folder.remove()
  })

  it('finds nothing in records that are new, closed in order, or opened again and again', async () => {
    expect([await isRestored(), await isRestored(), await isRestored()]).toEqual([false, false, false])
  })

  it('refuses records that are gone while the keys are not', async () => {
    await isRestored()
    await rm(at('records'), { recursive: true })
    await expect(start()).rejects.toThrow(/no records/)
  })

  it('finds a backup from before the last start, and only once', async () => {
    await isRestored()
    await copy('records', 'copy')
    await isRestored()
    await putBack()
    expect([await isRestored(), await isRestored()]).toEqual([true, false])
  })

  it('finds a backup of the very run that ended', async () => {
    const { stop } = await start()
    await copy('records', 'copy')
    await stop()
    await putBack()
    expect(await isRestored()).toBe(true)
  })

  it('takes no crash for a restore, at any step of raising the number', async () => {
    const { records } = await start()
    // As it lies on the disk while it runs, and when it is killed between the two writes.
    await copy('records', 'copy')
    const before = records.generation()
    await records.raiseGeneration(before + 1)
    await copy('records', 'ahead')
    await records.close()
    for (const name of ['copy', 'ahead']) {
      await writeFile(at(GUARD_FILE), String(before))
      await rm(at('records'), { recursive: true })
      await copy(name, 'records')
      expect(await isRestored()).toBe(false)
    }
  })

  it('takes older keys, or a guard that was removed, for a restore as well', async () => {
    await isRestored()
    await copy(GUARD_FILE, 'guard.copy')
    await isRestored()
    await copy('guard.copy', GUARD_FILE)
    expect(await isRestored()).toBe(true)
    await rm(at(GUARD_FILE))
    expect(await isRestored()).toBe(true)
  })

  it('ends what was noted of the keys that seal, and takes no key away', async () => {
    const wrappingKey = Secret.random(32)
    const keys = () => openFolderKeyStore({ folder: folder.path, wrappingKey })
    await (await keys()).noteResealed()
    await isRestored()
    await copy('records', 'copy')
    await isRestored()
    expect(await (await keys()).isResealed(), 'nothing was restored').toBe(true)
    await putBack()
    expect(await isRestored()).toBe(true)
    const after = await keys()
    expect(await after.isResealed()).toBe(false)
    await after.check()
    const another = openFolderKeyStore({ folder: folder.path, wrappingKey: Secret.random(32) })
    await expect(another).rejects.toThrow(WrongWrappingKey)
    await after.noteResealed()
    expect([await isRestored(), await (await keys()).isResealed()]).toEqual([false, true])
  })

  it('raises the number while the service runs', async () => {
    const { records, stop } = await start(5)
    const first = records.generation()
    await expect.poll(() => records.generation()).toBeGreaterThan(first + 2)
    await stop()
    expect(await isRestored()).toBe(false)
  })

  it('lets what starts anew fall due, and says with every account since when', async () => {
    const releasable = accountOf({ recoveries: [recoveryOf({ state: 'releasable', quorumAt: Date.now() })] })
    const quiet = accountOf({ recoveries: [recoveryOf({ state: 'vetoed', endedAt: Date.now() })] })
    const first = await start()
    for (const account of [releasable, quiet]) await first.records.commit(account, { ifRevision: 0 })
    expect((await first.records.load(releasable.id))?.restoredAt).toBeUndefined()
    expect(await first.records.due(10)).toEqual([])
    await copy('records', 'copy')
    await first.stop()
    await putBack()
    const { records, stop } = await start()
    const now = await records.now()
    expect(await records.due(10)).toEqual([releasable.id])
    const restoredAt = (await records.load(quiet.id))?.restoredAt ?? 0
    expect(restoredAt).toBeGreaterThan(now - 5_000)
    expect(restoredAt).toBeLessThanOrEqual(now)
    await stop()
  })
})
