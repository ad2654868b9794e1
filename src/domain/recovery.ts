/**
 * One request for recovery, and what is read off it. Nothing here changes anything.
 */
import {
  type Account,
  type Answer,
  type Epoch,
  type Notice,
  OPEN_STATES,
  type Recovery,
  type Session,
  type Slot,
} from './account.ts'
import { toContactsOf } from './circle-audience.ts'
import { toOwner } from './journal.ts'

/** End of the waiting period, Unix ms; null without a quorum. Judged anew at every look. */
export { releasableAtOf as releasableAt } from './reminders.ts'

export const isOpen = ({ state }: Recovery): boolean => OPEN_STATES.some((one) => one === state)

export const findRecovery = (account: Account, recovery: string): Recovery | undefined =>
  account.recoveries.find((one) => one.recovery === recovery)

/** Puts a changed request back in its place. */
export const withRecovery = (account: Account, recovery: Recovery): Account => ({
  ...account,
  recoveries: account.recoveries.map((one) => (one.recovery === recovery.recovery ? recovery : one)),
})

/** An approval that counts: neither taken back nor displaced by the same contact's approval of another request. */
export const isLive = ({ decision, displaced }: Answer): boolean => decision === 'approve' && !displaced

/** What quorum is counted by, and what a release hands out. */
export const liveApprovals = ({ answers }: Recovery): readonly Answer[] => answers.filter(isLive)

/**
 * Approvals and alarms together, which is all that a requester may count before release. Displaced approvals stay counted:
 * if they went, a requester with two requests could tell a forced alarm from an approval.
 */
export const countedAnswers = ({ answers }: Recovery): number =>
  answers.filter(({ decision }) => decision !== 'decline').length

/** The epoch that the request pinned; null for a decoy, and once that epoch is no longer active. */
export const circleOf = ({ circle }: Account, { epoch, coreHash }: Recovery): Epoch | null =>
  circle.active?.epoch === epoch && circle.active.coreHash === coreHash ? circle.active : null

/** The slot that this account holds in the request's circle; null for everyone else. */
export const slotOf = (account: Account, recovery: Recovery, contact: string): Slot | null =>
  circleOf(account, recovery)?.slots.find((slot) => slot.contact === contact) ?? null

export const sessionOf = ({ sessions }: Recovery, slot: number): Session | undefined =>
  sessions.find((session) => session.slot === slot)

export const answerOf = ({ answers }: Recovery, slot: number): Answer | undefined =>
  answers.find((answer) => answer.slot === slot)

/** Owner and contacts of the request's circle. */
export const toCircle = (account: Account, recovery: Recovery): readonly Notice['audience'][] => [
  toOwner(account),
  ...toContactsOf(circleOf(account, recovery)),
]
