/**
 * The bytes of a folder, whole, while processes write in it.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const TRIES = 50

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/**
 * All files below a folder, one after the other. What was renamed or removed after it had been listed stands elsewhere now, so the
 * folder is looked through anew; nothing is left out. Throws where that happens again and again.
 */
export const filesIn = async (folder: string): Promise<Buffer> => {
  for (let tries = 1; ; tries += 1)
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
      return Buffer.concat(await Promise.all(files.map((file) => readFile(file))))
    } catch (error) {
      if (!isGone(error) || tries === TRIES) throw error
    }
}
