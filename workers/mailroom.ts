/**
 * Tells people by mail, push and webhook, apart from the queue: a mail server that takes its time holds up neither sockets nor
 * jobs. Whom it was told to tell and has forgotten, the sweep finds in the records.
 */
import { CLOSING, endsWithin } from '../src/closing.ts'
import { codeOf, type Report } from '../src/jobs/incident.ts'
import { oneAtATime, type Handler } from './one-at-a-time.ts'

export interface MailroomOptions {
  readonly tellPeople: Handler
  readonly report: Report
  /** Accounts at one time; 64 unless given. */
  readonly atATime?: number
  /** One that takes longer is given up and met again by the sweep. */
  readonly withinMs?: number
  /** How long `close` waits for what is being sent. */
  readonly closeWithinMs?: number
}

export interface Mailroom {
  /** Somebody is to be told by this account. Does not wait. */
  tell(account: string): void
  /** Sends nothing more, and waits for what is on its way. */
  close(): Promise<void>
}

/** Accounts that may wait; the sweep finds the others. */
const MOST_WAITING = 10_000

export const openMailroom = (options: MailroomOptions): Mailroom => {
  const { report, atATime = 64, withinMs = 30_000, closeWithinMs = CLOSING.mailroomMs } = options
  const tellPeople = oneAtATime(options.tellPeople, withinMs)
  const waiting = new Set<string>()
  const running = new Map<string, Promise<void>>()
  let closed = false

  const start = (account: string): void => {
    const run = tellPeople(account)
      .catch((error: unknown) => report({ event: 'telling_failed', account, code: codeOf(error) }))
      .finally(() => {
        running.delete(account)
        next()
      })
    running.set(account, run)
  }
  const next = (): void => {
    for (const account of waiting) {
      if (closed || running.size >= atATime) return
      // It keeps its one place, however often somebody is to be told meanwhile, and is told again after it.
      if (running.has(account)) continue
      waiting.delete(account)
      start(account)
    }
  }

  return {
    tell(account) {
      if (closed || waiting.size >= MOST_WAITING) return
      waiting.add(account)
      next()
    },
    async close() {
      closed = true
      await endsWithin(closeWithinMs, Promise.all(running.values()))
    },
  }
}
