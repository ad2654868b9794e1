/**
 * Comparing codes, slot by slot: the contact commits, the requester answers, the contact reveals, and says whether the code
 * that it typed was right. PROTOCOL.md, "Recover", step 3. The service keeps order; both devices count for themselves too.
 */
import {
  type EventName,
  parseBody,
  type SessionAnswerBody,
  type SessionOutcomeBody,
  type SessionRevealBody,
  sessionStartBody,
  type SessionStartBody,
  type Signed,
} from '@holdfast/client/protocol'
import type { Account, Notice, Recovery, Session } from './account.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed, toContact, toOwner, toRequester } from './journal.ts'
import { contactsRequest } from './recovery-place.ts'
import { circleOf, findRecovery, isOpen, sessionOf, withRecovery } from './recovery.ts'

/** Attempts per slot. More would let a service in the middle try until the codes agree. */
export const MAX_ATTEMPTS = 3
/**
 * How long an answered comparison keeps the requester from answering another slot's. It ends by itself, or one contact who
 * never reveals would strand the recovery.
 */
export const ONE_AT_A_TIME_MS = 120_000

/** What a contact says; verified under `contact`'s identity key. `contact`: that account. */
export interface ContactSays<B> {
  readonly body: B
  readonly message: Signed
  readonly contact: string
}

/** What the requester says; verified under its one-use key. */
export interface RequesterSays<B> {
  readonly body: B
  readonly message: Signed
}

const withSession = (account: Account, recovery: Recovery, session: Session): Account =>
  withRecovery(account, {
    ...recovery,
    sessions: [...recovery.sessions.filter(({ slot }) => slot !== session.slot), session].toSorted(
      (a, b) => a.slot - b.slot,
    ),
  })

const told = (
  account: Account,
  now: number,
  event: EventName,
  audiences: readonly Notice['audience'][],
  { recovery }: Recovery,
): Decision => changed(noticed(account, now, event, audiences, recovery))

/** The number of the next attempt. A comparison that the requester never answered does not count: the code never existed. */
const nextAttempt = (last: Session | undefined): number =>
  last === undefined ? 1 : last.step === 'started' ? last.attempt : last.attempt + 1

/**
 * A contact begins, or begins anew. The same again is unchanged.
 * Refuses `not_found`, `recovery_ended`, `codes_exhausted`, `session_conflict` (not the next attempt).
 */
export const startSession = (
  account: Account,
  says: ContactSays<SessionStartBody>,
  now: number,
): Decision => {
  const recovery = contactsRequest(account, says.body, says.contact)
  if ('kind' in recovery) return recovery
  const { body, message } = says
  const last = sessionOf(recovery, body.slot)
  if (last?.start.body === message.body) return unchanged()
  const attempt = nextAttempt(last)
  if (attempt > MAX_ATTEMPTS) return refused('codes_exhausted')
  if (body.attempt !== attempt) return refused('session_conflict')
  const session: Session = {
    slot: body.slot,
    attempt,
    mode: body.mode,
    step: 'started',
    start: message,
    answer: null,
    reveal: null,
    movedAt: now,
  }
  const next = withSession(account, recovery, session)
  return told(next, now, 'session-started', [toRequester(account, recovery.recovery)], recovery)
}

const commitmentOf = ({ start }: Session): string | null => {
  const body = parseBody(start.body, sessionStartBody)
  return body.mode === 'codes' ? body.commitment : null
}

/**
 * The requester's nonce, after its user's tap. The same again is unchanged.
 * Refuses `recovery_ended`, `session_conflict` (nothing to answer, another commitment, or busy with another slot).
 */
export const answerSession = (
  account: Account,
  { body, message }: RequesterSays<SessionAnswerBody>,
  now: number,
): Decision => {
  const recovery = findRecovery(account, body.recovery)
  if (recovery === undefined || !isOpen(recovery)) return refused('recovery_ended')
  const session = sessionOf(recovery, body.slot)
  if (session?.answer?.body === message.body) return unchanged()
  const isBusy = recovery.sessions.some(
    ({ slot, step, movedAt }) =>
      slot !== body.slot && step === 'answered' && now < movedAt + ONE_AT_A_TIME_MS,
  )
  const isAsked =
    session?.step === 'started' &&
    session.attempt === body.attempt &&
    commitmentOf(session) === body.commitment
  if (session === undefined || !isAsked || isBusy) return refused('session_conflict')
  const contact = circleOf(account, recovery)?.slots.find(({ slot }) => slot === body.slot)?.contact
  const next = withSession(account, recovery, { ...session, step: 'answered', answer: message, movedAt: now })
  return told(next, now, 'session-answered', contact === undefined ? [] : [toContact(contact)], recovery)
}

/**
 * The contact opens its commitment; whether it fits is for the requester to check. The same again is unchanged.
 * Refuses `not_found`, `recovery_ended`, `session_conflict`.
 */
export const revealSession = (
  account: Account,
  says: ContactSays<SessionRevealBody>,
  now: number,
): Decision => {
  const recovery = contactsRequest(account, says.body, says.contact)
  if ('kind' in recovery) return recovery
  const { body, message } = says
  const session = sessionOf(recovery, body.slot)
  if (session?.reveal?.body === message.body) return unchanged()
  if (session?.step !== 'answered' || session.attempt !== body.attempt) return refused('session_conflict')
  const next = withSession(account, recovery, { ...session, step: 'revealed', reveal: message, movedAt: now })
  return told(next, now, 'session-revealed', [toRequester(account, recovery.recovery)], recovery)
}

/**
 * Whether the code that the contact typed was right. The same again is unchanged; what was said stands.
 * Refuses `not_found`, `recovery_ended`, `session_conflict`.
 */
export const concludeSession = (
  account: Account,
  says: ContactSays<SessionOutcomeBody>,
  now: number,
): Decision => {
  const recovery = contactsRequest(account, says.body, says.contact)
  if ('kind' in recovery) return recovery
  const { body } = says
  const session = sessionOf(recovery, body.slot)
  const step = body.matched ? 'matched' : 'differed'
  if (session === undefined || session.attempt !== body.attempt) return refused('session_conflict')
  if (session.step === step) return unchanged()
  // In digits mode both read the whole transcript: there is nothing to answer or reveal.
  if (session.step !== (session.mode === 'codes' ? 'revealed' : 'started')) return refused('session_conflict')
  const { slot, attempt } = session
  const event = `session-${step}` as const
  const next = logged(withSession(account, recovery, { ...session, step, movedAt: now }), now, event, {
    recovery: recovery.recovery,
    slot,
    attempt,
  })
  return told(next, now, event, [toOwner(account), toRequester(account, recovery.recovery)], recovery)
}
