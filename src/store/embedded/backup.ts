/**
 * What a data folder holds, line by line, also while a service uses it.
 *
 * [Note: Reading beside the service] LMDB lets other processes read: one read transaction sees the records as they were when it
 * began, whatever is written meanwhile, and the pages that it needs are kept for it until it ends. Of the keys every file is whole at
 * any moment. Records first, keys after them: each key that those records name and that was not erased since is then there.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account, LogEntry } from '../../domain/account.ts'
import type { CheckLine, KeyLine, RecordLine } from '../backup/lines.ts'
import { readText } from '../durable-file.ts'
import { readDatabases } from './databases.ts'
import { CHECK_FILE, PART, parseKeys } from './key-file.ts'

export interface RecordsCopy {
  /** How old the records are: restore-guard.ts. */
  readonly generation: number
  readonly lines: AsyncIterable<RecordLine>
  /** The documents alone. */
  accounts(): AsyncIterable<Account>
  close(): Promise<void>
}

/** Between two looks at the event loop; the transaction stays as it is. */
const AT_ONCE = 200
const MARKS = ['clock', 'restored']

/** The records at this moment. Throws RecordsTooNew, or an error if there are none. */
export const copyRecords = async (folder: string): Promise<RecordsCopy> => {
  const databases = await readDatabases(folder)
  const transaction = databases.root.useReadTransaction()
  const options = { transaction, snapshot: true }
  const number = (name: string): number => Number(databases.marks.get(name, { transaction }) ?? 0)

  let count = 0
  const turn = async (): Promise<void> => {
    count += 1
    if (count % AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  async function* accounts(): AsyncGenerator<Account> {
    for (const { value } of databases.documents.getRange(options)) {
      yield JSON.parse(value) as Account
      await turn()
    }
  }
  async function* lines(): AsyncGenerator<RecordLine> {
    for (const mark of MARKS) if (number(mark) > 0) yield { mark, value: number(mark) }
    for await (const account of accounts()) yield { account }
    for (const { key, value } of databases.blobs.getRange(options)) {
      yield { blob: key, bytes: Buffer.from(value).toString('base64') }
      await turn()
    }
    for (const { key, value } of databases.log.getRange(options)) {
      yield { log: key[0], entry: JSON.parse(value) as LogEntry }
      await turn()
    }
  }
  return {
    generation: number('generation'),
    lines: lines(),
    accounts,
    async close() {
      transaction.done()
      await databases.root.close()
    },
  }
}

export async function* keyLines(folder: string): AsyncGenerator<KeyLine | CheckLine> {
  const check = await readText(join(folder, CHECK_FILE))
  if (check !== null) yield { check }
  for (const part of await readdir(folder)) {
    if (!PART.test(part)) continue
    for (const name of await readdir(join(folder, part))) {
      if (!name.endsWith('.json')) continue
      const { highWater, keys, ended = [] } = parseKeys(await readText(join(folder, part, name)))
      const sealed = Object.entries(keys).map(([epoch, value]) => [Number(epoch), value] as const)
      yield { keys: name.slice(0, -'.json'.length), highWater, sealed, ended }
    }
  }
}
