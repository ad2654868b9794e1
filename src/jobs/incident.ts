/**
 * What jobs and workers have to say to whoever runs the service: a closed list of events with codes, counts and names, so
 * that nothing a handler or a queue threw can reach a log line.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import type { QueueName } from './queues.ts'

export type Incident =
  /** The queue's database was unreadable. It was renamed and a new one made; the sweep fills it from the records. */
  | { readonly event: 'queue_folder_set_aside'; readonly folder: string; readonly code: string }
  /** The thread of the queue's database ended without being asked to. It is started again at the next use. */
  | { readonly event: 'queue_thread_ended'; readonly code: string }
  /** Redis has no append-only file: killed, it forgets jobs, which the sweep then finds later. */
  | { readonly event: 'queue_not_durable' }
  /** Redis is away, and back again. Meanwhile the sweep does everything. */
  | { readonly event: 'queue_disconnected' }
  | { readonly event: 'queue_reconnected' }
  | { readonly event: 'queue_error'; readonly queue: QueueName; readonly code: string }
  /** Hints were lost on their way into the queue. The sweep finds what they were about. */
  | { readonly event: 'hints_dropped'; readonly count: number; readonly code: string }
  | {
      readonly event: 'job_failed'
      readonly queue: QueueName
      readonly attempts: number
      readonly code: string
    }
  | {
      readonly event: 'sweep_step_failed'
      readonly step: 'due' | 'unrelayed' | 'upcoming'
      readonly code: string
    }
  | { readonly event: 'sweep_account_failed'; readonly account: string; readonly code: string }
  /** What came of telling somebody could not be written down. It is sent once more. */
  | { readonly event: 'telling_failed'; readonly account: string; readonly code: string }
  /** Where the account's person is to be told cannot be opened with the keys of this process. It is tried again. */
  | { readonly event: 'destination_unreadable'; readonly account: string; readonly code: string }
  | { readonly event: 'workers_closed_busy' }

export type Report = (incident: Incident) => void

/** A short code for anything thrown: never its message, which may repeat input. */
export const codeOf = (thrown: unknown): string => {
  if (thrown instanceof HoldfastError) return thrown.code
  if (typeof thrown !== 'object' || thrown === null) return 'unknown'
  const code: unknown = Reflect.get(thrown, 'code')
  if (typeof code === 'string' && /^[A-Za-z0-9_]{1,40}$/.test(code)) return code
  const name: unknown = Reflect.get(thrown, 'name')
  return typeof name === 'string' && /^[A-Za-z0-9_]{1,40}$/.test(name) ? name : 'unknown'
}
