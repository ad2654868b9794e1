/**
 * Tells a full disk from other failures of writing.
 */
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/client/protocol'

/** No space, quota used up, file size limit; by name as Node gives them and by number as LMDB does. */
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 28, 122, 69, 27, -30_792])

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

/**
 * True if `bytes` more cannot be written behind the first `offset` bytes of a file in `folder`.
 * LMDB reports a write cut short by a full disk as a plain input/output error, so the only way to know is to try.
 */
const cannotGrow = async (folder: string, offset: number, bytes: number): Promise<boolean> => {
  const path = join(folder, 'space.probe')
  try {
    const file = await open(path, 'w', 0o600)
    try {
      await file.write(new Uint8Array(bytes), 0, bytes, offset)
    } finally {
      await file.close()
    }
    return false
  } catch (error) {
    return FULL_CODES.has(codeOf(error))
  } finally {
    await rm(path, { force: true }).catch(() => undefined)
  }
}

/** `storage_full` for a full disk; any other failure is `unavailable`. A HoldfastError stays what it is. */
export const storageError = async (
  error: unknown,
  probe?: { readonly folder: string; readonly offset: number; readonly bytes: number },
): Promise<HoldfastError> => {
  if (error instanceof HoldfastError) return error
  const full =
    FULL_CODES.has(codeOf(error)) ||
    (probe !== undefined && (await cannotGrow(probe.folder, probe.offset, probe.bytes)))
  return new HoldfastError(full ? 'storage_full' : 'unavailable', { cause: error })
}
