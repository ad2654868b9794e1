/**
 * A signed-in account as others know it: what it does in others' circles it signs by its identity key.
 */
import { HoldfastError, type PublicIdentity } from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import type { Decision } from '../domain/decision.ts'
import { type DeviceCaller, currentCaller, deviceOf, isCurrent } from './authorise.ts'
import type { Blob, Caller, Records } from './ports.ts'
import { type Done, readSettledAll, settledOf, transactOn } from './transact.ts'
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
): Promise<Contact> => asContact(await currentCaller(deps, deviceOf(caller)))

const asContact = ({ id, app, identity }: Account): Contact => {
  if (identity === null) throw new HoldfastError('session_expired')
  return { account: id, app, keys: identity.keys }
}

/**
 * As `transact`, about an owner of the calling contact's app; `decide` gets the contact as well. Both are read in one look, so that
 * who is no contact's device any more at that moment decides nothing. Throws `session_expired`.
 */
export const transactAsContact = <V>(
  deps: Pick<Deps, 'records' | 'keyStore' | 'jobs' | 'settings'>,
  { owner, caller }: { readonly owner: string; readonly caller: DeviceCaller },
  decide: (owner: Account, contact: Contact, now: number) => Decision<V> | Promise<Decision<V>>,
  blobs: readonly Blob[] = [],
): Promise<Done<V>> => {
  const read = async () => {
    const loaded = await deps.records.loadAll([owner, caller.account])
    const of = (id: string) => loaded.find(({ account }) => account.id === id) ?? null
    const own = of(caller.account)
    if (own === null || !isCurrent(own.account, caller)) throw new HoldfastError('session_expired')
    const contact = asContact(own.account)
    const target = { account: owner, app: contact.app }
    return { contact, ...(await settledOf(deps, target, of(owner), own.now)) }
  }
  return transactOn(deps, owner, read, ({ account, contact, now }) => decide(account, contact, now), blobs)
}

/** Refuses a message in which one account speaks for another. Throws `signature_rejected`. */
export const refuseOther = (contact: { readonly account: string }, named: string): void => {
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
