/** A restore that is killed at any moment: the old records or the new ones, and nothing in between. */
import { Secret } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { backupsIn } from '../support/backups.ts'
import { runCommand } from '../support/command.ts'
import { buildService } from '../support/process.ts'
import { newFolder, newId } from '../support/store.ts'

let root: { readonly path: string; readonly remove: () => Promise<void> }
beforeAll(async () => {
  buildService()
  root = await newFolder()
}, 180_000)
afterAll(() => root.remove())
const { at, env, backup, open, change, revisionOf } = backupsIn(() => root.path)

it('killed at any moment of a restore leaves the old records or the new ones, whole', async () => {
  const data = await open()
  const ids = Array.from({ length: 3_000 }, newId)
  await Promise.all(ids.map((id) => change(data, id, 0)))
  await data.keyStore.keep(ids[0] ?? '', 1, Secret.random(32))
  await data.close()
  expect((await backup()).code).toBe(0)
  const later = await open()
  await Promise.all(ids.map((id) => change(later, id, 1)))
  await later.close()
  const seen = { old: 0, new: 0, killed: 0 }
  // The first one runs to its end, and shows how long that takes.
  let wholeMs = Infinity
  for (let round = 0; round < 12; round += 1) {
    const startedAt = performance.now()
    let timer: NodeJS.Timeout | undefined
    const ended = await runCommand(
      'restore',
      ['--records-from', at('records-one'), '--replace'],
      env('data'),
      (child) => {
        if (wholeMs < Infinity) timer = setTimeout(() => child.kill('SIGKILL'), (wholeMs * (round + 8)) / 20)
      },
    )
    clearTimeout(timer)
    wholeMs = Math.min(wholeMs, performance.now() - startedAt)
    if (ended.code === null) seen.killed += 1
    const now = await open()
    const revisions = new Set(await Promise.all(ids.map((id) => revisionOf(now, id))))
    expect([...revisions], `round ${round}`).toHaveLength(1)
    const isNew = revisions.has(1)
    seen[isNew ? 'new' : 'old'] += 1
    if (ended.code === 0) expect(isNew).toBe(true)
    expect(now.restored).toBe(isNew)
    // On from what is newer than the backup, so that the next restore has something to put back.
    if (isNew) await Promise.all(ids.map((id) => change(now, id, 1)))
    await now.close()
  }
  console.info(
    `12 restores, ${seen.killed} killed: ${seen.old} left the old records, ${seen.new} the new ones`,
  )
  expect(seen.killed).toBeGreaterThan(0)
  expect(seen.old).toBeGreaterThan(0)
}, 180_000)
