/**
 * Puts a backup into a data folder that no service uses.
 *
 * [Note: One rename decides] The records are made in a folder of their own, and the rename that takes its name from it is the
 * restore: a crash before it leaves the old records, one after it the new ones, since whoever opens the folder next puts them in their
 * place first.
 */
import { access, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '@holdfast/client/protocol'
import type { CheckLine, KeyLine, RecordLine } from '../backup/lines.ts'
import { mergedKeys } from '../backup/merge.ts'
import { makeFolder, readText, replaceFile, syncFolder } from '../durable-file.ts'
import type { KeyRing } from '../key-ring.ts'
import { markSchema, openDatabases, readDatabases, type Databases } from './databases.ts'
import { headOf, replaceHead } from './indexes.ts'
import { CHECK_FILE, ENDED_KEPT, forgetResealed, keyFile, parseKeys } from './key-file.ts'
import { KeyWrap } from './key-wrap.ts'
import { GUARD_FILE } from './restore-guard.ts'

const building = (records: string): string => `${records}.building`
const complete = (records: string): string => `${records}.restoring`
/** Written in one transaction. */
const AT_ONCE = 500

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Puts restored records in their place if a restore had got as far as that. Call before the records are opened. */
export const finishRestore = async (records: string): Promise<void> => {
  if (!(await exists(complete(records)))) return
  await rm(records, { recursive: true, force: true })
  await rename(complete(records), records)
  await syncFolder(join(records, '..'))
}

/** Whether there is any account. */
export const holdsRecords = async (records: string): Promise<boolean> => {
  if (!(await exists(join(records, 'data.mdb')))) return false
  const databases = await readDatabases(records)
  try {
    return [...databases.documents.getKeys({ limit: 1 })].length > 0
  } finally {
    await databases.root.close()
  }
}

export const holdsKeys = async (keys: string): Promise<boolean> =>
  (await readdir(keys).catch(() => [])).length > 0

const put = (databases: Databases, line: RecordLine): void => {
  if ('account' in line) {
    void databases.documents.put(line.account.id, JSON.stringify(line.account))
    replaceHead(databases, line.account.id, null, headOf(line.account))
  } else if ('blob' in line) {
    void databases.blobs.put(line.blob, Buffer.from(line.bytes, 'base64'))
  } else if ('log' in line) {
    void databases.log.put([line.log, line.entry.sequence], JSON.stringify(line.entry))
  } else {
    void databases.marks.put(line.mark, String(line.value))
  }
}

/**
 * Replaces the records by those of a backup, which must have been verified. `generation`: of the backup. Beside the keys that are
 * there, or without any, they are noticed as restored: their number fits to neither.
 */
export const restoreRecords = async (
  paths: { readonly records: string; readonly keys: string },
  backup: { readonly generation: number; readonly lines: AsyncIterable<RecordLine> },
): Promise<void> => {
  const folder = building(paths.records)
  await rm(folder, { recursive: true, force: true })
  const databases = await openDatabases(folder)
  try {
    let batch: RecordLine[] = []
    const write = (): void => {
      const lines = batch
      batch = []
      databases.root.transactionSync(() => {
        for (const line of lines) put(databases, line)
      })
    }
    for await (const line of backup.lines) {
      batch.push(line)
      if (batch.length === AT_ONCE) write()
    }
    const beside = Number((await readText(join(paths.keys, GUARD_FILE))) ?? 0)
    const generation = Math.max(backup.generation, Number.isSafeInteger(beside) ? beside : 0) + 2
    batch.push({ mark: 'generation', value: generation })
    write()
    databases.root.transactionSync(() => markSchema(databases))
    await databases.root.flushed
  } finally {
    await databases.root.close()
  }
  await rename(folder, complete(paths.records))
  await syncFolder(join(paths.records, '..'))
  await finishRestore(paths.records)
}

/** Whether one of the ring's keys has sealed what the check stands for. */
export const opensCheck = (keys: KeyRing | Secret, { check }: CheckLine): boolean => {
  try {
    new KeyWrap(keys).open(CHECK_FILE, 0, check).erase()
    return true
  } catch {
    return false
  }
}

/** Puts keys beside those that are there: merge.ts says which. File by file; repeated after a crash it does the rest. */
export const restoreKeys = async (
  folder: string,
  lines: AsyncIterable<KeyLine | CheckLine>,
): Promise<void> => {
  await makeFolder(folder)
  for await (const line of lines) {
    if ('check' in line) {
      if (!(await exists(join(folder, CHECK_FILE)))) await replaceFile(join(folder, CHECK_FILE), line.check)
      continue
    }
    const path = keyFile(folder, line.keys)
    const before = parseKeys(await readText(path))
    const sealed = Object.entries(before.keys).map(([epoch, value]) => [Number(epoch), value] as const)
    const { highWater, ...after } = mergedKeys(
      { highWater: before.highWater, sealed, ended: before.ended ?? [] },
      line,
      ENDED_KEPT,
    )
    const next = { highWater, keys: Object.fromEntries(after.sealed), ended: after.ended }
    await replaceFile(path, JSON.stringify(next))
  }
  await forgetResealed(folder)
}
