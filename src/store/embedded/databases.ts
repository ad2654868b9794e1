/**
 * The LMDB file and the tables in it. Keys are strings or tuples in lmdb's ordered encoding; values are JSON text or raw bytes.
 */
import { access, chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { Database, RootDatabase } from 'lmdb'

type Text = Database<string, string>

export interface Databases {
  readonly root: RootDatabase
  /** account → JSON of the document. */
  readonly documents: Text
  /** account → JSON of its revision and of the index entries that stand for it: {@link Head}. */
  readonly heads: Text
  /** [dueAt, account]. */
  readonly due: Database<string, [number, string]>
  /** account. */
  readonly unrelayed: Text
  /** [contact, owner]. */
  readonly contacts: Database<string, [string, string]>
  /** [contact, minus the instant of the proposal, owner]: the newest comes first. */
  readonly offers: Database<string, [string, number, string]>
  /** hash → ciphertext. */
  readonly blobs: Database<Uint8Array, string>
  /** [account, sequence] → JSON of the entry. */
  readonly log: Database<string, [string, number]>
  /** hash of the key → JSON of what is kept, and until when. */
  readonly kept: Text
  /** [expiresAt, hash of the key]. */
  readonly expiries: Database<string, [number, string]>
  /** 'schema', 'clock', 'generation' and 'restored', decimal: see records.ts. */
  readonly marks: Text
}

/** What a look at the indexes needs without reading the whole document. */
export interface Head {
  readonly revision: number
  readonly dueAt: number | null
  readonly unrelayed: boolean
  readonly contacts: readonly string[]
  readonly offers: readonly { readonly contact: string; readonly at: number }[]
}

/** LMDB refuses empty values in places; index tables hold this one. */
export const PRESENT = '1'

const SCHEMA = 1

/** Thrown at boot: the folder was written by a newer version, which may keep what this one would overlook. */
export class RecordsTooNew extends Error {
  override readonly name = 'RecordsTooNew'
  constructor(folder: string) {
    super(
      `The records in ${folder} were written by a newer version of this service. Start that version instead.`,
    )
  }
}

/** Opens or creates the file in `folder`, readable by this user only. Throws {@link RecordsTooNew}. */
export const openDatabases = async (folder: string): Promise<Databases> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  return openIn(folder, false)
}

/** For reading alone, also while another process writes. Throws {@link RecordsTooNew}, or an error where there are none. */
export const readDatabases = async (folder: string): Promise<Databases> => {
  await access(join(folder, 'data.mdb'))
  return openIn(folder, true)
}

const openIn = async (folder: string, readOnly: boolean): Promise<Databases> => {
  const options = {
    path: folder,
    readOnly,
    noSubdir: false,
    maxDbs: 16,
    permissionsMode: 0o600,
    // A commit's promise then means fdatasync of the pages and a synchronous write of the root, as plain LMDB has it.
    overlappingSync: false,
    // Writes are gathered by Writes; lmdb's own batching leaves rejected promises that nobody can catch.
    eventTurnBatching: false,
  }
  const root = open(options)
  const text = { encoding: 'string' } as const
  const databases: Databases = {
    root,
    documents: root.openDB({ name: 'documents', ...text }),
    heads: root.openDB({ name: 'heads', ...text }),
    due: root.openDB({ name: 'due', ...text }),
    unrelayed: root.openDB({ name: 'unrelayed', ...text }),
    contacts: root.openDB({ name: 'contacts', ...text }),
    offers: root.openDB({ name: 'offers', ...text }),
    blobs: root.openDB({ name: 'blobs', encoding: 'binary' }),
    log: root.openDB({ name: 'log', ...text }),
    kept: root.openDB({ name: 'kept', ...text }),
    expiries: root.openDB({ name: 'expiries', ...text }),
    marks: root.openDB({ name: 'marks', ...text }),
  }
  const schema = Number(databases.marks.get('schema') ?? SCHEMA)
  if (schema > SCHEMA) {
    await root.close()
    throw new RecordsTooNew(folder)
  }
  return databases
}

/** Sets what a new file lacks. Call inside a write transaction. */
export const markSchema = ({ marks }: Databases): void => {
  if (marks.get('schema') === undefined) void marks.put('schema', String(SCHEMA))
}
