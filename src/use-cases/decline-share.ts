/** Declines a share that was offered. */
import { readSlotDecline } from '@holdfast/client/protocol'
import { declineShare as decide } from '../domain/circle-acceptance.ts'
import { contactOf, refuseOther } from './contacts.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const declineShare: UseCase<'declineShare'> = async (deps, { caller, body: { message } }) => {
  const contact = await contactOf(deps, caller)
  const body = await readSlotDecline(message, contact.keys.signing)
  refuseOther(contact, body.contact)
  const { account } = await transact(deps, { account: body.owner, app: contact.app }, (owner, now) =>
    decide(owner, { body, message }, now),
  )
  return { revision: account.revision }
}
