/** What is looked through for secrets must not lose a file that is renamed at that moment. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { filesIn } from './files.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-files-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('a file that goes by one name and then by another is in every look', async () => {
  const names = ['one', 'one.next'].map((name) => join(folder, name)) as [string, string]
  await writeFile(names[0], 'planted')
  let isOver = false
  const renaming = (async () => {
    for (let turn = 0; !isOver; turn += 1) {
      await rename(names[turn % 2] as string, names[(turn + 1) % 2] as string)
      // Seldom enough that a look fits in between.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })()
  try {
    for (let look = 0; look < 300; look += 1) expect((await filesIn(folder)).toString()).toBe('planted')
  } finally {
    isOver = true
    await renaming
  }
})

it('a folder that is not there is an error', async () => {
  await expect(filesIn(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'ENOENT' })
})
