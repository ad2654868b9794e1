/** Consents, as a current contact, to a change before it has cooled. */
import { readCountersign } from '@holdfast/client/protocol'
import { countersignChange as decide } from '../domain/circle-consent.ts'
import { contactOf, refuseOther } from './contacts.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const countersignChange: UseCase<'countersignChange'> = async (
  deps,
  { caller, body: { message } },
) => {
  const contact = await contactOf(deps, caller)
  const body = await readCountersign(message, contact.keys.signing)
  refuseOther(contact, body.contact)
  const { account } = await transact(deps, { account: body.owner, app: contact.app }, (owner, now) =>
    decide(owner, body, now, deps.settings),
  )
  return { revision: account.revision }
}
