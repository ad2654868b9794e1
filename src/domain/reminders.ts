/**
 * When a recovery may be released, and which reminders its owner is still to be sent before that.
 */
import type { Recovery } from './account.ts'

export type ReminderName = 'quorum' | 'half' | 'day' | 'hour'

export interface Reminder {
  readonly name: ReminderName
  /** Unix ms, by the store's clock. May lie in the past: then it is sent at once. */
  readonly at: number
}

const HOUR_MS = 3_600_000

/** When waiting began, Unix ms: with the quorum, or anew with a restore from a backup. Null without a quorum. */
const waitsSince = ({ quorumAt, restoredAt }: Recovery): number | null =>
  quorumAt === null ? null : Math.max(quorumAt, restoredAt ?? 0)

/**
 * End of the waiting period, Unix ms: its beginning + W · (1 + alarmed + overridden), and no sooner than W after a veto was beaten:
 * a contest may last longer than W, and whoever holds the veto key must have a whole period from there. Null without a quorum.
 * Computed anew at every look, never stored: a stored instant would outlive the alarm that moves it.
 */
export const releasableAtOf = (recovery: Recovery): number | null => {
  const since = waitsSince(recovery)
  if (since === null) return null
  const { alarmed, overriddenAt, policy } = recovery
  const waitingMs = policy.waitingSeconds * 1000
  const periods = 1 + Number(alarmed) + Number(overriddenAt !== null)
  return Math.max(since + waitingMs * periods, (overriddenAt ?? 0) + waitingMs)
}

/**
 * Until when a request with enough approvals may be released, Unix ms: as long after its waiting period as collecting lasts, and no
 * shorter than that period itself, for whoever waited for days may look again only after days. Null without a quorum. Without an
 * end, what nobody ever fetched would lie open for years, and keep every change of the circle from taking effect.
 */
export const pullableUntil = (recovery: Recovery): number | null => {
  const at = releasableAtOf(recovery)
  const { collectingSeconds, waitingSeconds } = recovery.policy
  return at === null ? null : at + Math.max(collectingSeconds, waitingSeconds) * 1000
}

/**
 * Until when a released request may be pulled again and completed, Unix ms; null unless it is released. It needs an end for the
 * same reasons.
 */
export const completableUntil = ({ state, releasedAt, policy }: Recovery): number | null =>
  state === 'released' && releasedAt !== null ? releasedAt + policy.collectingSeconds * 1000 : null

/**
 * Reminders not yet sent, soonest first; empty unless the recovery waits. `day` and `hour` are left out where the waiting
 * period is no longer than they are, or where they would fall together with `half`.
 */
export const remindersOf = (recovery: Recovery): readonly Reminder[] => {
  const { state, reminded } = recovery
  const since = waitsSince(recovery)
  const releasableAt = releasableAtOf(recovery)
  if (state !== 'waiting' || since === null || releasableAt === null) return []
  const half = since + Math.floor((releasableAt - since) / 2)
  const beforeEnd: readonly Reminder[] = [
    { name: 'day', at: releasableAt - 24 * HOUR_MS },
    { name: 'hour', at: releasableAt - HOUR_MS },
  ]
  const all: readonly Reminder[] = [
    { name: 'quorum', at: since },
    { name: 'half', at: half },
    ...beforeEnd.filter(({ at }) => at > since && at !== half),
  ]
  return all.filter(({ name }) => !reminded.includes(name)).toSorted((a, b) => a.at - b.at)
}
