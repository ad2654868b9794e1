/**
 * What a process says of its parts: a part of compose.ts. Each look is one cheap question to the part itself, so that it is told
 * how things are and not how they were when the process started.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import type { Background } from './background.ts'
import type { Account } from './domain/account.ts'
import { owedNow } from './domain/told.ts'
import type { Part, PartReport, PartState } from './observe/readiness.ts'
import type { KeyStore, Records } from './use-cases/ports.ts'
import type { Reseal } from '../workers/reseal.ts'
import type { SweepState } from '../workers/sweep.ts'

/** More than NTP leaves; a waiting period does not depend on it where the store keeps the time. */
const CLOCK_MS = 2_000
/** What is later than this is later than a sweep makes up for. */
const LATE_MS = 5_000
/** A handler is given up after 30 s, a store's answer after 10: what has not moved for longer than both hangs. */
const STILL_MS = 45_000
const SLOW_MS = 10_000
/** A channel that was down for a moment is tried again long before this. */
const UNDELIVERED_MS = 15 * 60_000
const COUNTED_TO = 5_000
/** Outboxes that are looked into: any, not the oldest, since the index by which they are found has no order. */
export const LOOKED_INTO = 20

const degradedIf = (isDegraded: boolean): PartState => (isDegraded ? 'degraded' : 'ok')
const whole = Math.round

export interface PartSources {
  readonly records: Records
  readonly keyStore: KeyStore
  /** Names the key that seals at rest. */
  readonly sealsWith: string
  /** Null in a process that does not work, and before it has started. */
  readonly reseal: () => Pick<Reseal, 'isIncomplete'> | null
  /** Null before the process has started. */
  readonly background: () => Background | null
  /** Sockets that are connected; null in a process that answers nobody. */
  readonly sockets: (() => number) | null
  /** Whether the process sweeps. */
  readonly works: boolean
  /** Whether it does nothing else: only then is it no use without a sweep. */
  readonly onlyWorks: boolean
  readonly sweepEveryMs: number
  /** False where no queue was asked for. */
  readonly hasQueue: boolean
}

const recordsPart = (records: Records): Part => ({
  isVital: true,
  async look() {
    const startedAt = performance.now()
    await records.now()
    return { state: 'ok', tookMs: whole(performance.now() - startedAt) }
  },
})

/**
 * `resealing`: 1 while something may still be sealed with another key than the one named, else 0. Degraded where it stays so: no key
 * here opens it, or another process seals with an older one.
 */
const keysPart = ({ keyStore, sealsWith, reseal }: PartSources): Part => ({
  isVital: true,
  async look() {
    await keyStore.check()
    const resealing = (await keyStore.isResealed()) ? 0 : 1
    return resealing === 1 && reseal()?.isIncomplete() === true
      ? { state: 'degraded', code: 'reseal_incomplete', sealsWith, resealing }
      : { state: 'ok', sealsWith, resealing }
  },
})

/** The store's clock minus this process's: positive where the store is ahead. */
const clockPart = (records: Records): Part => ({
  isVital: false,
  async look() {
    const before = Date.now()
    const at = await records.now()
    const differenceMs = whole(at - (before + Date.now()) / 2)
    return { state: degradedIf(Math.abs(differenceMs) > CLOCK_MS), differenceMs }
  },
})

const queuePart = (background: PartSources['background']): Part => ({
  isVital: false,
  async look() {
    const counts = await background()?.counts()
    if (counts === undefined) throw new HoldfastError('unavailable')
    return { state: 'ok', ...counts }
  },
})

/** How a sweep is to be judged that runs every `everyMs`. */
export const judgeSweep = (sweep: SweepState | null, everyMs: number): PartReport => {
  if (sweep === null) return { state: 'degraded', code: 'not_started' }
  const { stillMs, last } = sweep
  const figures = {
    stillMs: whole(stillMs),
    tookMs: last === null ? null : whole(last.tookMs),
    settled: last?.figures.settled ?? null,
    relayed: last?.figures.relayed ?? null,
    failures: last?.figures.failed ?? null,
  }
  if (stillMs > everyMs + STILL_MS) return { state: 'failed', code: 'stalled', ...figures }
  const isBehind = stillMs > everyMs + SLOW_MS || (last !== null && last.figures.failed > 0)
  return { state: degradedIf(isBehind), ...figures }
}

/** What is overdue, whoever should have done it. */
const backlogPart = (records: Records, sweepEveryMs: number): Part => ({
  isVital: false,
  async look() {
    const { due, oldestDueAt, unrelayed } = await records.backlog(COUNTED_TO)
    const lateMs = oldestDueAt === null ? 0 : whole((await records.now()) - oldestDueAt)
    return { state: degradedIf(lateMs > sweepEveryMs + LATE_MS), due, lateMs, unrelayed }
  },
})

/** When each of those notices came up that somebody is to be told now and was not yet: live, or by mail, push and webhook. */
const untoldSince = (account: Account): readonly number[] => [
  ...account.outbox.notices.map(({ at }) => at),
  ...owedNow(account).map(({ queuedAt }) => queuedAt),
]

const noticesPart = (records: Records): Part => ({
  isVital: false,
  async look() {
    const loaded = await records.loadAll(await records.unrelayed(LOOKED_INTO))
    const waiting = loaded.flatMap(({ account }) => untoldSince(account))
    const oldestAt = Math.min(...waiting)
    const oldestMs = oldestAt === Infinity ? 0 : whole((await records.now()) - oldestAt)
    return { state: degradedIf(oldestMs > UNDELIVERED_MS), waiting: waiting.length, oldestMs }
  },
})

export const partsOf = (sources: PartSources): Readonly<Record<string, Part>> => {
  const { records, background, sockets, works, onlyWorks, sweepEveryMs } = sources
  const sweep: Part = {
    isVital: onlyWorks,
    look: async () => judgeSweep(background()?.sweepState() ?? null, sweepEveryMs),
  }
  return {
    records: recordsPart(records),
    keys: keysPart(sources),
    clock: clockPart(records),
    ...(sources.hasQueue ? { queue: queuePart(background) } : {}),
    ...(works ? { sweep } : {}),
    backlog: backlogPart(records, sweepEveryMs),
    notices: noticesPart(records),
    ...(sockets === null
      ? {}
      : { sockets: { isVital: false, look: async () => ({ state: 'ok', open: sockets() }) } }),
  }
}
