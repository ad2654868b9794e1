/**
 * What a contact sees of others' requests.
 */
import type { AnswerOf } from '@holdfast/client/protocol'
import { contactRecoveryView } from '../domain/present-recovery.ts'
import { type Contact, ownersWith } from './contacts.ts'
import type { Deps } from './use-cases.ts'

/** All requests that the contact may answer, of all owners in its app. */
export const recoveriesFor = async (
  deps: Deps,
  contact: Contact,
): Promise<AnswerOf<'listContactRecoveries'>> => {
  const owners = await ownersWith(deps, contact)
  const now = await deps.records.now()
  const recoveries = owners.flatMap((owner) =>
    owner.recoveries.flatMap((recovery) => contactRecoveryView(owner, recovery, contact.account, now) ?? []),
  )
  return { recoveries, now }
}
