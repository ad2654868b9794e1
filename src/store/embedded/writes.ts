/**
 * All writes of the records, one batch at a time: what waits while one batch reaches the disk goes into the next, so that
 * a hundred commits at once cost one or two fsyncs and each still is a transaction of its own to its caller.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { statfsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/client/protocol'
import type { Databases } from './databases.ts'
import { storageError } from './disk-full.ts'

interface Write {
  readonly act: () => unknown
  readonly settle: (result: unknown) => void
  readonly fail: (error: unknown) => void
}

/** How long a batch may hold the event loop before it is closed. One write alone may take longer. */
const BATCH_MS = 10
/** What a probe for free space tries to write: more than a commit with its blobs needs. */
const PROBE_BYTES = 1 << 20
/** What must be free before a batch is written: more than one batch takes. */
const ROOM_BYTES = 8 << 20

export class Writes {
  readonly #databases: Databases
  readonly #folder: string
  #queue: Write[] = []
  #running: Promise<void> | null = null
  #closed = false

  constructor(databases: Databases, folder: string) {
    this.#databases = databases
    this.#folder = folder
  }

  /**
   * Runs `act` inside a write transaction and resolves to its result once that is durable. `act` must be synchronous, read
   * and write only these databases, and give the same when run again: after a failed batch each write is tried alone.
   * If it throws, nothing of it stays. Throws `storage_full` or `unavailable`.
   */
  run<T>(act: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new HoldfastError('unavailable'))
    const written = new Promise<T>((settle, fail) => {
      this.#queue.push({ act, settle: (result) => settle(result as T), fail })
    })
    this.#running ??= this.#drain()
    return written
  }

  /** Refuses further writes and resolves when those already accepted have ended. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #drain(): Promise<void> {
    // Everything that is asked for in this turn of the event loop shares the first batch.
    await nextTurn()
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      try {
        this.#refuseWithoutRoom()
        const done = await this.#transact(batch)
        this.#queue = [...batch.slice(done), ...this.#queue]
      } catch (error) {
        await this.#afterFailure(batch, error)
      }
    }
    this.#running = null
  }

  /** Commits as many writes, in order, as fit into {@link BATCH_MS}, settles them and returns their number. */
  async #transact(batch: readonly Write[]): Promise<number> {
    // A child transaction: the plain form would commit what was put before something threw.
    const transaction = this.#databases.root.childTransaction(() => {
      const done: unknown[] = []
      const endsAt = performance.now() + BATCH_MS
      for (const { act } of batch) {
        done.push(act())
        if (performance.now() > endsAt) break
      }
      return done
    })
    const results = await transaction.catch(async (error: unknown) => {
      throw await commitError(error)
    })
    results.forEach((result, at) => batch[at]?.settle(result))
    return results.length
  }

  /** Tries each alone, so that one write that cannot be stored does not fail those that came with it. */
  async #afterFailure(batch: readonly Write[], failure: unknown): Promise<void> {
    for (const write of batch) {
      try {
        if (batch.length === 1) throw failure
        this.#refuseWithoutRoom()
        await this.#transact([write])
      } catch (error) {
        write.fail(await this.#explain(error))
      }
    }
  }

  /**
   * [Note: Full before it is full] lmdb's own way out of a write that the disk refuses damages the memory of the process, which
   * then dies some refusals later. So it is not asked to write where there may be no room. The look takes microseconds; handed to a
   * thread it would wait behind signatures, and every batch with it.
   */
  #refuseWithoutRoom(): void {
    const { bavail, bsize } = statfsSync(this.#folder)
    if (bavail * bsize < ROOM_BYTES) throw new HoldfastError('storage_full')
  }

  async #explain(error: unknown): Promise<HoldfastError> {
    if (error instanceof HoldfastError) return error
    const { size } = await stat(join(this.#folder, 'data.mdb')).catch(() => ({ size: 0 }))
    return storageError(error, { folder: this.#folder, offset: size, bytes: PROBE_BYTES })
  }
}

/** lmdb hides why a commit failed in a promise of the error, which would go unhandled if nobody asked for it. */
const commitError = async (error: unknown): Promise<unknown> => {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (cause) {
    return cause
  }
}
