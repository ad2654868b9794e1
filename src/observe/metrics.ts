/**
 * Figures for Prometheus. Labels come from closed lists; what is on none of them is counted as `other`, so that no id and
 * nothing that was sent can become a label.
 */
import { EVENT_NAMES, OPERATION_NAMES } from '@holdfast/client/protocol'
import type { PartReport, ReadinessReport } from './readiness.ts'

/** What is counted, with the labels that each has. */
export const COUNTERS = {
  http_requests_total: ['operation', 'status'],
  commits_total: ['outcome'],
  log_entries_total: ['event'],
  recoveries_ended_total: ['state'],
  notices_total: ['channel', 'state'],
  incidents_total: ['event', 'queue'],
  sweeps_total: ['result'],
} as const satisfies Record<string, readonly Label[]>

type Label = keyof typeof VALUES
export type CounterName = keyof typeof COUNTERS
type LabelsOf<N extends CounterName> = { readonly [L in (typeof COUNTERS)[N][number]]: string }

const HELP: Readonly<Record<CounterName, string>> = {
  http_requests_total: 'Answers given, by operation and status',
  commits_total: 'Conditional writes of accounts, by what the store said',
  log_entries_total: 'What happened in accounts, as their logs have it',
  recoveries_ended_total: 'Requests for recovery that ended, by how',
  notices_total: 'Notices by channel and by what became of them',
  incidents_total: 'What jobs, sweep and queue reported, as in the log',
  sweeps_total: 'Accounts that the sweep looked at, by what became of it',
}

/** Entries of accounts' logs that are told to nobody by that name. */
const SILENT = [
  'account-registered',
  'change-countersigned',
  'deletion-requested',
  'destinations-stated',
  'epoch-proposed',
  'epoch-spent',
  'factor-erased',
  'identity-replaced',
  'invitation-created',
]
const INCIDENTS = [
  'destination_unreadable',
  'hints_dropped',
  'job_failed',
  'queue_disconnected',
  'queue_error',
  'queue_folder_set_aside',
  'queue_not_durable',
  'queue_reconnected',
  'queue_thread_ended',
  'sweep_account_failed',
  'sweep_step_failed',
  'telling_failed',
  'workers_closed_busy',
]

/** Every value that a label may have; `other` besides. `status` is a number of three digits. */
const VALUES = {
  operation: [...OPERATION_NAMES, 'none'],
  status: Array.from({ length: 500 }, (_, index) => String(index + 100)),
  outcome: ['committed', 'moved', 'early', 'late', 'failed'],
  event: [...EVENT_NAMES, ...SILENT, ...INCIDENTS],
  state: [
    ...['vetoed', 'declined', 'cancelled', 'expired', 'superseded', 'completed'],
    ...['sent', 'again', 'failed', 'waiting'],
  ],
  channel: ['live', 'mail', 'push', 'webhook'],
  queue: ['relay', 'wake', 'none'],
  result: ['settled', 'relayed', 'failed'],
} as const satisfies Record<string, readonly string[]>

/** The value itself where the list has it. */
export const labelValue = (label: Label, value: string): string =>
  (VALUES[label] as readonly string[]).includes(value) ? value : 'other'

export interface Metrics {
  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void
  /** How long an answer took. */
  took(operation: string, seconds: number): void
}

export interface OpenMetrics extends Metrics {
  /** Everything in Prometheus' text format, with the parts' figures as they are now. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** Where nobody asks for figures. */
export const NO_METRICS: Metrics = { count: () => undefined, took: () => undefined }

const PREFIX = 'holdfast_'
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15]
const STATES = { ok: 0, degraded: 1, failed: 2 } as const

/** What a part's figure says, where /readyz alone would mislead. */
const FIGURE_HELP: Readonly<Record<string, string>> = {
  holdfast_notices_waiting: 'Notices to be told now, of any 20 accounts that have some',
  holdfast_notices_oldest_ms: 'Age of the oldest of holdfast_notices_waiting: of some that wait, not of all',
  holdfast_backlog_unrelayed:
    'Accounts that have something to be told, erased or moved to the log, up to 5000',
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The numbers among a part's figures, by the names that they get. */
const figuresOf = (part: string, report: PartReport): readonly (readonly [string, number])[] =>
  Object.entries(report).flatMap(([name, value]) =>
    typeof value === 'number' ? [[`${PREFIX}${part}_${snake(name)}`, value] as const] : [],
  )

/** Loads prom-client, which nobody needs who does not ask for figures. `readiness` is asked at each scrape. */
export const openMetrics = async (readiness: () => Promise<ReadinessReport>): Promise<OpenMetrics> => {
  const { Registry, Counter, Gauge, Histogram, collectDefaultMetrics } = await import('prom-client')
  const register = new Registry()
  collectDefaultMetrics({ register })
  const names = Object.keys(COUNTERS) as CounterName[]
  const counters = new Map(
    names.map((name) => {
      const labelNames = [...COUNTERS[name]]
      return [
        name,
        new Counter({ name: `${PREFIX}${name}`, help: HELP[name], labelNames, registers: [register] }),
      ]
    }),
  )
  const durations = new Histogram({
    name: `${PREFIX}http_request_seconds`,
    help: 'How long answers took, by operation',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers: [register],
  })
  const states = new Gauge({
    name: `${PREFIX}part_state`,
    help: '0 ok, 1 degraded, 2 failed, as /readyz says',
    labelNames: ['part'],
    registers: [register],
  })
  const figures = new Map<string, InstanceType<typeof Gauge>>()
  const gaugeOf = (name: string): InstanceType<typeof Gauge> => {
    const gauge =
      figures.get(name) ??
      new Gauge({ name, help: FIGURE_HELP[name] ?? 'As /readyz says', registers: [register] })
    figures.set(name, gauge)
    return gauge
  }

  return {
    count(name, labels, by = 1) {
      const closed = Object.entries<string>(labels).map(([label, value]) => [
        label,
        labelValue(label as Label, value),
      ])
      counters.get(name)?.inc(Object.fromEntries(closed) as Record<string, string>, by)
    },
    took(operation, seconds) {
      durations.observe({ operation: labelValue('operation', operation) }, seconds)
    },
    async read() {
      const { parts } = await readiness()
      // A part that does not answer has no figures: old ones would say that all is as it was.
      for (const gauge of figures.values()) gauge.remove()
      for (const [part, report] of Object.entries(parts)) {
        states.set({ part }, STATES[report.state])
        for (const [name, value] of figuresOf(part, report)) gaugeOf(name).set(value)
      }
      return { contentType: register.contentType, text: await register.metrics() }
    },
  }
}
