/**
 * Notices that records were restored from a backup. A number that only grows stands in the records and in a file beside the keys,
 * which are never restored: where the two do not fit, the records are not the ones that ran here last.
 *
 * [Note: First the records, then the file] Each is durable before the next is written. A crash at any point leaves them equal or
 * the records one ahead, so that it is never taken for a restore; whatever else they are, one of the two is a copy.
 */
import { join } from 'node:path'
import { readText, replaceFile } from '../durable-file.ts'
import { forgetResealed } from './key-file.ts'
import type { EmbeddedRecords } from './records.ts'

/** In the folder of the keys. Removing it while the service is off says that the records were restored. */
export const GUARD_FILE = 'restore-guard'

/** What happened less than this before a live backup and its restore is not noticed by the number. */
const EVERY_MS = 30_000

/** Thrown at boot: keys that were in use, beside records that were never written to. */
export class RecordsMissing extends Error {
  override readonly name = 'RecordsMissing'
  constructor(keys: string) {
    super(
      `There are keys in ${keys}, but no records. Put the records back or restore them, or check the mount. To begin anew, move the keys away as well.`,
    )
  }
}

export interface RestoreGuard {
  /** Whether the records turned out to come from a backup. */
  readonly restored: boolean
  /** Raises the number once more, so that what follows a backup taken just now is noticed as well. Call before the records'. */
  close(): Promise<void>
}

/**
 * Compares, and where the records were restored marks them so before anybody reads them; what they hold may be sealed with any key. Throws {@link RecordsMissing} where they
 * are empty and the keys are not, and what the records throw if that
 * cannot be written: nothing may be released then. From there on raises the number every half minute.
 */
export const openRestoreGuard = async (options: {
  /** Of the keys; exists. */
  readonly folder: string
  readonly records: EmbeddedRecords
  readonly everyMs?: number
}): Promise<RestoreGuard> => {
  const { records, everyMs = EVERY_MS } = options
  const path = join(options.folder, GUARD_FILE)
  const read = Number((await readText(path)) ?? 0)
  const own = records.generation()
  let beside = Number.isSafeInteger(read) && read >= 0 ? read : 0
  if (own === 0 && beside > 0) throw new RecordsMissing(options.folder)
  const restored = own !== beside && own !== beside + 1
  if (restored) {
    // First: a crash from here on leaves the numbers as they are, and the next start finds the same.
    await forgetResealed(options.folder)
    await records.markRestored()
    beside = Math.max(own, beside)
  }

  const raise = async (): Promise<void> => {
    await records.raiseGeneration(beside + 1)
    await replaceFile(path, String(beside + 1))
    beside += 1
  }
  let raising = Promise.resolve()
  const raiseNext = (): Promise<void> => {
    // A disk that is full fails this too, and changes nothing: the numbers still fit. The next time is soon.
    raising = raising.then(raise).catch(() => undefined)
    return raising
  }
  await raiseNext()
  const timer = setInterval(() => void raiseNext(), everyMs)
  timer.unref()
  return {
    restored,
    async close() {
      clearInterval(timer)
      await raiseNext()
    },
  }
}
