import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker as Thread } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { openPglite } from '../../src/jobs/pglite-pool.ts'
import { prepareFolder, setAside } from '../../src/jobs/queue-folder.ts'
import { makeFolder, makeReport, until } from './scene.ts'

const folder = makeFolder()
afterEach(() => folder.remove())
const aside = () => readdirSync(folder.parent).filter((name) => name.includes('.broken-'))
const jobs = 'SELECT count(*)::int AS jobs FROM job'

test('a folder is made, kept, put aside when unreadable, remade while running; a thread is restarted', async () => {
  const { report, of } = makeReport()
  const threads: Thread[] = []
  process.on('worker', (thread) => threads.push(thread))
  // Left by a process that was killed while it unpacked.
  mkdirSync(join(folder.parent, 'queue.unfinished', 'base'), { recursive: true })

  mkdirSync(join(folder.queue, 'global'), { recursive: true })
  writeFileSync(join(folder.queue, 'PG_VERSION'), '17\n')
  writeFileSync(join(folder.queue, 'global', 'pg_control'), 'not what Postgres wrote')
  const from = performance.now()
  const pool = await openPglite({ folder: folder.queue, report, restMs: 10 })
  const took = Math.round(performance.now() - from)
  expect(of('queue_folder_set_aside')).toHaveLength(1)
  expect(aside()).toHaveLength(1)
  expect((await pool.query(jobs)).rows).toEqual([{ jobs: 0 }])

  // The files vanish under the running database.
  rmSync(folder.queue, { recursive: true })
  await until('a query works again', () =>
    pool.query('SELECT count(*) FROM event').then(
      () => existsSync(join(folder.queue, 'PG_VERSION')),
      () => false,
    ),
  )
  expect(of('queue_folder_set_aside')).toHaveLength(2)
  expect((await pool.query(jobs)).rows).toEqual([{ jobs: 0 }])

  // The thread ends by itself.
  const client = await pool.connect()
  const told: Error[] = []
  client.on('error', (error) => told.push(error))
  const heard: unknown[] = []
  client.on('notification', (message) => heard.push(message))
  await client.query('LISTEN bullmq_jobs')
  await client.query("NOTIFY bullmq_jobs, 'before'")
  expect(heard).toEqual([{ channel: 'bullmq_jobs', payload: 'before' }])
  const cut = expect(pool.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ code: 'QUEUE_ENDED' })
  await threads.at(-1)?.terminate()
  await cut
  expect(of('queue_thread_ended')).toHaveLength(1)
  expect(told).toHaveLength(1)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  expect(of('queue_folder_set_aside')).toHaveLength(2)
  await pool.end()
  await expect(pool.query(jobs)).rejects.toThrow('Cannot use a pool after calling end')
  console.log(`a broken queue folder was put aside and replaced in ${took} ms`)
})

test('a folder that holds something else is refused, before PGlite would set up a database in it', async () => {
  mkdirSync(folder.queue, { recursive: true })
  writeFileSync(join(folder.queue, 'mine.txt'), 'not a database')
  await expect(prepareFolder(folder.queue)).rejects.toThrow('not a database folder')
  rmSync(join(folder.queue, 'mine.txt'))
  await prepareFolder(folder.queue)
  expect(readdirSync(folder.queue)).toContain('PG_VERSION')
})

test('of the folders put aside the latest two are kept', () => {
  mkdirSync(folder.parent)
  for (const now of [1, 20, 3, 100]) {
    mkdirSync(folder.queue)
    setAside(folder.queue, now)
  }
  expect(aside().toSorted()).toEqual(['queue.broken-100', 'queue.broken-20'])
})
