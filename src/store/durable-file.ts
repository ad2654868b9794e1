/**
 * Small files that are either the old or the new one, whatever happens in between.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** Null if there is no such file. */
export const readText = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/**
 * Replaces the file's content, mode 0600, and resolves when content and name are on the disk. Not to be called twice at once
 * for one path. What a crash leaves behind lies under one fixed name, so that the next write of this file removes it.
 * `onWritten` is called when the new content is on the disk, under that other name.
 */
export const replaceFile = async (path: string, content: string, onWritten?: () => void): Promise<void> => {
  const next = `${path}.next`
  await makeFolder(dirname(path))
  try {
    const file = await open(next, 'w', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    onWritten?.()
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(path))
}

/** Creates the folder, mode 0700, so that it is still there after a power cut. */
export const makeFolder = async (folder: string): Promise<void> => {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first !== undefined) await syncFolder(dirname(folder))
}

/** So that what was made or renamed in it is still there after a power cut. */
export const syncFolder = async (folder: string): Promise<void> => {
  // Windows has no such call: there the file system orders it.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
