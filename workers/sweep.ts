/**
 * The sweep: finds in the records whatever is due or stuck, has it handled, and puts missing jobs back. It stands outside
 * the queue on purpose, so that losing the whole queue costs a minute and nothing else.
 */
import { codeOf, type Incident, type Report } from '../src/jobs/incident.ts'
import type { Jobs, Records } from '../src/use-cases/ports.ts'
import { inGroups } from './in-groups.ts'
import type { Handler } from './one-at-a-time.ts'

export interface SweepOptions {
  readonly records: Pick<Records, 'now' | 'due' | 'upcoming' | 'unrelayed'>
  readonly jobs: Pick<Jobs, 'wake'>
  readonly settleAccount: Handler
  readonly relayAccount: Handler
  readonly report: Report
  /** Pause between two sweeps, 1 ms to a minute. */
  readonly everyMs: number
  /** Told of each whole sweep. */
  readonly onSwept?: ((figures: SweepFigures) => void) | undefined
}

/** What one sweep did: accounts handled, jobs asked for, and failures, which the next sweep meets again. */
export interface SweepFigures {
  readonly settled: number
  readonly relayed: number
  readonly woken: number
  readonly failed: number
}

/** How the sweep is doing, whoever asks. */
export interface SweepState {
  /** Since it began, handled an account, did a step or ended: time in which nothing moved. */
  readonly stillMs: number
  /** The last whole sweep: what it did, and how long it took; null before there was one. */
  readonly last: { readonly figures: SweepFigures; readonly tookMs: number } | null
}

export interface Sweep {
  /** Sweeps now, or joins the sweep that is running. */
  run(): Promise<SweepFigures>
  state(): SweepState
  /** No sweep starts after this; resolves when a running one has stopped, after the group it is at. */
  close(): Promise<void>
}

export const LONGEST_SWEEP_PAUSE_MS = 60_000
const READ_AT_ONCE = 200
/** Of those that were read, before it reads again: other processes sweep as well, and jobs run. */
const TAKEN_AT_LEAST = 32
const TAKEN_PART = 1 / 6
const AT_A_TIME = 16
/** Per step and sweep. The next sweep goes on from there. */
const MOST_ACCOUNTS = 10_000
const MOST_WAKES = 1_000

/** Drawn, so that two processes that read the same list seldom handle the same account. */
const byLot = (accounts: readonly string[], most: number): readonly string[] =>
  accounts
    .map((account) => ({ account, lot: Math.random() }))
    .toSorted((a, b) => a.lot - b.lot)
    .slice(0, most)
    .map(({ account }) => account)

/** Starts at once, then every `everyMs` after the end of the last sweep. Throws RangeError for a pause out of bounds. */
export const startSweep = (options: SweepOptions): Sweep => {
  const { records, jobs, settleAccount, relayAccount, report, everyMs } = options
  // A pause above 2^31-1 would make setTimeout fire without end; a long one would break the promise of a minute.
  if (!Number.isSafeInteger(everyMs) || everyMs < 1 || everyMs > LONGEST_SWEEP_PAUSE_MS) {
    throw new RangeError('the sweep must run at least once a minute')
  }
  let timer: NodeJS.Timeout | null = null
  let running: Promise<SweepFigures> | null = null
  let closed = false
  let movedAt = performance.now()
  let last: SweepState['last'] = null
  const moved = () => {
    movedAt = performance.now()
  }

  /** Handles what `read` lists until it lists nothing new. One that stays on the list is tried once, and blocks nobody. */
  const drain = async (read: (limit: number) => Promise<readonly string[]>, handler: Handler) => {
    const tried = new Set<string>()
    let failed = 0
    let stuck = 0
    while (!closed && tried.size < MOST_ACCOUNTS) {
      const limit = READ_AT_ONCE + stuck
      const listed = await read(limit)
      const fresh = listed.filter((account) => !tried.has(account))
      if (fresh.length === 0 && listed.length < limit) break
      stuck = listed.length - fresh.length
      // More of a longer list: one that is long of what is stuck would be read again and again.
      const most = Math.max(TAKEN_AT_LEAST, listed.length * TAKEN_PART)
      await inGroups(byLot(fresh, most), AT_A_TIME, async (account) => {
        if (closed) return
        tried.add(account)
        try {
          await handler(account)
        } catch (error) {
          failed += 1
          report({ event: 'sweep_account_failed', account, code: codeOf(error) })
        }
        moved()
      })
    }
    return { done: tried.size - failed, failed }
  }

  /** Asks again for the wakes of everything that falls due before the sweep after the next; known ones change nothing. */
  const wakeUpcoming = async () => {
    const until = (await records.now()) + 2 * everyMs
    const soon = await records.upcoming(until, MOST_WAKES)
    for (const { account, dueAt } of soon) jobs.wake(account, dueAt)
    return soon.length
  }

  const attempt = async <T>(
    step: Extract<Incident, { event: 'sweep_step_failed' }>['step'],
    run: () => Promise<T>,
    otherwise: T,
  ): Promise<T> => {
    moved()
    try {
      return await run()
    } catch (error) {
      report({ event: 'sweep_step_failed', step, code: codeOf(error) })
      return otherwise
    } finally {
      moved()
    }
  }

  const sweepOnce = async (): Promise<SweepFigures> => {
    const startedAt = performance.now()
    const nothing = { done: 0, failed: 1 }
    // What is due first: it fills outboxes that are relayed next.
    const due = await attempt('due', () => drain((limit) => records.due(limit), settleAccount), nothing)
    const relay = await attempt(
      'unrelayed',
      () => drain((limit) => records.unrelayed(limit), relayAccount),
      nothing,
    )
    const woken = closed ? 0 : await attempt('upcoming', wakeUpcoming, 0)
    const figures = { settled: due.done, relayed: relay.done, woken, failed: due.failed + relay.failed }
    last = { figures, tookMs: performance.now() - startedAt }
    options.onSwept?.(figures)
    return figures
  }

  const run = (): Promise<SweepFigures> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    running ??= sweepOnce().finally(() => {
      running = null
      if (!closed) timer = setTimeout(() => void run(), everyMs)
    })
    return running
  }

  void run()
  return {
    state: () => ({ stillMs: performance.now() - movedAt, last }),
    run: () => (closed ? Promise.resolve({ settled: 0, relayed: 0, woken: 0, failed: 0 }) : run()),
    close: async () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}
