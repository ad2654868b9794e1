/**
 * Every notice as a JSON line in a file: what was said to whom, in ids only. It stands in for channels that reach people who
 * are not connected.
 */
import { appendFile, stat, truncate } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/client/protocol'
import type { Notice } from '../domain/account.ts'

export interface NoticesLog {
  /** Resolves once the line is written. Throws `storage_full` or `unavailable`: the outbox keeps the notice and tries again. */
  append(notice: Notice, revision: number): Promise<void>
}

const line = ({ notice, at, event, audience, recovery }: Notice, revision: number): string =>
  `${JSON.stringify({ notice, at, event, audience, recovery, revision })}\n`

const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Bytes; 0 where there is none. */
const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  )

/** `file` is created with mode 0600. */
export const openNoticesLog = (file: string): NoticesLog => {
  const put = async (text: string): Promise<void> => {
    const before = await sizeOf(file)
    try {
      await appendFile(file, text, { mode: 0o600 })
    } catch (cause) {
      // A disk that fills up takes the beginning of a line, to which the next one would be glued.
      if ((await sizeOf(file)) > before) await truncate(file, before).catch(() => undefined)
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
  }
}
