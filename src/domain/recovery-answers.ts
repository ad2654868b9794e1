/**
 * A contact's answer to a request: approve, decline, or raise the alarm. PROTOCOL.md, "Recover", step 4.
 */
import type { DecisionBody, Signed } from '@holdfast/client/protocol'
import type { Account, Answer, Recovery } from './account.ts'
import type { BackOffSettings } from './back-off.ts'
import { changed, type Decision, type Refused, refused, unchanged } from './decision.ts'
import { logged, noticed, toOwner, toRequester } from './journal.ts'
import { hasStolenQuorum, judge, resume } from './recovery-judgement.ts'
import { contactsRequest } from './recovery-place.ts'
import { answerOf, findRecovery, isLive, isOpen, sessionOf, toCircle } from './recovery.ts'

/** An answer verified under the contact's identity key, and its proof under the slot's check key. */
export interface ContactAnswer {
  readonly body: DecisionBody
  readonly message: Signed
  /** The check key's signature over the decision proof; may be null unless approved. */
  readonly proof: string | null
  /** Account of the contact who sent it. */
  readonly contact: string
}

/** An answer counts for the very request, circle and slot that it was signed for, and an approval only with its share. */
const fits = (account: Account, recovery: Recovery, { body, proof, contact }: ContactAnswer): boolean => {
  const isApproval = body.decision === 'approve'
  return (
    body.owner === account.id &&
    body.contact === contact &&
    body.requestHash === recovery.requestHash &&
    body.coreHash === recovery.coreHash &&
    body.epoch === recovery.epoch &&
    isApproval === (body.shareHash !== null) &&
    // Who approves has compared the codes; to say no takes nothing.
    (!isApproval || (proof !== null && sessionOf(recovery, body.slot)?.step === 'matched'))
  )
}

const refuse = (
  account: Account,
  recovery: Recovery,
  answer: ContactAnswer,
  last: Answer | undefined,
): Refused | null => {
  const { body } = answer
  if (!fits(account, recovery, answer)) return refused('approval_rejected')
  if (last !== undefined && body.sequence <= last.sequence) return refused('sequence_rejected')
  // After release only what helps is taken: an approval of a slot that has none, so that a liar strands nobody.
  const isLate = body.decision !== 'approve' || (last !== undefined && isLive(last))
  return recovery.state === 'released' && isLate ? refused('not_collecting') : null
}

/** The other requests without this contact's approval: it has one in all, for the request that it approved last. */
const displaceOthers = (
  account: Account,
  approved: Recovery,
  contact: string,
  now: number,
  settings: BackOffSettings,
): Account =>
  account.recoveries
    .filter((one) => isOpen(one) && one.recovery !== approved.recovery)
    .reduce((current, one) => {
      const isTheirs = (answer: Answer): boolean => answer.contact === contact && isLive(answer)
      if (!one.answers.some(isTheirs)) return current
      const answers = one.answers.map((answer) =>
        isTheirs(answer) ? { ...answer, displaced: true, shareHash: null } : answer,
      )
      return judge(current, one, 'displace', { answers, alarmed: one.alarmed }, now, settings)
    }, account)

/**
 * To the requester, an approval and an alarm are the same event; a decline it notices only where an answer that it counted
 * goes away.
 */
const announced = (
  account: Account,
  recovery: Recovery,
  { decision, slot, stolen }: DecisionBody,
  last: Answer | undefined,
  now: number,
): Account => {
  const id = recovery.recovery
  const isAlarm = decision === 'alarm'
  const next = isAlarm
    ? logged(account, now, 'recovery-alarmed', { recovery: id, slot })
    : logged(account, now, 'recovery-answered', { recovery: id, slot, decision, stolen })
  const told = isAlarm
    ? noticed(next, now, 'recovery-alarmed', toCircle(next, recovery), id)
    : noticed(next, now, 'recovery-answered', [toOwner(next)], id)
  const isSeen = decision !== 'decline' || (last !== undefined && last.decision !== 'decline')
  return isSeen ? noticed(told, now, 'recovery-answered', [toRequester(next, id)], id) : told
}

const answerFrom = (
  { body, message, proof, contact }: ContactAnswer,
  now: number,
  revision: number,
): Answer => ({
  slot: body.slot,
  contact,
  decision: body.decision,
  stolen: body.stolen,
  sequence: body.sequence,
  message,
  proof,
  shareHash: body.shareHash,
  displaced: false,
  at: now,
  revision,
})

/**
 * The revision that came of this very message, if it is the slot's answer and was not displaced; null otherwise. Also once the
 * request has ended: only the reply was lost, and whoever is a contact no more learns nothing by asking again.
 */
const givenBefore = (account: Account, { body, message, contact }: ContactAnswer): number | null => {
  const recovery = findRecovery(account, body.recovery)
  const last = recovery === undefined ? undefined : answerOf(recovery, body.slot)
  if (recovery === undefined || last === undefined || last.displaced) return null
  if (last.contact !== contact || last.message.body !== message.body) return null
  // What an older version took has none.
  return last.revision ?? (isOpen(recovery) ? account.revision : null)
}

/** An answer given while collecting or contested must be in before that ends: the write fails after it. */
const deadlineOf = ({ state, expiresAt, contestedUntil }: Recovery): { readonly notAfter?: number } => {
  if (state === 'collecting') return { notAfter: expiresAt }
  return contestedUntil === null ? {} : { notAfter: contestedUntil }
}

/**
 * Takes a contact's latest answer in place of its former one, and gives the revision that came of it. The same again is unchanged,
 * and gives the same.
 * Refuses `not_found`, `recovery_ended`, `approval_rejected` (another request, epoch or slot; no share, no proof, or codes not
 * compared), `sequence_rejected`, `not_collecting` (released, and this would not help).
 */
export const answerRequest = (
  account: Account,
  answer: ContactAnswer,
  now: number,
  settings: BackOffSettings,
): Decision<number> => {
  const { body, contact } = answer
  const before = givenBefore(account, answer)
  if (before !== null) return unchanged(before)
  const recovery = contactsRequest(account, body, contact)
  if ('kind' in recovery) return recovery
  const last = answerOf(recovery, body.slot)
  const refusal = refuse(account, recovery, answer, last)
  if (refusal !== null) return refusal

  const { decision } = body
  const others = recovery.answers.filter(({ slot }) => slot !== body.slot)
  const revision = account.revision + 1
  const answers = [...others, answerFrom(answer, now, revision)].toSorted((a, b) => a.slot - b.slot)
  const alarmed = recovery.alarmed || decision === 'alarm'
  let next = announced(account, recovery, body, last, now)
  next = judge(next, recovery, decision, { answers, alarmed }, now, settings)
  if (decision === 'approve') next = displaceOthers(next, recovery, contact, now, settings)
  const after = findRecovery(next, recovery.recovery)
  if (after?.state === 'contested' && hasStolenQuorum(after)) next = resume(next, after, decision, now)
  return changed(next, revision, deadlineOf(recovery))
}
