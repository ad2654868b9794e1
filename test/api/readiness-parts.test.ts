/** What the states of its parts mean for a process: readiness as it is judged. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openMetrics } from '../../src/observe/metrics.ts'
import { openReadiness, type PartReport } from '../../src/observe/readiness.ts'
import type { Background } from '../../src/background.ts'
import { LOOKED_INTO, judgeSweep, partsOf } from '../../src/parts.ts'
import type { KeyStore, Records } from '../../src/use-cases/ports.ts'
import { readDocument } from '../support/named-tests.ts'
import { accountOf } from '../support/store.ts'

const part = (isVital: boolean, look: () => Promise<PartReport>) => ({ isVital, look })
const NOTHING = { due: 0, oldestDueAt: null, unrelayed: 0 }
const fine = async (): Promise<PartReport> => ({ state: 'ok' })

describe('readiness', () => {
  it('is lost with a vital part alone, however the part fails', async () => {
    const breaks = async (): Promise<PartReport> => {
      throw new Error('an address or a password')
    }
    const hangs = () => new Promise<PartReport>(() => undefined)
    for (const [look, code] of [
      [breaks, 'error'],
      [hangs, 'timeout'],
    ] as const) {
      const startedAt = performance.now()
      const [vital, other] = await Promise.all(
        [true, false].map((isVital) =>
          openReadiness({ a: part(true, fine), b: part(isVital, look) }, { withinMs: 50 }).read(),
        ),
      )
      expect(vital).toEqual({
        status: 'unready',
        parts: { a: { state: 'ok' }, b: { state: 'failed', code } },
      })
      expect(other?.status).toBe('degraded')
      expect(performance.now() - startedAt).toBeLessThan(1_000)
    }
  })

  it('asks its parts once a second at most, and one that hangs only once', async () => {
    let [looks, hanging] = [0, 0]
    const readiness = openReadiness(
      {
        a: part(true, async () => ({ state: 'ok', looks: ++looks })),
        b: part(false, () => {
          hanging += 1
          return new Promise<PartReport>(() => undefined)
        }),
      },
      { withinMs: 10, freshMs: 100 },
    )
    await Promise.all(Array.from({ length: 500 }, () => readiness.read()))
    expect([looks, hanging]).toEqual([1, 1])
    await pause(120)
    expect((await readiness.read()).parts['a']).toEqual({ state: 'ok', looks: 2 })
    expect(hanging).toBe(1)
  })

  it('of a sweep goes by what moves, not by how long it takes', () => {
    const figures = { settled: 1, relayed: 2, woken: 3, failed: 0 }
    const last = { figures, tookMs: 90_000.4 }
    expect(judgeSweep(null, 30_000)).toMatchObject({ state: 'degraded', code: 'not_started' })
    expect(judgeSweep({ stillMs: 39_999, last }, 30_000)).toEqual({
      state: 'ok',
      stillMs: 39_999,
      tookMs: 90_000,
      settled: 1,
      relayed: 2,
      failures: 0,
    })
    expect(judgeSweep({ stillMs: 41_000, last }, 30_000).state).toBe('degraded')
    expect(judgeSweep({ stillMs: 76_000, last }, 30_000)).toMatchObject({ state: 'failed', code: 'stalled' })
    const failing = { figures: { ...figures, failed: 1 }, tookMs: 1 }
    expect(judgeSweep({ stillMs: 0, last: failing }, 30_000).state).toBe('degraded')
  })
})

it('keys of which something stays under another key than the one that seals are looked after', async () => {
  const look = (isResealed: boolean, isIncomplete: boolean) =>
    partsOf({
      records: {} as unknown as Records,
      keyStore: { check: async () => undefined, isResealed: async () => isResealed } as unknown as KeyStore,
      sealsWith: 'a-key',
      reseal: () => ({ isIncomplete: () => isIncomplete }),
      background: () => null,
      sockets: null,
      works: true,
      onlyWorks: false,
      sweepEveryMs: 1_000,
      hasQueue: false,
    })['keys']?.look()
  expect(await look(false, true)).toEqual({
    state: 'degraded',
    code: 'reseal_incomplete',
    sealsWith: 'a-key',
    resealing: 1,
  })
  expect(await look(false, false), 'it goes on').toEqual({ state: 'ok', sealsWith: 'a-key', resealing: 1 })
  // Somebody else has done the rest.
  expect(await look(true, true)).toEqual({ state: 'ok', sealsWith: 'a-key', resealing: 0 })
})

const looked = (records: Partial<Records>, onlyWorks = false) => {
  const stalled = { sweepState: () => ({ stillMs: 1_000_000, last: null }) } as unknown as Background
  const nothing = { now: async () => Date.now(), unrelayed: async () => [], backlog: async () => NOTHING }
  return openReadiness(
    partsOf({
      records: { ...nothing, ...records } as unknown as Records,
      keyStore: { check: async () => undefined, isResealed: async () => true } as unknown as KeyStore,
      sealsWith: 'a-key',
      reseal: () => null,
      background: () => stalled,
      sockets: null,
      works: true,
      onlyWorks,
      sweepEveryMs: 1_000,
      hasQueue: false,
    }),
  ).read()
}

it('notices are looked for in some of the accounts that wait, and that is what their figures are called', async () => {
  const now = 10_000_000
  const waiting = (account: string, at: number) => {
    const audience = { role: 'owner', account } as const
    const notice = { notice: `${account}.1`, at, event: 'recovery-opened', audience, recovery: null } as const
    return accountOf({ id: account, outbox: { entries: [], notices: [notice], erasures: [] } })
  }
  // The one that has waited longest is the last that the store names.
  const all = Array.from({ length: LOOKED_INTO + 1 }, (_, place) =>
    waiting(`account-${place}`, now - (place === LOOKED_INTO ? 5_000_000 : 1_000 + place)),
  )
  const { parts } = await looked({
    now: async () => now,
    unrelayed: async (limit) => all.slice(0, limit).map(({ id }) => id),
    loadAll: async (ids) =>
      all.filter(({ id }) => ids.includes(id)).map((account) => ({ account, now, unrelayed: true })),
  })
  expect(parts['notices']).toEqual({ state: 'ok', waiting: LOOKED_INTO, oldestMs: 999 + LOOKED_INTO })

  const { text } = await (await openMetrics(async () => ({ status: 'ready', parts }))).read()
  const helpOf = (figure: string) =>
    text.match(new RegExp(`^# HELP holdfast_notices_${figure} (.*)$`, 'm'))?.[1]
  expect(helpOf('waiting')).toContain(`of any ${LOOKED_INTO} accounts`)
  expect(helpOf('oldest_ms')).toContain('of some that wait, not of all')
  const told = readDocument('docs/OPERATIONS.md')
  expect(told).toContain(`in any ${LOOKED_INTO} accounts that have some: of some that wait, not of all`)
})

it('a worker without a sweep is of no use, and a process that answers still is', async () => {
  const look = (onlyWorks: boolean) => looked({}, onlyWorks)
  expect(await look(true)).toMatchObject({ status: 'unready', parts: { sweep: { state: 'failed' } } })
  expect(await look(false)).toMatchObject({ status: 'degraded', parts: { sweep: { state: 'failed' } } })
})
