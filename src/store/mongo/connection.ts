/**
 * A connection of its own per database, never mongoose's default one, so that two engines in one process do not meet.
 */
import { createConnection } from 'mongoose'
import type { Connection } from 'mongoose'
import { orStoreError } from './store-error.ts'

export interface MongoPlace {
  /** `mongodb://` or `mongodb+srv://`; may hold a password, so it is never logged. */
  readonly url: string
  /** Name of the database; without it the one in the URL, or MongoDB's default `test`. */
  readonly database?: string
}

/** Thrown at boot: one server alone, whose disk is the only one. A veto that it acknowledged could be lost with it. */
export class MongoNotReplicated extends Error {
  override readonly name = 'MongoNotReplicated'
  constructor() {
    super(
      'The MongoDB that MONGODB_URL names is no replica set. Start it as one (one member will do to try it out).',
    )
  }
}

/** Of a server's answer to `hello`: a member of a replica set has its name, and a router of a sharded cluster says what it is. */
export const isReplicated = (hello: { readonly setName?: unknown; readonly msg?: unknown }): boolean =>
  typeof hello.setName === 'string' || hello.msg === 'isdbgrid'

/** Throws {@link MongoNotReplicated} or HoldfastError `unavailable`. */
export const refuseUnreplicated = async (connection: Connection): Promise<void> => {
  const hello = await orStoreError(async () => (await connection.db?.admin().command({ hello: 1 })) ?? {})
  if (!isReplicated(hello)) throw new MongoNotReplicated()
}

/** Longer than an election takes, shorter than a request may: the caller is told `unavailable` instead of waiting. */
const SELECTION_MS = 5_000
/** A half-open connection is given up after this long without a byte. */
const SOCKET_MS = 10_000
/** Per process. What is asked beyond that waits here, where it costs the server nothing. */
const CONNECTIONS = 32
/** Longer than any request waits for its answer. */
const QUEUE_MS = 30_000

/**
 * Connects and throws HoldfastError `unavailable` if nobody answers.
 *
 * [Note: Majority both ways] A write counts once a majority has it in its journal, and only such writes are read. Read
 * locally, a release that is rolled back in an election could have been handed out, and a veto could then win as well. These stand
 * as single options, since grouped ones would give way to what the URL says.
 */
export const connectMongo = ({ url, database }: MongoPlace): Promise<Connection> =>
  orStoreError(() =>
    createConnection(url, {
      ...(database === undefined ? {} : { dbName: database }),
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      readConcernLevel: 'majority',
      readPreference: 'primary',
      retryWrites: true,
      maxPoolSize: CONNECTIONS,
      waitQueueTimeoutMS: QUEUE_MS,
      serverSelectionTimeoutMS: SELECTION_MS,
      connectTimeoutMS: SELECTION_MS,
      socketTimeoutMS: SOCKET_MS,
      w: 'majority',
      journal: true,
      wtimeoutMS: SOCKET_MS,
    }).asPromise(),
  )
