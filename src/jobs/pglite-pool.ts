/**
 * BullMQ's Postgres backend wants a `pg.Pool`. This is one, over a PGlite in a thread of this process: one session, which
 * every client shares (BullMQ opens a transaction in migrations only, and those run before anyone else has the session).
 *
 * [Note: The queue is disposable] Whatever happens to the database, the pool goes on: a thread that ended is started again, a
 * folder that cannot be read is put aside and made anew. Jobs that are lost that way come back from the records by the sweep.
 */
import { runMigrations, type PgPool, type PgPoolClient, type PgQueryResult } from 'bullmq'
import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf, type Report } from './incident.ts'
import { connectPglite, type PgliteConnection } from './pglite-connection.ts'
import { setAside } from './queue-folder.ts'

export interface OpenPgliteOptions {
  /** Nobody else may have it open: the service's own lock sees to that, PGlite does not. */
  readonly folder: string
  readonly report: Report
  readonly startWithinMs?: number
  /** Pause before a thread that ended is started again. */
  readonly restMs?: number
}

export interface PglitePool extends PgPool {
  /** Read by BullMQ: notifications come within this process and cannot get lost silently, so it need not poll. */
  readonly options: { readonly keepAlive: true }
}

const SCHEMA = 'bullmq'

/** SQLSTATEs that say that the files themselves are broken or gone: corrupted, index corrupted, I/O, undefined file. */
const BROKEN = new Set(['XX001', 'XX002', '58030', '58P01'])

type Query = <R>(text: string, params?: readonly unknown[]) => Promise<PgQueryResult<R>>

class SharedClient extends EventEmitter implements PgPoolClient {
  readonly query: Query
  readonly release: () => void
  constructor(query: Query, release: (client: SharedClient) => void) {
    super()
    this.query = query
    this.release = () => release(this)
  }
}

/** Opens the folder's database, making or remaking it as needed. Rejects if even a new one does not start. */
export const openPglite = async (options: OpenPgliteOptions): Promise<PglitePool> => {
  const { folder, report, startWithinMs = 20_000, restMs = 1_000 } = options
  const clients = new Set<SharedClient>()
  let current: Promise<PgliteConnection> | null = null
  let broken: string | null = null
  let restUntil = 0
  let closed = false

  const rest = (failed: unknown) => {
    current = null
    restUntil = performance.now() + restMs
    // BullMQ answers by asking for a new client and listening again. Without a listener 'error' would throw.
    for (const client of clients) if (client.listenerCount('error') > 0) client.emit('error', failed)
  }

  const connect = async (): Promise<PgliteConnection> => {
    const connection = await connectPglite({
      folder,
      startWithinMs,
      onNotification: (channel, payload) => {
        for (const client of clients) client.emit('notification', { channel, payload })
      },
      onEnded: () => {
        if (closed) return
        report({ event: 'queue_thread_ended', code: 'QUEUE_ENDED' })
        rest(new Error('the queue database ended'))
      },
    })
    try {
      await runMigrations(connection, SCHEMA)
      await connection.query(`SET search_path TO ${SCHEMA}`)
      // Reads every page of the table that matters, so that a torn one shows now.
      await connection.query('SELECT count(*) FROM job')
      return connection
    } catch (error) {
      await connection.kill()
      throw error
    }
  }

  const remake = (code: string) => {
    broken = null
    report({ event: 'queue_folder_set_aside', folder: setAside(folder, Date.now()), code })
    return connect()
  }

  const open = async (): Promise<PgliteConnection> => {
    const wait = restUntil - performance.now()
    if (wait > 0) await sleep(wait)
    if (broken !== null) return remake(broken)
    try {
      return await connect()
    } catch (error) {
      return await remake(codeOf(error))
    }
  }

  const connection = (): Promise<PgliteConnection> => {
    if (closed) return Promise.reject(new Error('Cannot use a pool after calling end on the pool'))
    if (current === null) {
      const opening = open()
      current = opening
      opening.catch((error: unknown) => {
        if (current === opening) rest(error)
      })
    }
    return current
  }

  const query: Query = async <R>(text: string, params?: readonly unknown[]) => {
    const using = await connection()
    try {
      return await using.query<R>(text, params)
    } catch (error) {
      const code = codeOf(error)
      if (BROKEN.has(code) && broken === null) {
        broken = code
        await using.kill()
        rest(error)
      }
      throw error
    }
  }

  const pool: PglitePool = {
    options: { keepAlive: true },
    query,
    connect: async () => {
      const client = new SharedClient(query, (released) => clients.delete(released))
      clients.add(client)
      return client
    },
    end: async () => {
      closed = true
      const using = await current?.catch(() => null)
      await using?.close()
    },
    // BullMQ listens for errors of idle connections here. There are none: the clients and the queries say what happens.
    on: () => pool,
    removeAllListeners: () => pool,
  }
  await connection()
  return pool
}
