/**
 * Invitations, by which owner and contact come to hold each other's keys. PROTOCOL.md, "Meet". The service never sees the
 * secret of the link: it keeps the answer for the owner, who alone can check its MAC.
 */
import type { InvitationAnswerBody, Signed } from '@holdfast/client/protocol'
import type { Account, Invitation } from './account.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed, toOwner } from './journal.ts'

/** Invitations that may wait for an answer at one time. */
export const OPEN_INVITATIONS = 32
/** Invitations kept at one time, answered ones included: bounds the account's document. */
export const KEPT_INVITATIONS = 128
/** How long an invitation may be answered, and how long its answer is kept: 14 days. */
export const INVITATION_MS = 14 * 24 * 3_600_000

const current = (account: Account, now: number): readonly Invitation[] =>
  account.invitations.filter(({ expiresAt }) => now < expiresAt)

/** Opens an invitation and forgets expired ones. The same id again is unchanged. Refuses `limit_reached`. */
export const createInvitation = (
  account: Account,
  { invitation }: { readonly invitation: string },
  now: number,
): Decision<Invitation> => {
  const kept = current(account, now)
  const known = kept.find((one) => one.invitation === invitation)
  if (known !== undefined) return unchanged(known)
  const open = kept.filter(({ answer }) => answer === null)
  if (open.length >= OPEN_INVITATIONS || kept.length >= KEPT_INVITATIONS) return refused('limit_reached')
  const created: Invitation = { invitation, createdAt: now, expiresAt: now + INVITATION_MS, answer: null }
  const next = { ...account, invitations: [...kept, created] }
  return changed(logged(next, now, 'invitation-created', { invitation }), created)
}

/**
 * Keeps a contact's answer for the owner. `account` is the owner's; the caller has verified the message under the contact's
 * registered identity. The same answer again is unchanged; a second, other one is refused, so that a link that leaked cannot
 * displace the person it was for.
 * Refuses `not_found`, `invitation_rejected` (expired, used, or answered by the owner).
 */
export const answerInvitation = (
  account: Account,
  { body, message }: { readonly body: InvitationAnswerBody; readonly message: Signed },
  now: number,
): Decision => {
  const invitation = account.invitations.find((one) => one.invitation === body.invitation)
  if (body.owner !== account.id || invitation === undefined) return refused('not_found')
  if (now >= invitation.expiresAt || body.contact === account.id) return refused('invitation_rejected')
  if (invitation.answer !== null)
    return invitation.answer.message.body === message.body ? unchanged() : refused('invitation_rejected')
  const answered: Invitation = {
    ...invitation,
    // From here on this bounds how long the answer waits for its owner.
    expiresAt: now + INVITATION_MS,
    answer: { contact: body.contact, message },
  }
  const invitations = account.invitations.map((one) => (one === invitation ? answered : one))
  const next = logged({ ...account, invitations }, now, 'invitation-answered', {
    invitation: body.invitation,
    contact: body.contact,
  })
  return changed(noticed(next, now, 'invitation-answered', [toOwner(next)]))
}
