import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openQueueBackend, type QueueBackend } from '../../src/jobs/queue-backend.ts'
import { openQueueJobs } from '../../src/jobs/queue-jobs.ts'
import { refuseUnsafeRedis } from '../../src/redis.ts'
import { runWorkers } from '../../workers/run-workers.ts'
import { describeRedis, startRedis, type RedisServer } from '../support/redis-server.ts'
import { accountId, DueList, makeReport, until } from './scene.ts'

const open = async (url: string) => {
  const records = new DueList()
  const { report, incidents, of } = makeReport()
  const backend = await openQueueBackend({ engine: 'redis', url }, report)
  const jobs = openQueueJobs({ backend, now: records.now, report })
  const work = (sweepEveryMs = 60_000) =>
    runWorkers({ backend, records, jobs, handlers: records, report, sweepEveryMs, closeWithinMs: 2_000 })
  const wake = backend.openQueue('wake')
  /** Fails if it takes longer than a supervisor waits. */
  const close = async (workers?: { close(): Promise<void> }) => {
    const from = performance.now()
    await workers?.close()
    await jobs.close()
    await backend.close()
    expect(performance.now() - from).toBeLessThan(5_000)
  }
  const delayed = async () => (await wake.getJobCounts())['delayed'] ?? 0
  return { records, incidents, of, backend, jobs, work, wake, delayed, close }
}

const allSettled = async (records: DueList, count: number, withinMs = 15_000) => {
  await until('all accounts are settled', () => records.settled.length === count, withinMs)
  const late = records.settled.map(({ lateMs }) => lateMs)
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
  return `${count} of ${count} settled, 0 early, late by at most ${Math.max(...late)} ms`
}

/** Milliseconds until it failed. */
const failsAfter = async (act: Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await expect(act).rejects.toThrow()
  return performance.now() - from
}

describeRedis('Redis that fails', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())
  beforeEach(() => redis.flush())

  const openIds = (count: number) => Array.from({ length: count }, (_, number) => accountId(number))
  const fill = async ({ records, jobs, delayed }: Awaited<ReturnType<typeof open>>, inMs: number) => {
    const at = records.clock() + inMs
    openIds(50).forEach((account, number) => {
      records.dueAt.set(account, at + number)
      jobs.wake(account, at + number)
    })
    await until('the wakes are in', async () => (await delayed()) === 50)
    return at
  }

  test('FLUSHALL: the sweep puts the jobs back from the records, and they settle everything', async () => {
    const scene = await open(redis.url)
    await fill(scene, 2_000)
    await redis.flush()
    expect(await scene.delayed()).toBe(0)
    const workers = await scene.work()
    expect(await workers.sweep.run()).toMatchObject({ settled: 0, woken: 50 })
    await until('the jobs are back', async () => (await scene.delayed()) === 50)
    // The next sweep would come in a minute: what settles now is settled by those jobs.
    console.log(`after FLUSHALL: ${await allSettled(scene.records, 50)}`)
    await scene.close(workers)
  })

  test('FLUSHALL under running workers: what it took away the next sweep settles', async () => {
    const scene = await open(redis.url)
    const workers = await scene.work(500)
    await fill(scene, 700)
    scene.records.upcoming = async () => []
    await redis.flush()
    scene.records.outbox.add(accountId(99))
    console.log(`FLUSHALL while working, sweeping every 500 ms: ${await allSettled(scene.records, 50)}`)
    await until('the outbox is empty', () => scene.records.outbox.size === 0)
    // And the queue itself works on.
    scene.records.outbox.add(accountId(98))
    scene.jobs.relay(accountId(98))
    await until('the relay job ran', () => scene.records.relayed.includes(accountId(98)))
    await scene.close(workers)
  })

  test('killed without an append-only file, and started again: nothing lost, workers go on by themselves', async () => {
    const scene = await open(redis.url)
    expect(scene.of('queue_not_durable')).toHaveLength(1)
    const workers = await scene.work(1_000)
    await fill(scene, 3_000)
    await redis.kill()
    await until('the loss is noticed', () => scene.of('queue_disconnected').length === 1)
    await redis.restart()
    await until('it is back', () => scene.of('queue_reconnected').length === 1)
    await until('the sweep put all jobs back', async () => (await scene.delayed()) === 50)
    console.log(`killed and restarted: ${await allSettled(scene.records, 50)}`)
    scene.records.due = scene.records.upcoming = async () => []
    const at = scene.records.clock() + 200
    scene.records.dueAt.set(accountId(70), at)
    scene.jobs.wake(accountId(70), at)
    console.log(`by a job, afterwards: ${await allSettled(scene.records, 51)}`)
    expect(scene.of('queue_disconnected')).toHaveLength(1)
    await scene.close(workers)
  })

  test('down: hints and adds fail at once, the sweep goes on, and closing does not hang', async () => {
    const scene = await open(redis.url)
    const workers = await scene.work(200)
    await workers.sweep.run()
    await redis.kill()
    await until('the loss is noticed', () => scene.of('queue_disconnected').length === 1)
    const add = () => scene.wake.add('wake', { account: accountId(1), at: 1 })
    expect(await failsAfter(add())).toBeLessThan(500)
    const from = performance.now()
    for (const account of openIds(100)) {
      scene.records.dueAt.set(account, scene.records.clock() + 300)
      scene.jobs.wake(account, scene.records.clock() + 300)
      scene.jobs.relay(account)
    }
    expect(performance.now() - from).toBeLessThan(100)
    await until('the loss of hints is said', () => scene.of('hints_dropped').length > 0)
    console.log(`with Redis down, sweeping every 200 ms: ${await allSettled(scene.records, 100)}`)
    // Said once, and not at every attempt to connect.
    expect(scene.of('queue_disconnected')).toHaveLength(1)
    expect(scene.of('queue_error').length).toBeLessThan(10)
    await scene.close(workers)
    await redis.restart()
  })

  test('frozen, with connections that stay open: adds fail within seconds, and it goes on when thawed', async () => {
    const scene = await open(redis.url)
    const workers = await scene.work()
    redis.freeze()
    const took = await failsAfter(scene.wake.add('wake', { account: accountId(1), at: 1 })).finally(
      redis.thaw,
    )
    expect(took).toBeLessThan(6_000)
    const at = scene.records.clock() + 50
    scene.records.dueAt.set(accountId(2), at)
    await until('hints are taken again', async () => {
      scene.jobs.wake(accountId(2), at)
      return scene.records.settled.length === 1
    })
    console.log(`frozen: an add failed after ${took.toFixed(0)} ms`)
    await scene.close(workers)
  })
})

describeRedis('Redis that must not be used', () => {
  const running: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const each of running.splice(0)) await each.close()
  })
  const start = async (...args: string[]) => {
    const server = await startRedis({ args })
    running.push(server)
    return server
  }
  const codeFor = (url: string) =>
    openQueueBackend({ engine: 'redis', url }, () => undefined).then(
      async (backend: QueueBackend) => backend.close(),
      (error: Error & { code: string }) => [error.code, error.message],
    )

  test.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'evicting by %s is refused',
    async (policy) => {
      const { url } = await start('--maxmemory', '64mb', '--maxmemory-policy', policy)
      expect(await codeFor(url)).toEqual(['REDIS_EVICTS', expect.stringContaining('noeviction')])
    },
  )

  test('one that wants a password is refused without it, and taken with it; no message repeats one', async () => {
    const { url } = await start('--requirepass', 'planted-password')
    const withPassword = (password: string) => url.replace('redis://', `redis://:${password}@`)
    const [code, message] = (await codeFor(withPassword('wrong-password'))) ?? []
    expect(code).toBe('REDIS_REFUSES')
    expect(message).not.toContain('password@')
    expect(message).not.toContain('wrong-password')
    expect(await codeFor(url)).toEqual(['REDIS_REFUSES', expect.any(String)])
    expect(await codeFor(withPassword('planted-password'))).toBeUndefined()
  })

  test('one that is too old for BullMQ is refused', () => {
    const facts = { maxmemoryPolicy: 'noeviction', appendOnly: true }
    for (const version of ['5.0.14', '6.0.20', '', 'unknown'])
      expect(() => refuseUnsafeRedis({ ...facts, version })).toThrow('6.2 or newer')
    for (const version of ['6.2.0', '7.0.15', '8.2.1'])
      expect(() => refuseUnsafeRedis({ ...facts, version })).not.toThrow()
  })

  test('one that is not there is said to be so soon', async () => {
    const server = await start()
    await server.kill()
    const from = performance.now()
    expect(await codeFor(server.url)).toEqual(['REDIS_UNREACHABLE', expect.any(String)])
    expect(performance.now() - from).toBeLessThan(6_000)
  })

  test('an append-only file is missed only where there is none', async () => {
    const { report, of } = makeReport()
    const { url } = await start('--appendonly', 'yes')
    const backend = await openQueueBackend({ engine: 'redis', url }, report)
    expect(of('queue_not_durable')).toEqual([])
    await backend.close()
  })
})
