/**
 * The thread in which the queue's database runs. PGlite is synchronous WebAssembly: on the server's own event loop it would
 * hold up every request for 7 ms per job and for half a second at the start.
 */
import { PGlite } from '@electric-sql/pglite'
import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ThreadStart, ToThread } from './pglite-messages.ts'
import { prepareFolder } from './queue-folder.ts'

/**
 * Small buffers: the queue is small, and Postgres' default of 128 MB is memory touched for nothing (measured: 160 MB of
 * resident memory less). Single-user Postgres keeps every WAL segment until a checkpoint, whatever these say in between.
 */
const SETTINGS = [
  ['shared_buffers', '4MB'],
  ['min_wal_size', '32MB'],
  ['max_wal_size', '48MB'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`])

/** Single-user Postgres has no autovacuum and no checkpointer: without this the folder grows for ever. */
const QUERIES_BETWEEN_UPKEEP = 20_000

const port = parentPort
if (port === null) throw new Error('pglite-thread runs as a worker thread only')
const send = (message: FromThread) => port.postMessage(message)

const { folder } = workerData as ThreadStart
await prepareFolder(folder)
const db = await PGlite.create({
  dataDir: folder,
  startParams: [...PGlite.defaultStartParams, ...SETTINGS],
})
db.onNotification((channel, payload) => send({ kind: 'notification', channel, payload }))

const query = async (text: string, params: readonly unknown[]) => {
  // A statement with parameters goes by the extended protocol; migrations are many statements in one text and cannot.
  if (params.length > 0) return db.query(text, [...params])
  const results = await db.exec(text)
  return results.at(-1)
}

const upkeep = async () => {
  await db.exec('VACUUM')
  await db.exec('CHECKPOINT')
}

const textOf = (thrown: object, field: string): string | null => {
  const value: unknown = Reflect.get(thrown, field)
  return typeof value === 'string' ? value : null
}

let queries = 0
port.on('message', async (message: ToThread) => {
  if (message.kind === 'close') {
    await upkeep().catch(() => undefined)
    await db.close().catch(() => undefined)
    port.close()
    return
  }
  const { id } = message
  try {
    const result = await query(message.text, message.params)
    send({ kind: 'rows', id, rows: result?.rows ?? [], rowCount: result?.rowCount ?? null })
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error('query failed')
    send({
      kind: 'error',
      id,
      error: { message: error.message, code: textOf(error, 'code'), detail: textOf(error, 'detail') },
    })
  }
  queries += 1
  if (queries % QUERIES_BETWEEN_UPKEEP === 0) await upkeep().catch(() => undefined)
})
send({ kind: 'ready' })
