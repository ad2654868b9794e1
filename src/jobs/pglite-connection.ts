/**
 * One running queue database: a thread, and queries sent to it.
 */
import type { PgQueryResult, PgQueryable } from 'bullmq'
import { Worker } from 'node:worker_threads'
import { CLOSING } from '../closing.ts'
import type { FromThread, QueryFailure, ThreadStart, ToThread } from './pglite-messages.ts'

export interface PgliteConnection extends PgQueryable {
  /** Lets running queries end, then closes the database. Kills the thread if that takes longer than closing.ts says. */
  close(): Promise<void>
  /** Ends the thread now. What it was doing is lost, as by kill -9. */
  kill(): Promise<void>
}

export interface ConnectOptions {
  /** Made if it does not exist. */
  readonly folder: string
  readonly startWithinMs: number
  readonly onNotification: (channel: string, payload: string) => void
  /** The thread ended and nobody had asked for it. Called once, and only after it was ready. */
  readonly onEnded: () => void
}

/** A query, or the start, that failed. `code`: SQLSTATE, or QUEUE_ENDED, QUEUE_START. */
export class QueueDatabaseError extends Error {
  override readonly name = 'QueueDatabaseError'
  readonly code: string
  readonly detail: string | null
  constructor({ message, code, detail }: QueryFailure) {
    super(message)
    this.code = code ?? 'QUEUE_QUERY'
    this.detail = detail
  }
}

const failure = (code: string, message: string) => new QueueDatabaseError({ code, message, detail: null })

// Sources are TypeScript, which a thread of Node 20 cannot load by itself.
const ENTRY = import.meta.url.endsWith('.ts') ? './pglite-thread-from-source.mjs' : './pglite-thread.js'

/** Starts the thread and waits until its database answers. Rejects, with nothing left running, if it does not. */
export const connectPglite = async (options: ConnectOptions): Promise<PgliteConnection> => {
  const start: ThreadStart = { folder: options.folder }
  // No environment: secrets of the service have no business in this thread.
  const thread = new Worker(new URL(ENTRY, import.meta.url), { workerData: start, env: {}, execArgv: [] })
  const waiting = new Map<
    number,
    { resolve: (result: PgQueryResult) => void; reject: (error: Error) => void }
  >()
  let lastId = 0
  let state: 'starting' | 'ready' | 'closing' | 'ended' = 'starting'

  const ended = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      const unasked = state === 'ready'
      state = 'ended'
      for (const { reject } of waiting.values()) reject(failure('QUEUE_ENDED', 'the queue database ended'))
      waiting.clear()
      resolve()
      if (unasked) options.onEnded()
    })
  })

  const settle = (message: FromThread) => {
    if (message.kind === 'notification') options.onNotification(message.channel, message.payload)
    if (message.kind !== 'rows' && message.kind !== 'error') return
    const query = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.kind === 'rows') query?.resolve({ rows: [...message.rows], rowCount: message.rowCount })
    else query?.reject(new QueueDatabaseError(message.error))
  }

  const post = (message: ToThread) => thread.postMessage(message)

  const kill = async () => {
    if (state !== 'ended') state = 'closing'
    await thread.terminate()
    await ended
  }

  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(failure('QUEUE_START', 'the queue database took too long to start')),
        options.startWithinMs,
      )
      thread.on('message', (message: FromThread) => {
        if (message.kind !== 'ready') return settle(message)
        clearTimeout(timer)
        resolve()
      })
      // Also keeps an error in the thread, which 'exit' follows, from becoming an uncaught one of the server.
      thread.on('error', () => reject(failure('QUEUE_START', 'the queue database did not start')))
      thread.once('exit', () => {
        clearTimeout(timer)
        reject(failure('QUEUE_START', 'the queue database did not start'))
      })
    })
  } catch (error) {
    await kill()
    throw error
  }
  state = 'ready'

  return {
    query: <R>(text: string, params: readonly unknown[] = []) =>
      new Promise<PgQueryResult<R>>((resolve, reject) => {
        if (state !== 'ready') {
          reject(failure('QUEUE_ENDED', 'the queue database ended'))
          return
        }
        lastId += 1
        waiting.set(lastId, { resolve, reject })
        post({ kind: 'query', id: lastId, text, params })
      }),
    close: async () => {
      if (state !== 'ready') return
      state = 'closing'
      post({ kind: 'close' })
      const timer = setTimeout(() => void thread.terminate(), CLOSING.queueMs)
      await ended
      clearTimeout(timer)
    },
    kill,
  }
}
