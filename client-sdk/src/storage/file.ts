/**
 * Storage in one file, for Node: mode 0600, replaced atomically, on disk before a call resolves.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HoldfastError } from '../protocol/errors.ts'
import * as shape from '../protocol/shape.ts'
import type { Storage } from './storage.ts'

const content = shape.record(shape.string())

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const failed = (cause: unknown): never => {
  throw new HoldfastError('storage_failed', { cause })
}

const readValues = async (path: string): Promise<Map<string, string>> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) =>
    isMissing(cause) ? null : failed(cause),
  )
  try {
    return new Map(text === null ? [] : Object.entries(content.parse(JSON.parse(text))))
  } catch (cause) {
    // Never overwritten with an empty one: what cannot be read today may be mended tomorrow.
    return failed(cause)
  }
}

const writeWhole = async (path: string, text: string): Promise<void> => {
  // What a killed process left there could have another mode, or be a link to somewhere else.
  await rm(path, { force: true })
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const replaceFile = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.new`
  await writeWhole(temporary, text)
  await rename(temporary, path)
  // Without this, a power cut may bring back the old file although the call had resolved. Windows has no such thing.
  if (process.platform === 'win32') return
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}

/** One process at a time may use `path`. Throws `storage_failed`; every value then is as it was, or as it was to be. */
export const fileStorage = (path: string): Storage => {
  let loaded: Promise<Map<string, string>> | undefined
  let last: Promise<unknown> = Promise.resolve()
  const values = (): Promise<Map<string, string>> => {
    loaded ??= readValues(path).catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
  const change = (apply: (next: Map<string, string>) => unknown): Promise<void> => {
    const write = async (): Promise<void> => {
      const next = new Map(await values())
      apply(next)
      // Read anew after a failure: it may have come after the file was replaced.
      loaded = undefined
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        await replaceFile(path, JSON.stringify(Object.fromEntries(next)))
      } catch (cause) {
        failed(cause)
      }
      loaded = Promise.resolve(next)
    }
    const done = last.then(write)
    last = done.catch(() => undefined)
    return done
  }
  return {
    get: async (key) => {
      await last
      return (await values()).get(key) ?? null
    },
    set: (key, value) => change((next) => next.set(key, value)),
    delete: (key) => change((next) => next.delete(key)),
  }
}
