/**
 * Records in one LMDB file, for one process. The lock on the data folder is its caller's: see lock.ts.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import type { Account, LogEntry } from '../../domain/account.ts'
import type { Backlog, CommitConditions, CommitOutcome, Loaded, Records } from '../../use-cases/ports.ts'
import { restarted } from '../../domain/restart.ts'
import { ProcessClock } from './clock.ts'
import type { TimeSources } from './clock.ts'
import { markSchema, openDatabases } from './databases.ts'
import type { Databases } from './databases.ts'
import { headOf, offersTo, ownersWith, readHead, removeHead, replaceHead } from './indexes.ts'
import { claimKept, pruneKept, recallKept, rememberKept } from './kept.ts'
import { Writes } from './writes.ts'

/** How stale the persisted mark of the clock may become while the records are only read. */
const MARK_MS = 30_000
const PRUNE_LIMIT = 1_000

export interface EmbeddedRecords extends Records {
  /** Forgets expired claims and answers, at most 1,000 at a time; resolves to how many. */
  prune(): Promise<number>
  /** What {@link EmbeddedRecords.raiseGeneration} last wrote; 0 before it ever did. */
  generation(): number
  /** Writes the number that says how old these records are; durable when it resolves. For restore-guard.ts. */
  raiseGeneration(generation: number): Promise<void>
  /** Notes durably that these records come from a backup, and lets everything that starts anew fall due at once. */
  markRestored(): Promise<void>
}

/**
 * Opens or creates the records in `folder` (mode 0700). Throws RecordsTooNew, or lmdb's error for a broken file.
 * With a clock that is behind it still opens; every method that needs the time then throws `clock_behind`.
 */
export const openEmbeddedRecords = async (options: {
  readonly folder: string
  readonly clock?: TimeSources
}): Promise<EmbeddedRecords> => {
  const databases = await openDatabases(options.folder)
  const clock = new ProcessClock(Number(databases.marks.get('clock') ?? 0), options.clock)
  const records = new LmdbRecords(databases, clock, new Writes(databases, options.folder))
  await records.prune().catch((error: unknown) => {
    // A full disk or a clock behind must not keep the service from starting and saying so.
    if (!(error instanceof HoldfastError)) throw error
  })
  return records
}

class LmdbRecords implements EmbeddedRecords {
  readonly #databases: Databases
  readonly #clock: ProcessClock
  readonly #writes: Writes
  #markedAt = 0
  #closed = false

  constructor(databases: Databases, clock: ProcessClock, writes: Writes) {
    this.#databases = databases
    this.#clock = clock
    this.#writes = writes
  }

  async load(account: string): Promise<Loaded | null> {
    const { documents, marks, unrelayed } = this.#open()
    const text = documents.get(account)
    if (text === undefined) return null
    const loaded = {
      account: JSON.parse(text) as Account,
      now: this.#readClock(),
      unrelayed: unrelayed.doesExist(account),
    }
    const restored = marks.get('restored')
    return restored === undefined ? loaded : { ...loaded, restoredAt: Number(restored) }
  }

  async loadAll(accounts: readonly string[]): Promise<readonly Loaded[]> {
    const loaded = await Promise.all(accounts.map((account) => this.load(account)))
    return loaded.filter((one) => one !== null)
  }

  async now(): Promise<number> {
    this.#open()
    return this.#readClock()
  }

  async commit(next: Account, conditions: CommitConditions): Promise<CommitOutcome> {
    const { ifRevision, notBefore = -Infinity, notAfter = Infinity, blobs = [], entries = [] } = conditions
    // All encoding is done before the transaction, which holds the event loop.
    const document: Account = { ...next, revision: ifRevision + 1 }
    const text = JSON.stringify(document)
    const head = headOf(document)
    const lines = entries.map((entry) => ({ sequence: entry.sequence, text: JSON.stringify(entry) }))
    // Copies, since the caller may wipe its own before the batch is written.
    const ciphertexts = blobs.map(({ hash, bytes }) => ({ hash, bytes: new Uint8Array(bytes) }))
    const databases = this.#open()
    return this.#write((now): CommitOutcome => {
      const before = readHead(databases, next.id)
      if ((before?.revision ?? 0) !== ifRevision) return 'moved'
      if (now < notBefore) return 'early'
      if (now >= notAfter) return 'late'
      for (const { hash, bytes } of ciphertexts) void databases.blobs.put(hash, bytes)
      for (const line of lines) {
        const key: [string, number] = [next.id, line.sequence]
        if (!databases.log.doesExist(key)) void databases.log.put(key, line.text)
      }
      void databases.documents.put(next.id, text)
      replaceHead(databases, next.id, before, head)
      return 'committed'
    })
  }

  async forget(account: string, ifRevision: number): Promise<'committed' | 'moved'> {
    const databases = this.#open()
    return this.#write(() => {
      const before = readHead(databases, account)
      if (before === null || before.revision !== ifRevision) return 'moved'
      removeHead(databases, account, before)
      void databases.documents.remove(account)
      const lines = databases.log.getKeys({ start: [account, 0], end: [account, Infinity] })
      for (const key of [...lines]) void databases.log.remove(key)
      return 'committed'
    })
  }

  async due(limit: number): Promise<readonly string[]> {
    const end: [number, string] = [this.#readClock() + 1, '']
    return [...this.#open().due.getKeys({ end, limit })].map(([, account]) => account)
  }

  async upcoming(
    until: number,
    limit: number,
  ): Promise<readonly { readonly account: string; readonly dueAt: number }[]> {
    const start: [number, string] = [this.#readClock() + 1, '']
    const end: [number, string] = [until + 1, '']
    const keys = [...this.#open().due.getKeys({ start, end, limit })]
    return keys.map(([dueAt, account]) => ({ account, dueAt }))
  }

  async unrelayed(limit: number): Promise<readonly string[]> {
    return [...this.#open().unrelayed.getKeys({ limit })]
  }

  async accounts(after: string | null, limit: number): Promise<readonly string[]> {
    const from = after === null ? {} : { start: after, exclusiveStart: true }
    return [...this.#open().documents.getKeys({ ...from, limit })]
  }

  async backlog(limit: number): Promise<Backlog> {
    const { due, unrelayed } = this.#open()
    const end: [number, string] = [this.#readClock() + 1, '']
    const [first] = [...due.getKeys({ end, limit: 1 })]
    return {
      // Its own count of keys takes no heed of a limit.
      due: [...due.getKeys({ end, limit })].length,
      oldestDueAt: first?.[0] ?? null,
      unrelayed: [...unrelayed.getKeys({ limit })].length,
    }
  }

  async circlesWith(contact: string): Promise<readonly string[]> {
    return ownersWith(this.#open(), contact)
  }

  async offersTo(contact: string, limit: number): Promise<readonly string[]> {
    return offersTo(this.#open(), contact, limit)
  }

  async readBlob(hash: string): Promise<Uint8Array | null> {
    const bytes = this.#open().blobs.get(hash)
    // A plain array of its own: libraries refuse Buffers, and lmdb reuses its memory.
    return bytes === undefined ? null : new Uint8Array(bytes)
  }

  async readBlobs(hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const read = await Promise.all(hashes.map(async (hash) => [hash, await this.readBlob(hash)] as const))
    return new Map(read.flatMap(([hash, bytes]) => (bytes === null ? [] : [[hash, bytes]])))
  }

  async eraseBlob(hash: string): Promise<void> {
    const { blobs } = this.#open()
    await this.#writes.run(() => void blobs.remove(hash))
  }

  async readLog(account: string, after: number, limit: number): Promise<readonly LogEntry[]> {
    const start: [string, number] = [account, after]
    const end: [string, number] = [account, Infinity]
    const range = this.#open().log.getRange({ start, exclusiveStart: true, end, limit })
    return [...range].map(({ value }) => JSON.parse(value) as LogEntry)
  }

  async claim(key: string, expiresAt: number): Promise<boolean> {
    const databases = this.#open()
    return this.#write((now) => claimKept(databases, key, expiresAt, now))
  }

  async remember(key: string, value: string, expiresAt: number): Promise<void> {
    const databases = this.#open()
    await this.#write((now) => rememberKept(databases, key, value, expiresAt, now))
  }

  async recall(key: string): Promise<string | null> {
    return recallKept(this.#open(), key, this.#readClock())
  }

  async prune(): Promise<number> {
    const databases = this.#open()
    return this.#write((now) => pruneKept(databases, PRUNE_LIMIT, now))
  }

  generation(): number {
    return Number(this.#open().marks.get('generation') ?? 0)
  }

  async raiseGeneration(generation: number): Promise<void> {
    const { marks } = this.#open()
    await this.#writes.run(() => void marks.put('generation', String(generation)))
  }

  async markRestored(): Promise<void> {
    const databases = this.#open()
    await this.#write((now) => {
      void databases.marks.put('restored', String(now))
      for (const { key, value } of databases.documents.getRange({})) {
        const account = JSON.parse(value) as Account
        const head = readHead(databases, key)
        // At once: else nobody would look at a releasable request until its time is over, and its owner not be told.
        if (head !== null && restarted(account, now) !== account)
          replaceHead(databases, key, head, { ...head, dueAt: now })
      }
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writes.close()
    await this.#databases.root.close()
  }

  #open(): Databases {
    if (this.#closed) throw new HoldfastError('unavailable')
    return this.#databases
  }

  /** A write judged by the clock as it is inside the transaction, which also keeps the clock's mark. */
  #write<T>(act: (now: number) => T): Promise<T> {
    return this.#writes.run(() => {
      const now = this.#clock.now()
      this.#keepMark(now)
      return act(now)
    })
  }

  #keepMark(now: number): void {
    markSchema(this.#databases)
    void this.#databases.marks.put('clock', String(now))
    this.#markedAt = now
  }

  #readClock(): number {
    const now = this.#clock.now()
    if (now - this.#markedAt >= MARK_MS) {
      this.#markedAt = now
      // Only a later start needs it; if it cannot be written, the next commit says so.
      this.#writes.run(() => this.#keepMark(now)).catch(() => undefined)
    }
    return now
  }
}
