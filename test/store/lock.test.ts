import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderInUse, lockFolder } from '../../src/store/embedded/lock.ts'
import { newFolder, startChild } from '../support/store.ts'
import type { Child } from '../support/store.ts'

describe('the lock on the data folder', () => {
  let folder: { readonly path: string; readonly remove: () => Promise<void> }
  const children: Child[] = []
  const start = (path = folder.path): Child => {
    const child = startChild(['lock', path])
    children.push(child)
    return child
  }
  beforeEach(async () => {
    folder = await newFolder()
  })
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.kill()))
    await folder.remove()
  })

  it('keeps a second process out, with a message that names the folder and what to do', async () => {
    const holder = start()
    expect(await holder.line()).toBe('locked')
    const refusal = await lockFolder(folder.path).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(FolderInUse)
    expect(String(refusal)).toContain(folder.path)
    expect(String(refusal)).toMatch(/Process \d+ uses .* Stop it first, or give this one a folder of its own/)
    expect(await start().line()).toBe('FolderInUse')
  })

  it('is free at once after kill -9 of its holder, and the next one leaves nothing of it behind', async () => {
    for (let round = 0; round < 2; round += 1) {
      const holder = start()
      expect(await holder.line()).toBe('locked')
      await holder.kill()
    }
    const lock = await lockFolder(folder.path)
    expect(await readdir(folder.path)).toHaveLength(process.platform === 'win32' ? 0 : 1)
    await lock.release()
    expect(await readdir(folder.path)).toEqual([])
  })

  it('keeps out the same process too, until it is released', async () => {
    const lock = await lockFolder(folder.path)
    await expect(lockFolder(folder.path)).rejects.toThrow(FolderInUse)
    await lock.release()
    await lock.release()
    await (await lockFolder(folder.path)).release()
  })

  it('is held by at most one at any moment when many want it', async () => {
    let holders = 0
    let most = 0
    let got = 0
    const want = async (): Promise<void> => {
      for (let tries = 0; tries < 6; tries += 1) {
        const lock = await lockFolder(folder.path).catch(() => null)
        if (lock === null) continue
        got += 1
        holders += 1
        most = Math.max(most, holders)
        await new Promise((resolve) => setTimeout(resolve, 5))
        holders -= 1
        await lock.release()
      }
    }
    await Promise.all(Array.from({ length: 6 }, want))
    expect(most).toBe(1)
    expect(got).toBeGreaterThan(0)
  })

  it('goes to at most one of four processes that take over a dead one’s folder together', async () => {
    const dead = start()
    expect(await dead.line()).toBe('locked')
    await dead.kill()
    const answers = await Promise.all(Array.from({ length: 4 }, () => start().line()))
    expect(answers.filter((answer) => answer === 'locked').length).toBeLessThanOrEqual(1)
    expect(answers.filter((answer) => answer === 'FolderInUse').length).toBeGreaterThanOrEqual(3)
  })

  it('works in a folder whose path is longer than a socket’s address may be, and creates it for this user only', async () => {
    const path = join(folder.path, 'a'.repeat(120), 'b'.repeat(120))
    if (process.platform !== 'linux') return
    const lock = await lockFolder(path)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect(await start(path).line()).toBe('FolderInUse')
    await lock.release()
  })

  it('is not held by a file that only looks like a lock', async () => {
    await writeFile(join(folder.path, 'lock-1-00'), '')
    await (await lockFolder(folder.path)).release()
  })
})
