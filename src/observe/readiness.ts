/**
 * Whether a process is ready, part by part: what `GET /readyz` answers. It looks at the parts when it is asked, never waits long
 * for one, and asks none of them more often than once a second, however often it is asked itself.
 */
import { isHoldfastError } from '@holdfast/client/protocol'

/** `degraded`: works, and somebody should look. `failed`: does not work, or does not answer. */
export type PartState = 'ok' | 'degraded' | 'failed'

/** What a part says of itself: figures and codes; never an id, an address or anything that was sent. */
export type PartReport = { readonly state: PartState } & Readonly<Record<string, string | number | null>>

export interface Part {
  /** Whether the process must not be sent requests while this part has failed. */
  readonly isVital: boolean
  /** May throw or never answer: both mean that the part has failed. */
  look(): Promise<PartReport>
}

export interface ReadinessReport {
  /** `degraded`: requests are served, and something else is not as it should be. */
  readonly status: 'ready' | 'degraded' | 'unready' | 'draining'
  readonly parts: Readonly<Record<string, PartReport>>
}

export interface Readiness {
  read(): Promise<ReadinessReport>
  /** From now on the process says that it is about to go. Not to be taken back. */
  drain(): void
  isDraining(): boolean
}

/** A balancer asks every few seconds and gives up after as many. */
const WITHIN_MS = 2_000
const FRESH_MS = 1_000

/** The part's report within `withinMs`. A look that hangs is not repeated until it ends, and stays the one that is waited for. */
const lookWithin = (part: Part, withinMs: number): (() => Promise<PartReport>) => {
  let looking: Promise<PartReport> | null = null
  return async () => {
    looking ??= (async () => part.look())()
      .catch((error: unknown): PartReport => ({
        state: 'failed',
        code: isHoldfastError(error) ? error.code : 'error',
      }))
      .finally(() => {
        looking = null
      })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<PartReport>((resolve) => {
      timer = setTimeout(() => resolve({ state: 'failed', code: 'timeout' }), withinMs)
    })
    const report = await Promise.race([looking, late])
    clearTimeout(timer)
    return report
  }
}

/** What the parts' states mean for the whole. */
export const statusOf = (
  parts: readonly { readonly isVital: boolean; readonly state: PartState }[],
): 'ready' | 'degraded' | 'unready' => {
  if (parts.some(({ isVital, state }) => isVital && state === 'failed')) return 'unready'
  return parts.every(({ state }) => state === 'ok') ? 'ready' : 'degraded'
}

export const openReadiness = (
  parts: Readonly<Record<string, Part>>,
  { withinMs = WITHIN_MS, freshMs = FRESH_MS } = {},
): Readiness => {
  const looks = Object.entries(parts).map(([name, part]) => ({
    name,
    isVital: part.isVital,
    look: lookWithin(part, withinMs),
  }))
  let isDraining = false
  let last: { readonly at: number; readonly report: Promise<ReadinessReport> } | null = null

  const lookAtAll = async (): Promise<ReadinessReport> => {
    const seen = await Promise.all(
      looks.map(async ({ name, isVital, look }) => ({ name, isVital, report: await look() })),
    )
    const status = statusOf(seen.map(({ isVital, report }) => ({ isVital, state: report.state })))
    return { status, parts: Object.fromEntries(seen.map(({ name, report }) => [name, report])) }
  }

  return {
    async read() {
      const now = performance.now()
      if (last === null || now - last.at >= freshMs) last = { at: now, report: lookAtAll() }
      const report = await last.report
      return isDraining ? { ...report, status: 'draining' } : report
    },
    drain() {
      isDraining = true
    },
    isDraining: () => isDraining,
  }
}
