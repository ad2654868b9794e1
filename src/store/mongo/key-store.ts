/**
 * Keys of release factors in a database of their own, apart from the records and their backups: one row per account. Every
 * change is one write that the server makes alone, so that processes need not take turns.
 *
 * [Note: What erasing means here] An erased key leaves its row at once. What MongoDB itself keeps of the old row, it keeps
 * for a time of its own: its pages until they are written over, its oplog for as long as that is configured to reach back,
 * and both only sealed under the wrapping key, which is in no database. docs/SECURITY.md says no more than that.
 */
import type { Connection, Model } from 'mongoose'
import { HoldfastError, Secret, equalBytes } from '@holdfast/client/protocol'
import type { KeyStore } from '../../use-cases/ports.ts'
import { KeysMissing, WrongWrappingKey } from '../embedded/key-store.ts'
import { KeyWrap } from '../embedded/key-wrap.ts'
import type { KeyRing } from '../key-ring.ts'
import { connectMongo } from './connection.ts'
import type { MongoPlace } from './connection.ts'
import { CHECK, ENDED_KEPT, isKeysRow, keyModels, type CheckRow, type KeysRow } from './key-rows.ts'
import { isDuplicate, orStoreError } from './store-error.ts'

export interface MongoKeyStore extends KeyStore {
  close(): Promise<void>
}

/** Throws WrongWrappingKey, KeysMissing, RangeError for a short key, or HoldfastError `unavailable`. */
export const openMongoKeyStore = async (
  options: MongoPlace & {
    readonly wrappingKey: Secret | KeyRing
    /** False where there are records already, so that a database without keys is a mistake. Always true unless given. */
    readonly mayBeNew?: () => Promise<boolean>
  },
): Promise<MongoKeyStore> => {
  const wrap = new KeyWrap(options.wrappingKey)
  const connection = await connectMongo(options)
  try {
    const { rows, checks } = keyModels(connection)
    await verifyWrappingKey(connection, { rows, checks }, wrap, options.mayBeNew ?? (async () => true))
    return new RowKeyStore(connection, { rows, checks }, wrap)
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Opens the check, or writes one where there are no keys. A wrong key must be noticed before it seals anything. */
const verifyWrappingKey = async (
  connection: Connection,
  { rows, checks }: { readonly rows: Model<KeysRow>; readonly checks: Model<CheckRow> },
  wrap: KeyWrap,
  mayBeNew: () => Promise<boolean>,
): Promise<void> => {
  const place = `database "${connection.name}"`
  const wrong = new WrongWrappingKey(place)
  const read = () => orStoreError(() => checks.findOne({ _id: CHECK }).lean())
  let check = await read()
  if (check === null) {
    // Keys without the check: a copy that left it out. Which key they need cannot be known here.
    if ((await orStoreError(() => rows.exists({}))) !== null) throw wrong
    // Looked for once more after that: another process that starts here for the first time writes it before there are records.
    if (!(await mayBeNew()) && (await read()) === null) throw new KeysMissing(place)
    const sealed = wrap.seal(CHECK, 0, Secret.of(new Uint8Array(32)))
    await orStoreError(() =>
      checks.insertMany([{ _id: CHECK, sealed }], { lean: true }).catch((error: unknown) => {
        if (!isDuplicate(error)) throw error
      }),
    )
    check = await read()
  }
  try {
    wrap.open(CHECK, 0, check?.sealed ?? '').erase()
  } catch {
    throw wrong
  }
}

class RowKeyStore implements MongoKeyStore {
  readonly #connection: Connection
  readonly #rows: Model<KeysRow>
  readonly #checks: Model<CheckRow>
  readonly #wrap: KeyWrap
  #closed = false

  constructor(
    connection: Connection,
    { rows, checks }: { readonly rows: Model<KeysRow>; readonly checks: Model<CheckRow> },
    wrap: KeyWrap,
  ) {
    this.#connection = connection
    this.#rows = rows
    this.#checks = checks
    this.#wrap = wrap
  }

  async check(): Promise<void> {
    const check = await this.#run(() => this.#checks.findOne({ _id: CHECK }).lean())
    if (check === null) throw new HoldfastError('unavailable')
    this.#wrap.open(CHECK, 0, check.sealed).erase()
  }

  /** Throws `epoch_rejected` below the high-water mark, or where another key stands for the epoch: read that one first. */
  async keep(account: string, epoch: number, key: Secret): Promise<void> {
    // A damaged row is reported, not written to.
    if ((await this.#load(account)) === null) await this.#hold(account)
    const sealed = this.#wrap.seal(account, epoch, key)
    const kept = await this.#run(() =>
      this.#rows.updateOne(
        { _id: account, highWater: { $lte: epoch }, 'keys.epoch': { $ne: epoch } },
        { $push: { keys: { epoch, sealed } } },
      ),
    )
    if (kept.matchedCount === 1) return
    const standing = await this.read(account, epoch)
    const same = standing !== null && equalBytes(standing.expose(), key.expose())
    standing?.erase()
    if (!same) throw new HoldfastError('epoch_rejected')
  }

  async read(account: string, epoch: number): Promise<Secret | null> {
    const row = await this.#load(account)
    const key = row?.keys.find((kept) => kept.epoch === epoch)
    return row === null || key === undefined || epoch < row.highWater
      ? null
      : this.#wrap.open(account, epoch, key.sealed)
  }

  async erase(account: string, epoch: number): Promise<void> {
    await this.#run(() => this.#rows.updateOne({ _id: account }, { $pull: { keys: { epoch } } }))
  }

  async eraseBelow(account: string, epoch: number): Promise<void> {
    if ((await this.#load(account)) === null) await this.#hold(account)
    // Where the mark is higher already, nothing is left below it.
    await this.#run(() =>
      this.#rows.updateOne(
        { _id: account },
        { $max: { highWater: epoch }, $pull: { keys: { epoch: { $lt: epoch } } } },
      ),
    )
  }

  async highWater(account: string): Promise<number> {
    return (await this.#load(account))?.highWater ?? 0
  }

  async endRequest(account: string, recovery: string): Promise<void> {
    if ((await this.#load(account)) === null) await this.#hold(account)
    await this.#run(() =>
      this.#rows.updateOne(
        { _id: account, ended: { $ne: recovery } },
        { $push: { ended: { $each: [recovery], $slice: -ENDED_KEPT } } },
      ),
    )
  }

  async isEnded(account: string, recovery: string): Promise<boolean> {
    return (await this.#load(account))?.ended?.includes(recovery) === true
  }

  async reseal(account: string): Promise<number> {
    let resealed = 0
    for (const { epoch, sealed } of (await this.#load(account))?.keys ?? []) {
      if (this.#wrap.isCurrent(sealed)) continue
      const anew = this.#wrap.reseal(account, epoch, sealed)
      // Only where it still stands as it was read: it may have been erased, or another process was first.
      const { matchedCount } = await this.#run(() =>
        this.#rows.updateOne(
          { _id: account, keys: { $elemMatch: { epoch, sealed } } },
          { $set: { 'keys.$.sealed': anew } },
        ),
      )
      resealed += matchedCount
    }
    return resealed
  }

  async stale(): Promise<number> {
    let found = 0
    await this.#run(async () => {
      for await (const row of this.#rows.find({}, { keys: 1 }).lean().cursor())
        found += row.keys.filter(({ sealed }) => !this.#wrap.isCurrent(sealed)).length
    })
    return found
  }

  async isResealed(): Promise<boolean> {
    const check = await this.#run(() => this.#checks.findOne({ _id: CHECK }).lean())
    return this.#wrap.isCurrent(check?.sealed ?? '')
  }

  async noteResealed(): Promise<void> {
    const sealed = this.#wrap.seal(CHECK, 0, Secret.of(new Uint8Array(32)))
    await this.#run(() => this.#checks.updateOne({ _id: CHECK }, { $set: { sealed } }))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#connection.close()
  }

  /** An empty row, so that every change finds one. */
  async #hold(account: string): Promise<void> {
    const empty = { highWater: 0, keys: [] }
    await this.#run(() =>
      this.#rows
        .updateOne({ _id: account }, { $setOnInsert: empty }, { upsert: true })
        .catch((error: unknown) => {
          // Somebody else held it in between.
          if (!isDuplicate(error)) throw error
        }),
    )
  }

  /** Null for an account never seen. Throws `internal` for a damaged row: taking it for none would forget the mark. */
  async #load(account: string): Promise<KeysRow | null> {
    const row: unknown = await this.#run(() => this.#rows.findOne({ _id: account }).lean())
    if (row === null) return null
    if (isKeysRow(row)) return row
    throw new HoldfastError('internal')
  }

  async #run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new HoldfastError('unavailable')
    return orStoreError(act)
  }
}
