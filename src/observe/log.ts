/**
 * The log: by allow-list. A line is an event from a closed list and fields that are known here, each with the one form it may
 * have; everything else is left out. Removing what looks secret afterwards was tried elsewhere and missed half of it.
 */
import { pino, type DestinationStream } from 'pino'

/** What happened. A new kind of line is added here. */
export type LogEvent =
  | 'answer_undocumented'
  | 'channel_not_offered'
  | 'clock_jumped'
  | 'destination_unreadable'
  | 'development_mode'
  | 'hints_dropped'
  | 'http_failed'
  | 'http_refused'
  | 'http_served'
  | 'job_failed'
  | 'metrics_listening'
  | 'notice_not_passed'
  | 'notice_refused'
  | 'queue_disconnected'
  | 'queue_error'
  | 'queue_folder_set_aside'
  | 'queue_not_durable'
  | 'queue_ready'
  | 'queue_reconnected'
  | 'queue_start_failed'
  | 'queue_thread_ended'
  | 'records_restored'
  | 'reseal_done'
  | 'reseal_failed'
  | 'reseal_incomplete'
  | 'reseal_started'
  | 'secret_readable'
  | 'service_listening'
  | 'service_stopped'
  | 'service_stopping'
  | 'socket_event_refused'
  | 'socket_refused'
  | 'socket_send_failed'
  | 'stop_page_missing'
  | 'sweep_account_failed'
  | 'sweep_step_failed'
  | 'telling_failed'
  | 'uncaught'
  | 'workers_closed_busy'

/** Keys, hashes, shares and tokens have 43 characters and more: no word is as long. */
const word = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z0-9_.-]{1,40}$/.test(value) ? value : undefined
const address = (value: unknown): string | undefined =>
  typeof value === 'string' && /^https?:\/\/[a-z0-9.:[\]-]{1,80}$/i.test(value) ? value : undefined
const path = (value: unknown): string | undefined =>
  typeof value === 'string' && /^(?:\/|[A-Z]:\\).{0,300}$/.test(value) ? value : undefined
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
/** An account's or request's, 16 bytes in base64url. */
const id = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{22}$/.test(value) ? value : undefined
/** Where an error was thrown: file and line of each frame. The message is left out, since it may repeat input. */
const frames = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value)
    ? value.filter((line) => typeof line === 'string' && /^[\w.@/<>[\] :$-]{1,200}$/.test(line)).slice(0, 12)
    : undefined

const FIELDS = {
  account: id,
  attempts: number,
  code: word,
  count: number,
  durationMs: number,
  errorName: word,
  folder: path,
  frames,
  operation: word,
  port: number,
  queue: word,
  retryAfterMs: number,
  status: number,
  step: word,
  url: address,
} satisfies Record<string, (value: unknown) => unknown>

export type LogFields = { readonly [F in keyof typeof FIELDS]?: unknown }
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes one line. Fields that do not have their form are left out. */
export type Log = (level: LogLevel, event: LogEvent, fields?: LogFields) => void

/** The fields that may be logged, with only values of the right form. */
export const allowed = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const kept: Record<string, unknown> = {}
  for (const [name, form] of Object.entries(FIELDS)) {
    const value = Object.hasOwn(fields, name) ? form(fields[name]) : undefined
    if (value !== undefined) kept[name] = value
  }
  return kept
}

/** What may be said about anything thrown: its kind and where it came from, never its message. */
export const thrownFields = (thrown: unknown): LogFields => {
  if (!(thrown instanceof Error)) return { errorName: typeof thrown }
  const code: unknown = Reflect.get(thrown, 'code')
  const lines = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    errorName: thrown.name,
    code,
    frames: lines.map((line) => line.trim().replace(/file:\/\/|[()]/g, '')),
  }
}

/** JSON lines on stdout, or on `destination`. */
export const openLog = (level: LogLevel | 'silent', destination?: DestinationStream): Log => {
  const logger = pino({ level, base: null }, destination ?? pino.destination({ dest: 1, sync: true }))
  return (severity, event, fields = {}) => {
    if (logger.isLevelEnabled(severity)) logger[severity](allowed(fields), event)
  }
}
