/**
 * Seals everything anew in the background once another key seals than before, in small steps. It begins by itself, since on the
 * embedded engine nobody else can reach the records while the service runs.
 *
 * [Note: Noted is not known] A process that was left with the old key goes on sealing with it after somebody noted that all is
 * done. So each start counts once what is stale, and what no key here opens is said as a failure.
 *
 * [Note: Once per start] What is left when it has looked at everything does not become less by looking again: the missing key comes
 * with another configuration, and so with another start.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { CLOSING, endsWithin } from '../src/closing.ts'
import { codeOf } from '../src/jobs/incident.ts'
import type { Log } from '../src/observe/log.ts'
import {
  resealAll,
  type ResealDeps,
  type ResealFigures,
  type ResealLeft,
} from '../src/use-cases/reseal-all.ts'
import type { KeyStore } from '../src/use-cases/ports.ts'

export interface ResealOptions {
  readonly deps: ResealDeps & { readonly keyStore: Pick<KeyStore, 'isResealed' | 'stale'> }
  readonly log: Log
  /** Between two steps, so that people do not wait for it. */
  readonly pauseMs?: number
  /** After a failure. */
  readonly againMs?: number
}

export interface Reseal {
  /** Resolves when it has ended: done, given up, or stopped. */
  readonly ended: Promise<void>
  /** Whether it has looked at everything, and something was left under another key. */
  isIncomplete(): boolean
  /** Waits for the step that is under way, for seconds at most. */
  close(): Promise<void>
}

export const startReseal = ({ deps, log, pauseMs = 20, againMs = 60_000 }: ResealOptions): Reseal => {
  const stopping = new AbortController()
  const { signal } = stopping
  /** False once it is to stop. */
  const rest = (ms: number): Promise<boolean> => pause(ms, true, { signal, ref: false }).catch(() => false)

  let isIncomplete = false
  const conclude = (left: ResealLeft, resealed: number, durationMs: number): void => {
    const rest = Object.entries(left).filter(([, count]) => count > 0)
    isIncomplete = rest.length > 0
    if (!isIncomplete) log('info', 'reseal_done', { count: resealed, durationMs })
    for (const [code, count] of rest) log('warn', 'reseal_incomplete', { code, count, durationMs })
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        if ((await deps.keyStore.isResealed()) && (await deps.keyStore.stale()) === 0) return
        let figures: ResealFigures = { accounts: 0, resealed: 0 }
        const startedAt = performance.now()
        log('info', 'reseal_started')
        const left = await resealAll(deps, {
          onStep: (latest) => {
            figures = latest
          },
          goOn: () => rest(pauseMs),
        })
        if (left === null) return
        conclude(left, figures.resealed, Math.round(performance.now() - startedAt))
        return
      } catch (error) {
        if (signal.aborted) return
        log('error', 'reseal_failed', { code: codeOf(error) })
        await rest(againMs)
      }
    }
  }
  const ended = run()
  return {
    ended,
    isIncomplete: () => isIncomplete,
    async close() {
      stopping.abort()
      // Counting looks at everything and cannot be stopped; what it would find, the next start finds.
      await endsWithin(CLOSING.resealMs, ended)
    },
  }
}
