/**
 * What jobs do, whatever engine they stand on. Each engine's test file calls this with its own.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import type { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BackedQueue, QueueBackend } from '../../src/jobs/queue-backend.ts'
import { openQueueJobs } from '../../src/jobs/queue-jobs.ts'
import { wakeJobId } from '../../src/jobs/queues.ts'
import type { Report } from '../../src/jobs/incident.ts'
import type { Jobs } from '../../src/use-cases/ports.ts'
import { runWorkers, type Handlers, type RunningWorkers } from '../../workers/run-workers.ts'
import { accountId, DueList, makeReport, pause, until } from './scene.ts'

export interface ConformingEngine {
  /** Named in the tests and their figures. */
  readonly name: string
  open(report: Report): Promise<QueueBackend>
  /** Once, at the end. */
  remove(): Promise<void> | void
}

const figures = (lateness: readonly number[]) => {
  const sorted = lateness.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
  return `late by median ${at(0.5)} ms, p95 ${at(0.95)} ms, at most ${at(1)} ms`
}

export const queueConformance = (engine: ConformingEngine): void => {
  describe(`jobs on ${engine.name}`, () => conformance(engine))
}

const conformance = (engine: ConformingEngine): void => {
  const backendReport = makeReport()
  let incidents: ReturnType<typeof makeReport>
  let records: DueList
  let backend: QueueBackend
  let jobs: Jobs
  let workers: RunningWorkers | null
  let wake: BackedQueue
  let relay: BackedQueue

  /** The sweep runs at the start, when there is nothing, and then not again in a test. */
  const start = async (handlers: Partial<Handlers> = {}) => {
    workers = await runWorkers({
      backend,
      records,
      jobs,
      handlers: { settleAccount: records.settleAccount, relayAccount: records.relayAccount, ...handlers },
      report: incidents.report,
      closeWithinMs: 500,
    })
    await workers.sweep.run()
    return workers
  }
  const nothingLeft = async () =>
    [await wake.getJobCounts(), await relay.getJobCounts()].every((counts) =>
      Object.values(counts).every((count) => count === 0),
    )

  beforeAll(async () => {
    backend = await engine.open(backendReport.report)
    wake = backend.openQueue('wake')
    relay = backend.openQueue('relay')
  })
  afterAll(async () => {
    await Promise.all([wake.close(), relay.close()])
    await backend.close()
    await engine.remove()
    expect(backendReport.incidents).toEqual([])
  })
  beforeEach(() => {
    incidents = makeReport()
    records = new DueList()
    jobs = openQueueJobs({ backend, now: records.now, report: incidents.report })
    workers = null
  })
  afterEach(async () => {
    await workers?.close()
    await jobs.close()
  })

  test('hints are gathered: each account once per batch, each wake once for ever, nothing waits', async () => {
    records.offsetMs = 1_000 - Date.now()
    const from = performance.now()
    for (let turn = 0; turn < 10; turn += 1) {
      for (let number = 0; number < 250; number += 1) {
        jobs.relay(accountId(number))
        jobs.wake(accountId(number), 9_000_000)
      }
    }
    const took = performance.now() - from
    await until('250 wakes are in', async () => ((await wake.getJobCounts())['delayed'] ?? 0) === 250)
    await until('250 relays are in', async () => ((await relay.getJobCounts())['waiting'] ?? 0) === 3)
    // The same hint once more, when it is in the queue already.
    jobs.wake(accountId(7), 9_000_000)
    await jobs.close()
    expect((await wake.getJobCounts())['delayed']).toBe(250)
    const job = await wake.getJob(wakeJobId({ account: accountId(7), at: 9_000_000 }))
    expect(job?.data).toEqual({ account: accountId(7), at: 9_000_000 })
    expect(job?.opts).toMatchObject({ removeOnComplete: true, removeOnFail: true })
    expect(Math.abs(Number(job?.opts.delay) - 8_999_000)).toBeLessThan(5_000)
    expect(incidents.incidents).toEqual([])
    console.log(`${engine.name}: 5,000 hints taken in ${took.toFixed(1)} ms, as 3 relay jobs and 250 wakes`)
    await Promise.all([wake, relay].map((queue) => (queue as unknown as Queue).obliterate({ force: true })))
  })

  test('hints that cannot be added are reported and dropped', async () => {
    const failing = makeReport()
    const jobs = openQueueJobs({
      backend,
      now: async () =>
        Promise.reject(Object.assign(new Error('text with a secret'), { code: 'unavailable' })),
      report: failing.report,
    })
    jobs.wake(accountId(1), 5_000)
    await until('the loss is reported', () => failing.incidents.length > 0)
    expect(failing.incidents).toEqual([{ event: 'hints_dropped', count: 1, code: 'unavailable' }])
    await jobs.close()
  })

  test('400 wakes: none early by the store’s clock, though it is 40 days ahead and then steps back', async () => {
    records.offsetMs = 40 * 86_400_000
    await start()
    const from = records.clock()
    for (let number = 0; number < 400; number += 1) {
      const at = from + 400 + ((number * 7919) % 1_600)
      records.dueAt.set(accountId(number), at)
      jobs.wake(accountId(number), at)
    }
    await until('400 accounts are settled', () => records.settled.length === 400, 15_000)
    const late = records.settled.map(({ lateMs }) => lateMs)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(new Set(records.settled.map(({ account }) => account)).size).toBe(400)
    console.log(`${engine.name}: 400 delayed jobs: 0 early, ${figures(late)}`)

    const at = records.clock() + 100
    records.dueAt.set(accountId(500), at)
    jobs.wake(accountId(500), at)
    await pause(40)
    records.offsetMs -= 600
    await until('the early job came back', () => records.settled.length === 401)
    expect(records.settled[400]?.lateMs).toBeGreaterThanOrEqual(0)
    expect(incidents.of('job_failed')).toEqual([])
    await until('the queue is empty', nothingLeft)
  })

  test('repeated, reordered, early and foreign jobs change nothing; poisoned ones fail once', async () => {
    const calls: string[] = []
    await start({
      settleAccount: async (account) => {
        calls.push(account)
        await records.settleAccount(account)
      },
    })
    const at = records.clock() + 150
    records.dueAt.set(accountId(1), at)
    jobs.wake(accountId(1), at + 100)
    jobs.wake(accountId(1), at)
    jobs.wake(accountId(1), at - 100)
    for (let copy = 0; copy < 5; copy += 1)
      await wake.add('wake', { account: accountId(1), at }, { delay: 150 })
    // Put there without a delay: comes at once, by far too early.
    await wake.add('wake', { account: accountId(1), at })

    const poison = [
      {},
      null,
      'text',
      { account: 'x', at: 1 },
      { account: accountId(1), at: '1' },
      { account: accountId(1) },
    ]
    for (const data of poison) await wake.add('wake', data, { attempts: 50 })
    for (const data of [{ accounts: [] }, { accounts: [1] }, { accounts: [accountId(1)], more: 1 }]) {
      await relay.add('relay', data, { attempts: 50 })
    }
    await until('every poisoned job failed', () => incidents.of('job_failed').length === 9)
    expect(incidents.of('job_failed').every((each) => 'code' in each && each.code === 'malformed')).toBe(true)
    await until('everything is done', nothingLeft)
    expect(records.settled).toHaveLength(1)
    expect(records.settled[0]?.lateMs).toBeGreaterThanOrEqual(0)
    expect(incidents.of('job_failed')).toHaveLength(9)
    expect(new Set(calls)).toEqual(new Set([accountId(1)]))
  })

  test('outboxes are relayed; a failure that may pass is repeated for that account alone, a refusal is not', async () => {
    const calls: string[] = []
    await start({
      relayAccount: async (account) => {
        calls.push(account)
        if (account === accountId(3) && calls.filter((each) => each === account).length < 3)
          throw new Error('secret words')
        if (account === accountId(4)) throw new HoldfastError('not_found')
        await records.relayAccount(account)
      },
    })
    for (let number = 0; number < 5; number += 1) {
      records.outbox.add(accountId(number))
      jobs.relay(accountId(number))
    }
    await until('four outboxes are empty', () => records.outbox.size === 1, 15_000)
    await until('the job is gone', nothingLeft)
    const times = (number: number) => calls.filter((account) => account === accountId(number)).length
    expect([0, 1, 2, 3, 4].map(times)).toEqual([1, 1, 1, 3, 1])
    expect(JSON.stringify(incidents.incidents)).not.toContain('secret')
  })

  test('a handler that always fails is tried four times, and the job’s id is free again', async () => {
    let calls = 0
    await start({
      settleAccount: async () => {
        calls += 1
        throw new HoldfastError('unavailable')
      },
    })
    const at = records.clock() + 1
    jobs.wake(accountId(1), at)
    await until('the last attempt failed', () => calls === 4, 15_000)
    await until('the job is gone', nothingLeft)
    expect(incidents.of('job_failed').at(-1)).toMatchObject({ code: 'unavailable', attempts: 4 })
    await wake.add('wake', { account: accountId(1), at }, { jobId: wakeJobId({ account: accountId(1), at }) })
    await until('it runs again', () => calls === 5)
  })

  test('closing while busy waits for running handlers, and gives up on one that hangs', async () => {
    let finished = 0
    const running = await start({
      settleAccount: async (account) => {
        await pause(account === accountId(9) ? 60_000 : 200)
        finished += 1
      },
    })
    for (let number = 0; number < 4; number += 1) jobs.wake(accountId(number), records.clock())
    await until('all four are running', async () => (await wake.getJobCounts())['active'] === 4)
    await running.close()
    expect(finished).toBe(4)
    expect(incidents.of('workers_closed_busy')).toEqual([])

    const second = await start({ settleAccount: async () => pause(60_000) })
    jobs.wake(accountId(9), records.clock())
    await until('the hanging one runs', async () => (await wake.getJobCounts())['active'] === 1)
    const from = performance.now()
    await second.close()
    expect(performance.now() - from).toBeLessThan(2_000)
    expect(incidents.of('workers_closed_busy')).toHaveLength(1)
  })
}
