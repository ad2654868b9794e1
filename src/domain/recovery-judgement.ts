/**
 * What its answers make of a request: quorum, and with it the state, judged anew after every change of an answer.
 * PROTOCOL.md, "Recover", steps 4 to 6.
 */
import type { Account, Recovery, RecoveryState } from './account.ts'
import { type BackOffSettings, NO_BACK_OFF } from './back-off.ts'
import { erasingBlobs } from './circle-blobs.ts'
import { cancelPending } from './circle-end.ts'
import { logged, noticed } from './journal.ts'
import { circleOf, countedAnswers, liveApprovals, releasableAt, toCircle, withRecovery } from './recovery.ts'
import { endRecovery } from './recovery-ending.ts'
import { type Command, moved } from './transitions.ts'

/** The only part of a request that its answers change, beside the state that follows from them. */
type AnswerFields = Pick<Recovery, 'answers' | 'alarmed'>

/** `waiting` or `releasable`, for a request with a quorum. */
const waitingState = (recovery: Recovery, now: number): RecoveryState =>
  now < (releasableAt(recovery) ?? Infinity) ? 'waiting' : 'releasable'

/** Whether as many live approvals state that the phone was stolen as the circle's rule, if it has one, asks for. */
export const hasStolenQuorum = (recovery: Recovery): boolean => {
  const { stolenQuorum } = recovery.policy
  const stated = liveApprovals(recovery).filter(({ stolen }) => stolen).length
  return stolenQuorum !== null && stated >= stolenQuorum
}

/** Whether so many declined that the threshold cannot be met. Whoever raised an alarm may still come round. */
const isHopeless = (account: Account, recovery: Recovery): boolean => {
  const contacts = circleOf(account, recovery)?.slots.length ?? 0
  const declined = recovery.answers.filter(({ decision }) => decision === 'decline').length
  return contacts - declined < recovery.policy.threshold
}

const stateOf = (account: Account, recovery: Recovery, now: number): RecoveryState => {
  // What was handed out stays handed out.
  if (recovery.state === 'released') return 'released'
  if (isHopeless(account, recovery)) return 'declined'
  // Collecting does not expire, and nothing becomes releasable, while the owner's veto is contested.
  if (recovery.state === 'contested') return 'contested'
  if (recovery.quorumAt === null) return now < recovery.expiresAt ? 'collecting' : 'expired'
  return waitingState(recovery, now)
}

/**
 * Reminders that count as sent: reaching the quorum is told at once, hence not again; when waiting starts anew or takes
 * longer, the later ones are due again.
 */
const remindedOf = (before: Recovery, after: Recovery): readonly string[] => {
  if (after.quorumAt === null) return []
  return after.quorumAt === before.quorumAt && after.alarmed === before.alarmed ? before.reminded : ['quorum']
}

/** Quorum, and the requester's earliest time, from the answers as they are. A quorum that was kept keeps its time. */
const counted = (before: Recovery, fields: AnswerFields, now: number): Recovery => {
  const { threshold } = before.policy
  const after = { ...before, ...fields }
  const isQuorum = liveApprovals(after).length >= threshold
  const quorumAt = isQuorum ? (before.quorumAt ?? now) : null
  const answeredAt = before.answeredAt ?? (countedAnswers(after) >= threshold ? now : null)
  const next = { ...after, answeredAt, ...(before.state === 'released' ? {} : { quorumAt }) }
  return { ...next, reminded: remindedOf(before, next) }
}

const announcedQuorum = (account: Account, before: Recovery, after: Recovery, now: number): Account => {
  if ((before.quorumAt === null) === (after.quorumAt === null)) return account
  const { recovery, quorumAt } = after
  const event = quorumAt === null ? 'recovery-below-quorum' : 'recovery-quorum'
  const next = logged(account, now, event, { recovery })
  return noticed(next, now, event, toCircle(account, after), recovery)
}

/**
 * Puts other answers into a request and judges it: the one way in which answers change. Shares that no answer names any more
 * are marked for erasure.
 */
export const judge = (
  account: Account,
  before: Recovery,
  command: Command,
  fields: AnswerFields,
  now: number,
  settings: BackOffSettings,
): Account => {
  const after = counted(before, fields, now)
  const state = stateOf(account, after, now)
  const judged =
    state === 'declined' || state === 'expired'
      ? endRecovery(account, after, { command, state }, now, settings)
      : announcedQuorum(withRecovery(account, moved(after, command, state)), before, after, now)
  const kept = new Set(fields.answers.map(({ shareHash }) => shareHash))
  const gone = before.answers.flatMap(({ shareHash }) => shareHash ?? []).filter((hash) => !kept.has(hash))
  return gone.length === 0 ? judged : erasingBlobs(judged, gone)
}

/**
 * The contacts have beaten the owner's identity-key veto: the request goes on with one waiting period more, the back-off is
 * cleared, and what a thief may have changed about the circle is withdrawn.
 */
export const resume = (account: Account, before: Recovery, command: Command, now: number): Account => {
  const { recovery } = before
  const fields = { overriddenAt: now, contestedUntil: null, reminded: ['quorum'] }
  const next = moved(before, command, waitingState({ ...before, ...fields }, now), fields)
  const resumed = logged({ ...withRecovery(account, next), backOff: NO_BACK_OFF }, now, 'recovery-resumed', {
    recovery,
  })
  return cancelPending(
    noticed(resumed, now, 'recovery-resumed', toCircle(resumed, next), recovery),
    now,
    'stolen',
  )
}
