/**
 * Every notice as a JSON line in a file: what was said to whom, in ids only. It stands in for channels that reach people who
 * are not connected.
 */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/client/protocol'
import type { Notice } from '../domain/account.ts'

export interface NoticesLog {
  /** Resolves once the line is written. Throws `storage_full` or `unavailable`: the outbox keeps the notice and tries again. */
  append(notice: Notice, revision: number): Promise<void>
  /** Resolves once what was appended is written, or has failed. The file is opened again where more comes. */
  close(): Promise<void>
}

const line = ({ notice, at, event, audience, recovery }: Notice, revision: number): string =>
  `${JSON.stringify({ notice, at, event, audience, recovery, revision })}\n`

const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Bytes; 0 where that cannot be found out. */
const sizeOf = (handle: FileHandle): Promise<number> =>
  handle.stat().then(
    ({ size }) => size,
    () => 0,
  )

interface OpenFile {
  readonly handle: FileHandle
  readonly dev: number
  readonly ino: number
}

/** `file` is created with mode 0600. It may be moved away or removed at any time: the next line then begins another. */
export const openNoticesLog = (file: string): NoticesLog => {
  let held: OpenFile | null = null
  const letGo = async (): Promise<void> => {
    const { handle } = held ?? {}
    held = null
    await handle?.close()
  }
  /** The file of that name, and how long it is, bytes. */
  const current = async (): Promise<{ readonly handle: FileHandle; readonly size: number }> => {
    const found = await stat(file).catch(() => null)
    if (held !== null && found?.ino === held.ino && found.dev === held.dev)
      return { handle: held.handle, size: found.size }
    await letGo()
    const handle = await open(file, 'a', 0o600)
    const { dev, ino, size } = await handle.stat()
    held = { handle, dev, ino }
    return { handle, size }
  }
  const put = async (text: string): Promise<void> => {
    try {
      const { handle, size } = await current()
      try {
        await handle.appendFile(text)
      } catch (error) {
        // A disk that fills up takes the beginning of a line, to which the next one would be glued.
        // Never lengthened, which would fill it with zeros.
        if ((await sizeOf(handle)) > size) await handle.truncate(size).catch(() => undefined)
        // What it refused may be the handle's own fault.
        await letGo().catch(() => undefined)
        throw error
      }
    } catch (cause) {
      const isFull = cause instanceof Error && 'code' in cause && FULL_CODES.has(cause.code)
      throw new HoldfastError(isFull ? 'storage_full' : 'unavailable', { cause })
    }
  }
  // One write after the other, so that lines never mix; those that come meanwhile share the next write.
  let waiting = ''
  let next: Promise<void> | null = null
  let running: Promise<void> = Promise.resolve()
  const write = async (): Promise<void> => {
    await running.catch(() => undefined)
    const text = waiting
    waiting = ''
    next = null
    running = put(text)
    await running
  }
  return {
    append: (notice, revision) => {
      waiting += line(notice, revision)
      next ??= write()
      return next
    },
    async close() {
      await (next ?? running).catch(() => undefined)
      await letGo()
    },
  }
}
