/** Keeps a contact's answer to an invitation for the owner, who alone can check its MAC. */
import { HoldfastError, invitationAnswerBody, readMessage, sameIdentity } from '@holdfast/client/protocol'
import { answerInvitation as decide } from '../domain/invitations.ts'
import { contactOf, refuseOther } from './contacts.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const answerInvitation: UseCase<'answerInvitation'> = async (deps, { caller, body: { message } }) => {
  const contact = await contactOf(deps, caller)
  const body = await readMessage('invitation-answer', message, invitationAnswerBody, contact.keys.signing)
  refuseOther(contact, body.contact)
  if (!sameIdentity(body.contactIdentity, contact.keys)) throw new HoldfastError('signature_rejected')
  const { account } = await transact(deps, { account: body.owner, app: contact.app }, (owner, now) =>
    decide(owner, { body, message }, now),
  )
  return { revision: account.revision }
}
