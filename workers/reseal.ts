/**
 * Seals everything anew in the background once another key seals than before, in small steps. It begins by itself, since on the
 * embedded engine nobody else can reach the records while the service runs.
 *
 * [Note: Noted is not known] A process that was left with the old key goes on sealing with it after somebody noted that all is
 * done. So each start counts once what is stale, and what no key here opens is said as a failure.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { CLOSING, endsWithin } from '../src/closing.ts'
import { codeOf } from '../src/jobs/incident.ts'
import type { Log } from '../src/observe/log.ts'
import { resealAll, type ResealDeps, type ResealFigures } from '../src/use-cases/reseal-all.ts'
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
  /** Waits for the step that is under way, for seconds at most. */
  close(): Promise<void>
}

export const startReseal = ({ deps, log, pauseMs = 20, againMs = 60_000 }: ResealOptions): Reseal => {
  const stopping = new AbortController()
  const { signal } = stopping
  /** False once it is to stop. */
  const rest = (ms: number): Promise<boolean> => pause(ms, true, { signal, ref: false }).catch(() => false)

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
        const durationMs = Math.round(performance.now() - startedAt)
        if (left === 0) log('info', 'reseal_done', { count: figures.resealed, durationMs })
        else log('warn', 'reseal_incomplete', { count: left, durationMs })
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
    async close() {
      stopping.abort()
      // Counting looks at everything and cannot be stopped; what it would find, the next start finds.
      await endsWithin(CLOSING.resealMs, ended)
    },
  }
}
