/**
 * A signed-in account as others know it: what it does in others' circles it signs by its identity key.
 */
import { HoldfastError, type PublicIdentity } from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import { currentCaller, deviceOf } from './authorise.ts'
import type { Caller, Records } from './ports.ts'
import { readSettledAll } from './transact.ts'
import type { Deps } from './use-cases.ts'

export interface Contact {
  readonly account: string
  readonly app: string
  readonly keys: PublicIdentity
}

/** Throws `sign_in_required` or `session_expired`. */
export const contactOf = async (
  deps: { readonly records: Records },
  caller: Caller | null,
): Promise<Contact> => {
  const { id, app, identity } = await currentCaller(deps, deviceOf(caller))
  if (identity === null) throw new HoldfastError('session_expired')
  return { account: id, app, keys: identity.keys }
}

/** Refuses a message in which one account speaks for another. Throws `signature_rejected`. */
export const refuseOther = (contact: Contact, named: string): void => {
  if (named !== contact.account) throw new HoldfastError('signature_rejected')
}

/** Unanswered offers that a contact is shown, the newest: strangers may name it as often as they like. */
const SHOWN_OFFERS = 32

/** Accounts of the contact's app in whose circle or open request it is, each as time has made it; of those that it never accepted, the newest. */
export const ownersWith = async (
  deps: Pick<Deps, 'records' | 'keyStore' | 'settings'>,
  { account, app }: Contact,
): Promise<readonly Account[]> => {
  const held = await deps.records.circlesWith(account)
  const ids = [...held, ...(await deps.records.offersTo(account, SHOWN_OFFERS))]
  const owners = await readSettledAll(deps, ids, app)
  return owners.map((owner) => owner.account).filter(({ identity }) => identity !== null)
}
