/**
 * The collections, their fields and their indexes. Every index stands beside the query it serves.
 *
 * Shaped for sharding by account: accounts by hashed `_id`; blobs by `hash`, which begins with the account's id; log
 * entries by hashed `account`; claims and answers by hashed `_id`. All that one account's requests read or write then lies
 * on the shard that the key names, but for four look-ups that ask every shard: due and unrelayed, which only sweeps use,
 * contacts and offers.
 */
import { Schema } from 'mongoose'
import type { Connection, Model } from 'mongoose'
import type { Account, LogEntry } from '../../domain/account.ts'

/** Raised when an older version could no longer work with what a newer one has written. */
export const SCHEMA = 1

/** The revision of an account that is being forgotten: no account to any reader, and its log goes before it does. */
export const FORGETTING = -1

export interface AccountRow {
  readonly _id: string
  /** 0 for a place that is held for an account which was never committed; {@link FORGETTING}. */
  readonly revision: number
  /** The document as plain JSON. Absent while the revision is 0. */
  readonly document?: Account
  /** Absent where nothing is pending, and so not in the index. A number and no date: nothing can expire by it. */
  readonly dueAt?: number
  /** Absent unless true. */
  readonly unrelayed?: true
  readonly contacts?: readonly string[]
  readonly offers?: readonly { readonly contact: string; readonly at: number }[]
  /** Log entries that this document has handed over and that may not have reached the log yet: log.ts. */
  readonly leaving?: readonly LogEntry[]
}

/** One copy of a ciphertext: blobs.ts says why there may be several. */
export interface BlobRow {
  /** Random. */
  readonly _id: string
  readonly hash: string
  readonly account: string
  /** The revision that names it, if the commit that brought it wins. */
  readonly revision: number
  /** Names that commit. */
  readonly attempt: string
  readonly bytes: Buffer
}

export interface LogRow {
  /** Account and sequence. */
  readonly _id: string
  readonly account: string
  readonly sequence: number
  readonly entry: LogEntry
}

export interface KeptRow {
  /** SHA-256 of the key, base64url: keys may be long, and may hold what nobody needs to read. */
  readonly _id: string
  readonly expiresAt: Date
  /** Absent in claims. */
  readonly value?: string
}

export interface MarkRow {
  readonly _id: string
  readonly version: number
}

/** Unknown fields throw, in documents and in filters: mongoose would otherwise drop them, and `{}` matches everything. */
export const STRICT = {
  strict: 'throw',
  strictQuery: 'throw',
  autoIndex: false,
  autoCreate: false,
  bufferCommands: false,
  id: false,
  // Empty objects are part of a document.
  minimize: false,
  // The revision is the only version there is, and `__v` would not move on our writes.
  versionKey: false,
} as const

const any = { type: Schema.Types.Mixed }
const text = { type: String, required: true }
const number = { type: Number, required: true }

const accounts = new Schema<AccountRow>(
  {
    _id: text,
    revision: number,
    document: any,
    dueAt: { type: Number },
    unrelayed: { type: Boolean },
    contacts: { type: [String], default: undefined },
    offers: { type: [any], default: undefined },
    leaving: { type: [any], default: undefined },
  },
  STRICT,
)
// load, commit: `_id`.
// due, upcoming: a range of dueAt in its order. Sparse: most accounts have nothing pending.
accounts.index({ dueAt: 1 }, { name: 'due', sparse: true })
// unrelayed: equality with true.
accounts.index({ unrelayed: 1 }, { name: 'unrelayed', sparse: true })
// circlesWith: equality with one contact.
accounts.index({ contacts: 1 }, { name: 'contacts', sparse: true })
// offersTo: equality with one contact; the newest are then taken from what it finds.
accounts.index({ 'offers.contact': 1 }, { name: 'offers', sparse: true })

const blobs = new Schema<BlobRow>(
  {
    _id: text,
    hash: text,
    account: text,
    revision: number,
    attempt: text,
    bytes: { type: Buffer, required: true },
  },
  STRICT,
)
// readBlob, readBlobs, eraseBlob, and taking back what a refused commit brought: equality with one hash or several.
blobs.index({ hash: 1 }, { name: 'hash' })

const log = new Schema<LogRow>(
  { _id: text, account: text, sequence: number, entry: { ...any, required: true } },
  STRICT,
)
// readLog: equality with one account and a range of its sequences, in their order.
log.index({ account: 1, sequence: 1 }, { name: 'log' })

/**
 * How long after its end a claim or an answer may still lie here. It no longer counts then; the hour keeps a server whose
 * clock is ahead from deleting a claim that still does.
 */
const EXPIRED_SECONDS = 3_600

const keptSchema = (): Schema<KeptRow> => {
  const schema = new Schema<KeptRow>(
    { _id: text, expiresAt: { type: Date, required: true }, value: { type: String } },
    STRICT,
  )
  // claim, remember, recall: `_id`. This one only lets MongoDB delete; nothing else in the records has such an index.
  schema.index({ expiresAt: 1 }, { name: 'expired', expireAfterSeconds: EXPIRED_SECONDS })
  return schema
}

const marks = new Schema<MarkRow>({ _id: text, version: number }, STRICT)

export interface Collections {
  readonly accounts: Model<AccountRow>
  readonly blobs: Model<BlobRow>
  readonly log: Model<LogRow>
  readonly claims: Model<KeptRow>
  readonly remembered: Model<KeptRow>
  /** `schema`, set by the migration; `generation` and `restored`: restore-guard.ts; `restoring`: restore.ts. */
  readonly marks: Model<MarkRow>
}

/** What a restore puts in the place of what was there: restore.ts. */
export const RESTORED = ['accounts', 'blobs', 'log'] as const

/** The collections in which a restore makes these, until all of it is there. Call once per connection. */
export const restoringOn = (connection: Connection): Pick<Collections, (typeof RESTORED)[number]> => ({
  accounts: connection.model<AccountRow>('accounts_restoring', accounts, 'accounts_restoring'),
  blobs: connection.model<BlobRow>('blobs_restoring', blobs, 'blobs_restoring'),
  log: connection.model<LogRow>('log_restoring', log, 'log_restoring'),
})

/** The models on one connection. Call once per connection. */
export const collectionsOn = (connection: Connection): Collections => ({
  accounts: connection.model<AccountRow>('accounts', accounts, 'accounts'),
  blobs: connection.model<BlobRow>('blobs', blobs, 'blobs'),
  log: connection.model<LogRow>('log', log, 'log'),
  claims: connection.model<KeptRow>('claims', keptSchema(), 'claims'),
  remembered: connection.model<KeptRow>('remembered', keptSchema(), 'remembered'),
  marks: connection.model<MarkRow>('marks', marks, 'marks'),
})
