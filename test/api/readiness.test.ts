import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { withReach } from '../../src/domain/reach.ts'
import type { ReadinessReport } from '../../src/observe/readiness.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { cuttable, type Cuttable } from '../support/cut.ts'
import { MONGODB_URL, onMongo } from '../support/mongo.ts'
import { describeRedis, startRedis } from '../support/redis-server.ts'
import { startService, type StartOptions, type TestService } from '../support/service.ts'
import { accountOf, dueAccount, newId } from '../support/store.ts'

describe('a process', () => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of open.splice(0).toReversed()) await close()
  })
  const start = async (options: StartOptions): Promise<TestService> => {
    const service = await startService(options)
    open.push(() => service.close())
    await service.service.started()
    return service
  }
  const ask = async ({ url }: TestService): Promise<{ status: number; report: ReadinessReport }> => {
    const response = await fetch(`${url}/readyz`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    return { status: response.status, report: (await response.json()) as ReadinessReport }
  }
  /** Asks until it says so; the last answer. */
  const comesTo = async (
    service: TestService,
    status: ReadinessReport['status'],
    about: string,
    state: string,
  ) => {
    await expect
      .poll(
        async () => {
          const { report } = await ask(service)
          return [report.status, report.parts[about]?.state]
        },
        { timeout: 20_000, interval: 200 },
      )
      .toEqual([status, state])
    return ask(service)
  }

  /** What only `GET /metrics` says. */
  const figure = async ({ metricsUrl }: TestService, name: string): Promise<number> => {
    const text = await (await fetch(`${metricsUrl}/metrics`)).text()
    return Number(new RegExp(`^holdfast_${name} (\\S+)$`, 'm').exec(text)?.[1])
  }
  const METRICS = { HOLDFAST_METRICS_PORT: '0' }

  it('that answers anybody says how its parts are, and nothing that counts what people do', async () => {
    const service = await start({ queue: 'none', env: METRICS })
    await service.person()
    const { report } = await comesTo(service, 'ready', 'sweep', 'ok')
    expect(report.parts).toEqual({
      records: { state: 'ok' },
      keys: { state: 'ok', sealsWith: expect.stringMatching(/^[\w-]{8}$/), resealing: 0 },
      clock: { state: 'ok', differenceMs: expect.any(Number) },
      sweep: { state: 'ok' },
      backlog: { state: 'ok' },
      notices: { state: 'ok' },
      sockets: { state: 'ok' },
    })
    for (const name of ['backlog_unrelayed', 'notices_waiting', 'sockets_open', 'sweep_still_ms'])
      expect(await figure(service, name), name).toBeGreaterThanOrEqual(0)
  })

  it('that answers nobody else says so in figures', async () => {
    const service = await start({ queue: 'none', role: 'worker' })
    const { status, report } = await comesTo(service, 'ready', 'sweep', 'ok')
    expect(status).toBe(200)
    expect(Object.keys(report.parts)).toEqual(['records', 'keys', 'clock', 'sweep', 'backlog', 'notices'])
    for (const { state, sealsWith: _, ...figures } of Object.values(report.parts)) {
      expect(state).toBe('ok')
      for (const value of Object.values(figures)) expect(typeof value).toBe('number')
    }
    expect(report.parts['backlog']).toMatchObject({ due: 0, lateMs: 0, unrelayed: 0 })
    expect(Math.abs(Number(report.parts['clock']?.['differenceMs']))).toBeLessThan(2_000)
  })

  it('without its keys is not ready, and is again when they are back', async () => {
    const service = await start({ queue: 'none' })
    const [keys, away] = [join(service.folder, 'keys'), join(service.folder, 'keys-away')]
    await rename(keys, away)
    const { status, report } = await comesTo(service, 'unready', 'keys', 'failed')
    expect([status, report.parts['keys']]).toEqual([503, { state: 'failed', code: 'unavailable' }])
    await rename(away, keys)
    expect((await comesTo(service, 'ready', 'keys', 'ok')).status).toBe(200)
  })

  it('whose sweep cannot read, or hangs, says so and goes on answering', async () => {
    const whole = await start({ queue: 'none' })
    const { records, keyStore } = whole.service.deps
    let due: Records['due'] = async () => {
      throw new Error('gone')
    }
    const ailing = new Proxy(records, {
      get(target, name) {
        if (name === 'due') return (limit: number) => due(limit)
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    const service = await start({ queue: 'none', stores: { records: ailing, keyStore }, env: METRICS })
    expect((await comesTo(service, 'degraded', 'sweep', 'degraded')).status).toBe(200)
    due = (limit) => records.due(limit)
    await comesTo(service, 'ready', 'sweep', 'ok')
    due = () => new Promise(() => undefined)
    await comesTo(service, 'degraded', 'sweep', 'degraded')
    expect(await figure(service, 'sweep_still_ms')).toBeGreaterThan(10_000)
    due = (limit) => records.due(limit)
    // The hanging call never ends, and neither would closing: what closes the records stands in for it.
    open.splice(0)
    await whole.close()
  })

  it('says what is overdue, whoever should have done it', async () => {
    const service = await start({ queue: 'none', role: 'api', env: METRICS })
    const { records } = service.service.deps
    await records.commit(dueAccount((await records.now()) - 3_600_000), { ifRevision: 0 })
    const { status } = await comesTo(service, 'degraded', 'backlog', 'degraded')
    expect(status).toBe(200)
    expect(await figure(service, 'backlog_due')).toBe(1)
    expect(await figure(service, 'backlog_unrelayed')).toBe(0)
    expect(await figure(service, 'backlog_late_ms')).toBeGreaterThanOrEqual(3_600_000)
  })

  it('says whom nobody could tell, and since when', async () => {
    const service = await start({ queue: 'none', role: 'api', env: METRICS })
    const { records } = service.service.deps
    const account = accountOf()
    const at = (await records.now()) - 3_600_000
    const audience = { role: 'owner', account: account.id } as const
    const notice = {
      notice: `${account.id}.1.0`,
      at,
      event: 'device-revoked',
      audience,
      recovery: null,
    } as const
    await records.commit({ ...account, outbox: { ...account.outbox, notices: [notice] } }, { ifRevision: 0 })
    const told = {
      id: newId(),
      role: 'owner',
      items: [{ notice: newId(), event: 'device-revoked', at, owner: account.id, recovery: null }],
      more: false,
      queuedAt: at - 60_000,
      states: [{ way: newId(), channel: 'mail', state: 'queued', reason: null, tries: 0, at: null }],
    } as const
    await records.commit(withReach(accountOf(), { told: [told] }), { ifRevision: 0 })
    await comesTo(service, 'degraded', 'notices', 'degraded')
    expect(await figure(service, 'notices_waiting')).toBe(2)
    expect(await figure(service, 'notices_oldest_ms')).toBeGreaterThanOrEqual(3_660_000)
  })

  it('that was asked to stop says so before it stops', async () => {
    const service = await start({ queue: 'none', env: { HOLDFAST_DRAIN_SECONDS: '1' } })
    expect((await ask(service)).report.status).toBe('ready')
    const stopped = service.stop()
    expect(await ask(service)).toMatchObject({ status: 503, report: { status: 'draining' } })
    const answer = await fetch(`${service.url}/v1/service`)
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    await stopped
    await expect(fetch(`${service.url}/readyz`)).rejects.toThrow()
  })

  describeRedis('over Redis', () => {
    it('is degraded while Redis is gone, frozen or not, and serves; then it is ready again', async () => {
      const redis = await startRedis({ args: ['--appendonly', 'yes'] })
      open.push(() => redis.close())
      const service = await start({ env: { REDIS_URL: redis.url } })
      await comesTo(service, 'ready', 'queue', 'ok')
      for (const [away, back] of [
        [redis.kill, redis.restart],
        [redis.freeze, redis.thaw],
      ] as const) {
        await away()
        const { status } = await comesTo(service, 'degraded', 'queue', 'failed')
        expect(status).toBe(200)
        expect((await fetch(`${service.url}/v1/service`)).status).toBe(200)
        await back()
        await comesTo(service, 'ready', 'queue', 'ok')
      }
    }, 60_000)
  })
})

onMongo('readiness', () => {
  let proxy: Cuttable
  let service: TestService
  afterEach(async () => {
    await service.close()
    await proxy.close()
  })

  it('a process that lost its records is not ready, says why in time, and is again when they are back', async () => {
    const { hostname, port } = new URL(MONGODB_URL ?? '')
    proxy = await cuttable(hostname, Number(port))
    const url = `mongodb://127.0.0.1:${proxy.port}/holdfast-ready-${process.pid}?directConnection=true`
    service = await startService({ queue: 'none', env: { MONGODB_URL: url } })
    const ask = async () => {
      const startedAt = performance.now()
      const response = await fetch(`${service.url}/readyz`)
      const { parts } = (await response.json()) as ReadinessReport
      expect(performance.now() - startedAt).toBeLessThan(3_000)
      return [response.status, parts['records']?.state, parts['keys']?.state]
    }
    const comesTo = (expected: readonly unknown[]) =>
      expect.poll(ask, { timeout: 25_000, interval: 300 }).toEqual(expected)
    await comesTo([200, 'ok', 'ok'])
    await proxy.cut()
    await comesTo([503, 'failed', 'failed'])
    await proxy.mend()
    await comesTo([200, 'ok', 'ok'])
    proxy.stall()
    await comesTo([503, 'failed', 'failed'])
    await comesTo([200, 'ok', 'ok'])
  }, 90_000)
})
