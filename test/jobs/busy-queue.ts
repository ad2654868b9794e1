/** Run as a process of its own, to be killed: fills a queue, works on it, and goes on until someone ends it. */
import { openQueueBackend } from '../../src/jobs/queue-backend.ts'
import { openQueueJobs } from '../../src/jobs/queue-jobs.ts'
import { runWorkers } from '../../workers/run-workers.ts'
import { accountId, DueList, until } from './scene.ts'

const [folder, afterMs, count] = process.argv.slice(2)
if (folder === undefined || process.send === undefined) throw new Error('run by queue-loss.test.ts only')
const report = () => undefined
const records = new DueList()
const backend = await openQueueBackend({ engine: 'pglite', folder }, report)
const jobs = openQueueJobs({ backend, now: records.now, report })
await runWorkers({ backend, records, jobs, handlers: records, report })
const firstAt = Date.now() + Number(afterMs)
for (let number = 0; number < Number(count); number += 1) jobs.wake(accountId(number), firstAt + number)
const wake = backend.openQueue('wake')
await until('the wakes are in', async () => (await wake.getJobCounts())['delayed'] === Number(count))
for (let turn = 0; ; turn += 1) {
  records.outbox.add(accountId(turn))
  jobs.relay(accountId(turn))
  await new Promise((resolve) => setTimeout(resolve, 2))
  if (turn === 100) process.send(firstAt)
}
