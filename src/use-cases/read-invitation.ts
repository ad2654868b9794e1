/** Shows who invited: the identity statement that the link's hash is held against. */
import { HoldfastError } from '@holdfast/client/protocol'
import { contactOf } from './contacts.ts'
import { readSettled } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const readInvitation: UseCase<'readInvitation'> = async (deps, { caller, params }) => {
  const contact = await contactOf(deps, caller)
  const { account, now } = await readSettled(deps, { account: params.account, app: contact.app })
  const invitation = account.invitations.find((one) => one.invitation === params.invitation)
  const isOpen =
    invitation !== undefined &&
    now < invitation.expiresAt &&
    (invitation.answer === null || invitation.answer.contact === contact.account)
  if (!isOpen || account.identity === null) throw new HoldfastError('not_found')
  return { account: account.id, statement: account.identity.statement }
}
