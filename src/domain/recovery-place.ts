/**
 * Whether a contact may speak about a request, from the slot that it names.
 */
import type { Account, Recovery } from './account.ts'
import { type Refused, refused } from './decision.ts'
import { findRecovery, isOpen, slotOf } from './recovery.ts'

/**
 * The open request that this contact speaks about from its own slot. Refuses `not_found`, alike for whatever is unknown,
 * foreign or of another slot, and `recovery_ended` to those whom it concerned.
 */
export const contactsRequest = (
  account: Account,
  said: { readonly recovery: string; readonly slot: number },
  contact: string,
): Recovery | Refused => {
  const recovery = findRecovery(account, said.recovery)
  if (recovery === undefined) return refused('not_found')
  const slot = slotOf(account, recovery, contact)?.slot
  if (isOpen(recovery)) return slot === said.slot ? recovery : refused('not_found')
  // The circle of an ended request may be gone; its answers tell who had a part in it.
  const hadPart = slot !== undefined || recovery.answers.some((answer) => answer.contact === contact)
  return refused(hadPart ? 'recovery_ended' : 'not_found')
}
