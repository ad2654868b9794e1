/**
 * What time alone brings. Every use case settles the account that it read before it decides, so that a decision never meets a
 * request that should have expired; jobs only write the same down sooner.
 */
import type { EventName } from '@holdfast/client/protocol'
import type { Account, Recovery } from './account.ts'
import { type CircleSettings, settleCircle } from './circle-change.ts'
import { logged, noticed, toOwner } from './journal.ts'
import { endRecovery, forgottenAt } from './recovery-ending.ts'
import { releasableAt, toCircle, withRecovery } from './recovery.ts'
import { settleTellings } from './settle-tellings.ts'
import { completableUntil, pullableUntil, type ReminderName, remindersOf } from './reminders.ts'
import { moved } from './transitions.ts'

export interface Settled {
  /** The very same account where nothing was due. */
  readonly account: Account
  /** What the store's clock must have reached for this to be true (Unix ms); null if nothing was due. */
  readonly notBefore: number | null
}

/** Something that falls due at an instant, and the account after it. */
interface Due {
  readonly at: number
  readonly apply: (account: Account) => Account
}

const REMINDER_EVENTS = {
  quorum: 'recovery-quorum',
  half: 'recovery-half-time',
  day: 'recovery-day-left',
  hour: 'recovery-hour-left',
} as const satisfies Record<ReminderName, EventName>

const reminder = (recovery: Recovery, name: ReminderName, at: number): Due => ({
  at,
  apply: (account) => {
    const next = moved(recovery, 'pass', 'waiting', { reminded: [...recovery.reminded, name] })
    const told = [toOwner(account)]
    return noticed(withRecovery(account, next), at, REMINDER_EVENTS[name], told, recovery.recovery)
  },
})

const releasable = (recovery: Recovery, at: number): Due => ({
  at,
  apply: (account) => {
    const next = withRecovery(account, moved(recovery, 'pass', 'releasable'))
    const id = recovery.recovery
    const entered = logged(next, at, 'recovery-releasable', { recovery: id })
    return noticed(entered, at, 'recovery-releasable', toCircle(account, recovery), id)
  },
})

/** The next thing that time brings to this request; null while it waits for people. */
const dueOf = (recovery: Recovery, settings: CircleSettings): Due | null => {
  const ending = (at: number, state: 'expired' | 'vetoed'): Due => ({
    at,
    apply: (account) => endRecovery(account, recovery, { command: 'pass', state }, at, settings),
  })
  switch (recovery.state) {
    case 'collecting':
      // Never before the restore that made it collect again.
      return ending(Math.max(recovery.expiresAt, recovery.restoredAt ?? 0), 'expired')
    case 'contested':
      return recovery.contestedUntil === null ? null : ending(recovery.contestedUntil, 'vetoed')
    case 'waiting': {
      const [next] = remindersOf(recovery)
      const at = releasableAt(recovery)
      if (next !== undefined && (at === null || next.at < at)) return reminder(recovery, next.name, next.at)
      return at === null ? null : releasable(recovery, at)
    }
    case 'releasable': {
      const at = pullableUntil(recovery)
      return at === null ? null : ending(at, 'expired')
    }
    case 'released': {
      const at = completableUntil(recovery)
      return at === null ? null : ending(at, 'expired')
    }
    default:
      return forgetting(recovery)
  }
}

/** Without a word: everybody was told of the end, and the log has it. */
const forgetting = (recovery: Recovery): Due | null => {
  const at = forgottenAt(recovery)
  const apply = (account: Account): Account => ({
    ...account,
    recoveries: account.recoveries.filter((one) => one !== recovery),
  })
  return at === null ? null : { at, apply }
}

const soonest = (recoveries: readonly Recovery[], settings: CircleSettings): Due | null =>
  recoveries.reduce<Due | null>((first, recovery) => {
    const due = dueOf(recovery, settings)
    return first === null || (due !== null && due.at < first.at) ? due : first
  }, null)

const latest = (...instants: readonly (number | null)[]): number | null => {
  const some = instants.filter((at) => at !== null)
  return some.length === 0 ? null : Math.max(...some)
}

/**
 * Brings an account up to `now` (store's clock, Unix ms): requests in the order of their instants, as if somebody had looked at
 * each of them; then a change of the circle, which an ended request no longer holds up; then what is to be told once more.
 * Settling twice changes nothing more.
 */
export const settle = (account: Account, now: number, settings: CircleSettings): Settled => {
  let current = account
  let notBefore: number | null = null
  for (
    let due = soonest(current.recoveries, settings);
    due !== null && due.at <= now;
    due = soonest(current.recoveries, settings)
  ) {
    current = due.apply(current)
    notBefore = Math.max(due.at, notBefore ?? 0)
  }
  const circle = settleCircle(current, now, settings)
  const tellings = settleTellings(circle.account, now)
  return { account: tellings.account, notBefore: latest(notBefore, circle.notBefore, tellings.notBefore) }
}
