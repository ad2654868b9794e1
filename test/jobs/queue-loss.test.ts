import type { Queue } from 'bullmq'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { openQueueBackend } from '../../src/jobs/queue-backend.ts'
import { openQueueJobs } from '../../src/jobs/queue-jobs.ts'
import { runWorkers } from '../../workers/run-workers.ts'
import { accountId, DueList, makeFolder, makeReport, until } from './scene.ts'

const folder = makeFolder()
afterAll(() => folder.remove())

/** The queue in the folder, as the last test left it, and a store of its own to be due in. */
const open = async () => {
  const records = new DueList()
  const { report, incidents } = makeReport()
  const backend = await openQueueBackend({ engine: 'pglite', folder: folder.queue }, report)
  const jobs = openQueueJobs({ backend, now: records.now, report })
  const work = (sweepEveryMs = 60_000) =>
    runWorkers({ backend, records, jobs, handlers: records, report, sweepEveryMs })
  const wake = backend.openQueue('wake')
  const close = async () => {
    await jobs.close()
    await wake.close()
    await backend.close()
  }
  return { records, incidents, jobs, work, wake, close }
}

const allSettled = async (records: DueList, count: number) => {
  await until('all accounts are settled', () => records.settled.length === count, 15_000)
  const late = records.settled.map(({ lateMs }) => lateMs)
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
  return `${count} of ${count} settled, 0 early, late by at most ${Math.max(...late)} ms`
}

test('kill -9 of a busy process: the folder opens again, and no wake is lost or early', async () => {
  const execArgv = ['--import', 'tsx', '--conditions', 'holdfast-source']
  const child = fork(new URL('./busy-queue.ts', import.meta.url), [folder.queue, '1500', '100'], { execArgv })
  const [firstAt] = (await once(child, 'message')) as [number]
  child.kill('SIGKILL')
  await once(child, 'exit')

  const { records, incidents, work, wake, close } = await open()
  expect(incidents).toEqual([])
  expect((await wake.getJobCounts())['delayed']).toBe(100)
  for (let number = 0; number < 100; number += 1) records.dueAt.set(accountId(number), firstAt + number)
  // No sweep settles anything here: the only one lists nothing, and the next would come in a minute.
  const { due, upcoming } = records
  records.due = records.upcoming = async () => []
  const workers = await work()
  await workers.sweep.run()
  console.log(`after kill -9, from the queue alone: ${await allSettled(records, 100)}`)
  Object.assign(records, { due, upcoming })
  await workers.close()

  // The jobs vanish while the service runs, and the sweep settles what they were about.
  const again = await work(300)
  const at = records.clock() + 500
  for (let number = 0; number < 50; number += 1) records.dueAt.set(accountId(number), at)
  await (wake as unknown as Queue).obliterate({ force: true })
  console.log(`after the loss of all jobs, sweeping every 300 ms: ${await allSettled(records, 150)}`)
  await again.close()
  await close()
})

test('the whole folder is lost: the sweep puts the jobs back from the records', async () => {
  rmSync(folder.queue, { recursive: true })
  const { records, incidents, work, wake, close } = await open()
  const at = records.clock() + 1_000
  for (let number = 0; number < 50; number += 1) records.dueAt.set(accountId(number), at + number)
  records.outbox.add(accountId(99))
  const workers = await work()
  expect(await workers.sweep.run()).toMatchObject({ settled: 0, relayed: 1, woken: 50 })
  await until('the jobs are back', async () => (await wake.getJobCounts())['delayed'] === 50)
  // The next sweep would come in a minute: what settles now is settled by the jobs that the first one put back.
  console.log(`after the loss of the folder: ${await allSettled(records, 50)}`)
  expect(records.relayed).toEqual([accountId(99)])
  expect(incidents).toEqual([])
  await workers.close()
  await close()
})
