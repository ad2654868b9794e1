/**
 * Records in MongoDB, for any number of processes. Its clock is the server's.
 */
import type { Connection } from 'mongoose'
import { HoldfastError } from '@holdfast/client/protocol'
import type { Account, LogEntry } from '../../domain/account.ts'
import type { Backlog, CommitConditions, CommitOutcome, Loaded, Records } from '../../use-cases/ports.ts'
import { eraseCopies, readCopies } from './blobs.ts'
import { commitAccount } from './commit.ts'
import { connectMongo, refuseUnreplicated } from './connection.ts'
import { forgetAccount } from './forget.ts'
import type { MongoPlace } from './connection.ts'
import { STORE_NOW, instantOf } from './instants.ts'
import { keepFirst, recallKept } from './kept.ts'
import { readEntries } from './log.ts'
import { verifyMigrated } from './migration.ts'
import { nowOf } from './now.ts'
import { collectionsOn } from './schemas.ts'
import type { Collections } from './schemas.ts'
import { orStoreError } from './store-error.ts'

const LOADED_AT_ONCE = 64

/**
 * Opens records that `migrate` has prepared. Throws MongoNotReplicated, RecordsNotMigrated, DatabaseTooNew, or HoldfastError `unavailable`.
 */
export const openMongoRecords = async (
  place: MongoPlace,
  /** When the records were last found to have been restored, as far as is known: restore-guard.ts. */
  restoredAt: () => number | null = () => null,
): Promise<Records> => {
  const connection = await connectMongo(place)
  try {
    await refuseUnreplicated(connection)
    const collections = collectionsOn(connection)
    await verifyMigrated(connection.name, collections)
    return new MongoRecords(connection, collections, restoredAt)
  } catch (error) {
    await connection.close()
    throw error
  }
}

class MongoRecords implements Records {
  readonly #connection: Connection
  readonly #collections: Collections
  readonly #restoredAt: () => number | null
  #closed = false

  constructor(connection: Connection, collections: Collections, restoredAt: () => number | null) {
    this.#connection = connection
    this.#collections = collections
    this.#restoredAt = restoredAt
  }

  async load(account: string): Promise<Loaded | null> {
    return (await this.#loaded({ _id: account }))[0] ?? null
  }

  async loadAll(ids: readonly string[]): Promise<readonly Loaded[]> {
    const found: Loaded[] = []
    // A few at a time: documents are made of bytes in one piece, and nobody else is served meanwhile.
    for (let from = 0; from < ids.length; from += LOADED_AT_ONCE)
      found.push(...(await this.#loaded({ _id: { $in: ids.slice(from, from + LOADED_AT_ONCE) } })))
    const loaded = new Map(found.map((one) => [one.account.id, one]))
    return ids.flatMap((id) => loaded.get(id) ?? [])
  }

  #loaded(condition: { readonly _id: string | { readonly $in: readonly string[] } }): Promise<Loaded[]> {
    return this.#run(async ({ accounts }) => {
      const rows = await accounts.aggregate<{ document?: Account; unrelayed?: true; now: number }>([
        { $match: condition },
        { $project: { document: 1, unrelayed: 1, now: STORE_NOW } },
      ])
      const restoredAt = this.#restoredAt()
      const restored = restoredAt === null ? {} : { restoredAt }
      // A place that was held and never committed to has no document.
      return rows.flatMap(({ document, unrelayed = false, now }) =>
        document === undefined ? [] : [{ account: document, now, unrelayed, ...restored }],
      )
    })
  }

  now(): Promise<number> {
    return this.#run(nowOf)
  }

  commit(next: Account, conditions: CommitConditions): Promise<CommitOutcome> {
    return this.#run((collections) => commitAccount(collections, next, conditions))
  }

  forget(account: string, ifRevision: number): Promise<'committed' | 'moved'> {
    return this.#run((collections) => forgetAccount(collections, account, ifRevision))
  }

  due(limit: number): Promise<readonly string[]> {
    return this.#run(async (collections) => {
      if (limit <= 0) return []
      const dueAt = { $lte: await nowOf(collections) }
      const rows = await collections.accounts
        .find({ dueAt }, { _id: 1 })
        .sort({ dueAt: 1 })
        .limit(limit)
        .lean()
      return rows.map(({ _id }) => _id)
    })
  }

  upcoming(
    until: number,
    limit: number,
  ): Promise<readonly { readonly account: string; readonly dueAt: number }[]> {
    return this.#run(async (collections) => {
      if (limit <= 0) return []
      const dueAt = { $gt: await nowOf(collections), $lte: instantOf(until) }
      const query = collections.accounts.find({ dueAt }, { dueAt: 1 }).sort({ dueAt: 1 }).limit(limit)
      return (await query.lean()).flatMap(({ _id, dueAt }) =>
        dueAt === undefined ? [] : [{ account: _id, dueAt }],
      )
    })
  }

  unrelayed(limit: number): Promise<readonly string[]> {
    return this.#run(async ({ accounts }) => {
      if (limit <= 0) return []
      const rows = await accounts.find({ unrelayed: true }, { _id: 1 }).limit(limit).lean()
      return rows.map(({ _id }) => _id)
    })
  }

  accounts(after: string | null, limit: number): Promise<readonly string[]> {
    return this.#run(async ({ accounts }) => {
      if (limit <= 0) return []
      // No id is empty: a bound on the first step, too, lets every step run along the index.
      const rows = await accounts
        .find({ _id: { $gt: after ?? '' }, revision: { $gt: 0 } }, { _id: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .lean()
      return rows.map(({ _id }) => _id)
    })
  }

  backlog(limit: number): Promise<Backlog> {
    return this.#run(async (collections) => {
      const { accounts } = collections
      const dueAt = { $lte: await nowOf(collections) }
      const [first, due, unrelayed] = await Promise.all([
        accounts.findOne({ dueAt }, { dueAt: 1 }).sort({ dueAt: 1 }).lean(),
        accounts.countDocuments({ dueAt }).limit(limit),
        accounts.countDocuments({ unrelayed: true }).limit(limit),
      ])
      return { due, oldestDueAt: first?.dueAt ?? null, unrelayed }
    })
  }

  circlesWith(contact: string): Promise<readonly string[]> {
    return this.#run(async ({ accounts }) => {
      const rows = await accounts.find({ contacts: contact }, { _id: 1 }).lean()
      return rows.map(({ _id }) => _id)
    })
  }

  offersTo(contact: string, limit: number): Promise<readonly string[]> {
    return this.#run(async ({ accounts }) => {
      if (limit <= 0) return []
      const rows = await accounts.aggregate<{ _id: string }>([
        { $match: { 'offers.contact': contact } },
        { $unwind: '$offers' },
        { $match: { 'offers.contact': contact } },
        { $sort: { 'offers.at': -1 } },
        { $limit: limit },
        { $project: { _id: 1 } },
      ])
      return rows.map(({ _id }) => _id)
    })
  }

  async readBlob(hash: string): Promise<Uint8Array | null> {
    return (await this.readBlobs([hash])).get(hash) ?? null
  }

  readBlobs(hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#run((collections) => readCopies(collections, hashes))
  }

  eraseBlob(hash: string, revision: number): Promise<void> {
    return this.#run((collections) => eraseCopies(collections, hash, revision))
  }

  readLog(account: string, after: number, limit: number): Promise<readonly LogEntry[]> {
    return this.#run((collections) => readEntries(collections, account, after, limit))
  }

  claim(key: string, expiresAt: number): Promise<boolean> {
    return this.#run(({ claims }) => keepFirst(claims, key, expiresAt))
  }

  async remember(key: string, value: string, expiresAt: number): Promise<void> {
    await this.#run(({ remembered }) => keepFirst(remembered, key, expiresAt, value))
  }

  recall(key: string): Promise<string | null> {
    return this.#run(({ remembered }) => recallKept(remembered, key))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#connection.close()
  }

  async #run<T>(act: (collections: Collections) => Promise<T>): Promise<T> {
    if (this.#closed) throw new HoldfastError('unavailable')
    return orStoreError(() => act(this.#collections))
  }
}
