/**
 * A request as each side may see it. PROTOCOL.md, "Recover". What the requester sees is the same whether contacts approved or
 * raised the alarm, and whether the account exists.
 */
import {
  type ContactRecoveryView,
  type OwnerRecoveryView,
  parseBody,
  type RequesterView,
  sessionAnswerBody,
  sessionRevealBody,
  sessionStartBody,
} from '@holdfast/client/protocol'
import type { Account, Answer, Recovery, Session, Slot } from './account.ts'
import { earliestAt } from './recovery-release.ts'
import { answerOf, circleOf, countedAnswers, isOpen, releasableAt, sessionOf, slotOf } from './recovery.ts'

type RequesterSession = RequesterView['sessions'][number]

/** Contested, alarmed or below the threshold again: all of that looks like waiting, and every bad end like any other. */
const requesterState = (recovery: Recovery, now: number): RequesterView['state'] => {
  const { state } = recovery
  if (state === 'released' || state === 'completed') return state
  if (!isOpen(recovery)) return 'ended'
  const at = earliestAt(recovery)
  if (at === null) return 'collecting'
  return now < at ? 'waiting' : 'delayed'
}

const requesterSession = (session: Session, { checkKey }: Slot): RequesterSession => {
  const { slot, attempt, mode, step, start, answer, reveal } = session
  const started = parseBody(start.body, sessionStartBody)
  return {
    slot,
    checkKey,
    attempt,
    mode,
    step,
    commitment: started.mode === 'codes' ? started.commitment : null,
    requesterNonce: answer === null ? null : parseBody(answer.body, sessionAnswerBody).nonce,
    contactNonce: reveal === null ? null : parseBody(reveal.body, sessionRevealBody).nonce,
  }
}

/** For the requester, signed in with its one-use key. Sessions are shown while the request's epoch is active. */
export const requesterView = (account: Account, recovery: Recovery, now: number): RequesterView => {
  const slots = circleOf(account, recovery)?.slots ?? []
  return {
    recovery: recovery.recovery,
    state: requesterState(recovery, now),
    coreHash: recovery.coreHash,
    openedAt: recovery.openedAt,
    expiresAt: recovery.expiresAt,
    answers: countedAnswers(recovery),
    earliestAt: earliestAt(recovery),
    sessions: recovery.sessions.flatMap((session) => {
      const slot = slots.find((one) => one.slot === session.slot)
      return slot === undefined ? [] : [requesterSession(session, slot)]
    }),
    now,
  }
}

/** For the owner: everything but the shares. Displaced approvals are left out, since they count no more. */
export const ownerRecoveryView = (recovery: Recovery): OwnerRecoveryView => ({
  recovery: recovery.recovery,
  state: recovery.state,
  request: recovery.request,
  epoch: recovery.epoch,
  coreHash: recovery.coreHash,
  openedAt: recovery.openedAt,
  expiresAt: recovery.expiresAt,
  quorumAt: recovery.quorumAt,
  releasableAt: releasableAt(recovery),
  contestedUntil: recovery.contestedUntil,
  alarmed: recovery.alarmed,
  overridden: recovery.overriddenAt !== null,
  endedAt: recovery.endedAt,
  answers: recovery.answers
    .filter(({ displaced }) => !displaced)
    .map(({ slot, decision, stolen, at }) => ({ slot, decision, stolen, at })),
})

/** For a contact, who sees its own slot and no other; null for a request that it may not answer, or not any more. */
export const contactRecoveryView = (
  account: Account,
  recovery: Recovery,
  contact: string,
  now: number,
): ContactRecoveryView | null => {
  const slot = slotOf(account, recovery, contact)
  if (slot === null || !isOpen(recovery)) return null
  const session = sessionOf(recovery, slot.slot)
  const answer = answerOf(recovery, slot.slot)
  return {
    owner: account.id,
    recovery: recovery.recovery,
    state: recovery.state,
    request: recovery.request,
    epoch: recovery.epoch,
    coreHash: recovery.coreHash,
    slot: slot.slot,
    openedAt: recovery.openedAt,
    expiresAt: recovery.expiresAt,
    releasableAt: releasableAt(recovery),
    alarmed: recovery.alarmed,
    contestedUntil: recovery.contestedUntil,
    session: session === undefined ? null : sessionView(session),
    answer: answer === undefined ? null : answerView(answer),
    now,
  }
}

const sessionView = ({ slot, attempt, mode, step, start, answer, reveal }: Session) => ({
  slot,
  attempt,
  mode,
  step,
  start,
  answer,
  reveal,
})

const answerView = (answer: Answer) => ({
  decision: answer.decision,
  stolen: answer.stolen,
  sequence: answer.sequence,
  live: !answer.displaced,
  at: answer.at,
})
