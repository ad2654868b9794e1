/**
 * Who stands around an owner: everybody whom the matrix has a row for, with an owner who has lived through a theft and through
 * a loss, so that there is an identity that was replaced and a device that was revoked.
 */
import {
  type BuiltEpoch,
  type IdentityKeys,
  Secret,
  announceInvitation,
  answerInvitation,
  buildEpoch,
  countersign,
  identityFromSeed,
  makeInvitation,
  parseInvitationLink,
  publicHalf,
  revokeDevice,
  type Signed,
} from '@holdfast/client/protocol'
import type { Caller } from '../../../src/use-cases/ports.ts'
import {
  type Friends,
  type Person,
  type PlanOptions,
  accept,
  newFriends,
  newPeople,
  newPerson,
  planEpoch,
  proposalOf,
  signIn,
} from '../../support/actors.ts'
import { type Requester, askApproved, completionOf, open, pull } from '../../support/recoveries.ts'
import type { Place } from './place.ts'

/** What nobody who attacks has to do with: made once for all scenes. */
export interface Bystanders {
  /** An owner of the same app with a circle of its own. */
  readonly otherOwner: Person
  /** Somebody of another app. */
  readonly foreigner: Person
}

export const newBystanders = async (place: Place): Promise<Bystanders> => ({
  otherOwner: (await newFriends(place, { contacts: 2 })).owner,
  foreigner: await newPerson(place, { app: place.otherApp }),
})

export interface Household {
  readonly owner: Person
  /** The owner's identity and device from before the theft. */
  readonly replaced: Person
  /** A device of the owner that was revoked. */
  readonly revoked: Caller
  /** Was a contact until the present circle. */
  readonly removed: Person
  /** In slot order. The last two have not answered what they were offered. */
  readonly contacts: readonly Person[]
  /** Open; nobody has answered it. */
  readonly invitation: string
  /** Answered by the first contact: that answer. */
  readonly answered: { readonly invitation: string; readonly message: Signed }
  readonly vetoKey: { readonly keys: IdentityKeys; readonly publicKey: string }
}

/** Pulls as soon as the waiting period of a second is over. */
const pullWhenDue = async (place: Place, asked: Requester) => {
  for (;;) {
    try {
      return await pull(place, asked)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'not_releasable')) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** A whole recovery of this owner, by two contacts; the owner on the device and with the identity of afterwards. */
const livedThrough = async (
  place: Place,
  owner: Person,
  contacts: readonly Person[],
  cause: 'lost' | 'stolen',
): Promise<Person> => {
  const built = await propose(place, owner, contacts, { policy: { waitingSeconds: 1 } })
  for (const contact of contacts) await accept(place, contact, owner)
  const { asked, confirmed } = await askApproved(place, { owner, contacts, built }, [1, 2], { cause })
  const { identity, identitySeed: seed } = await open(asked, await pullWhenDue(place, asked), confirmed)
  const { body, deviceSeed } = await completionOf(place, asked, identity)
  await place.call('completeRecovery', { caller: asked.caller, body })
  const now = asked.next ?? { identity, seed }
  const { account, app } = owner
  const caller = await signIn(place, { account, recovery: null, seed: deviceSeed })
  return { account, app, ...now, deviceSeed, caller }
}

export const propose = async (
  place: Place,
  owner: Person,
  contacts: readonly Person[],
  options: PlanOptions = {},
): Promise<BuiltEpoch> => {
  const built = await buildEpoch(await planEpoch(place, owner, contacts, options))
  await place.call('proposeEpoch', { caller: owner.caller, body: proposalOf(built) })
  return built
}

const invite = async (place: Place, { account, identity, caller }: Person) => {
  const base = 'https://app.example/'
  const { invitation, link } = makeInvitation({ account, identity: publicHalf(identity), base })
  await place.call('createInvitation', {
    caller,
    body: await announceInvitation({ account, invitation, identity }),
  })
  return { invitation, link }
}

const answer = async (place: Place, owner: Person, friend: Person) => {
  const { invitation, link } = await invite(place, owner)
  const params = { account: owner.account, invitation }
  const { statement } = await place.call('readInvitation', { caller: friend.caller, params })
  const { account, identity } = friend
  const { message } = await answerInvitation({ ...parseInvitationLink(link), statement, account, identity })
  await place.call('answerInvitation', { caller: friend.caller, body: { message } })
  return { invitation, message }
}

export const newHousehold = async (place: Place): Promise<Household> => {
  const [replaced, removed, ...contacts] = (await newPeople(place, 7)) as [Person, Person, ...Person[]]
  const helpers = [removed, contacts[0] as Person]
  const afterTheft = await livedThrough(place, replaced, helpers, 'stolen')
  const owner = await livedThrough(place, afterTheft, helpers, 'lost')
  const revoked = afterTheft.caller
  if (revoked.role !== 'device') throw new Error('not a device')
  const message = await revokeDevice({ ...owner, device: revoked.device })
  await place.call('revokeDevice', { caller: owner.caller, body: { message } })
  const keys = await identityFromSeed(Secret.random(32))
  return {
    owner,
    replaced,
    revoked,
    removed,
    contacts,
    invitation: (await invite(place, owner)).invitation,
    answered: await answer(place, owner, contacts[0] as Person),
    vetoKey: { keys, publicKey: publicHalf(keys).signing },
  }
}

/** An active circle from which `removed` has just been dropped, with its consent; slots 4 and 5 have not answered. */
export const openCircle = async (
  place: Place,
  { owner, removed, contacts, vetoKey }: Household,
  policy: PlanOptions['policy'] = {},
): Promise<Friends> => {
  const before = [contacts[0] as Person, contacts[1] as Person, removed]
  const first = await propose(place, owner, before)
  for (const contact of before) await accept(place, contact, owner)
  const options = { vetoKey: vetoKey.publicKey, policy: { acceptances: 3, ...policy } }
  const built = await propose(place, owner, contacts, options)
  for (const contact of contacts.slice(0, 3)) await accept(place, contact, owner)
  for (const [index, { account, identity, caller }] of before.entries()) {
    const hashes = { activeCoreHash: first.coreHash, coreHash: built.coreHash }
    const body = await countersign({ owner: owner.account, ...hashes, slot: index + 1, account, identity })
    await place.call('countersignChange', { caller, body })
  }
  return { owner, contacts, built }
}
