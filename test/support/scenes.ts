/**
 * For every operation: an account in a state in which it succeeds, and the input with which it does.
 */
import {
  announceInvitation,
  type OperationName,
  answerCodes,
  answerInvitation,
  answerChallenge,
  buildEpoch,
  concludeCodes,
  countersign,
  makeInvitation,
  parseInvitationLink,
  publicHalf,
  revealCodes,
  revokeDevice,
  signCancel,
  signChangeCancel,
  signDeletion,
  signDestinations,
  signSlotDecline,
  startCodes,
} from '@holdfast/client/protocol'
import {
  type Friends,
  type Person,
  acceptanceOf,
  contactAt,
  newFriends,
  newId,
  newPeople,
  newPerson,
  planEpoch,
  proposalOf,
  propose,
  registration,
} from './actors.ts'
import { NOWHERE } from './destinations.ts'
import {
  type Requester,
  approvalOf,
  ask,
  askApproved,
  askReleased,
  compare,
  completionOf,
  open,
  pullOf,
  requestFor,
  transcriptFor,
  vetoOf,
} from './recoveries.ts'
import type { Given, World } from './world.ts'

/** Where an operation may be called once. `owner`: the account whose record it would change; null if it changes none. */
export interface Scene<N extends OperationName> {
  readonly given: Given<N>
  readonly owner: string | null
}

type Scenes = { readonly [N in OperationName]: (world: World) => Promise<Scene<N>> }

const asked = async (world: World) => {
  const friends = await newFriends(world)
  return { friends, request: await ask(world, friends.owner.account) }
}

/** A comparison with slot 1 that the contact has begun, and that the requester may have answered. */
const comparing = async (world: World, answered: boolean) => {
  const { friends, request } = await asked(world)
  const { caller, identity } = contactAt(friends, 1)
  const owner = friends.owner.account
  const place = { recovery: request.recovery, slot: 1, attempt: 1 }
  const transcript = transcriptFor(friends, request, 1)
  const started = await startCodes({ ...place, transcript, identity })
  await world.call('startSession', { caller, body: { owner, message: started.message } })
  const answer = await answerCodes({ ...place, commitment: started.commitment, requester: request.keys })
  if (answered)
    await world.call('answerSession', { caller: request.caller, body: { message: answer.message } })
  const reveal = () =>
    revealCodes({
      ...place,
      transcript,
      contactNonce: started.contactNonce,
      requesterSigning: publicHalf(request.keys).signing,
      answer: answer.message,
      identity,
    })
  return { friends, request, owner, caller, identity, place, answer: answer.message, reveal }
}

const invited = async (world: World) => {
  const [owner, contact] = (await newPeople(world, 2)) as [Person, Person]
  const made = makeInvitation({
    account: owner.account,
    identity: publicHalf(owner.identity),
    base: 'https://app.example/',
  })
  const { invitation, link } = made
  await world.call('createInvitation', {
    caller: owner.caller,
    body: await announceInvitation({ ...owner, invitation }),
  })
  return { owner, contact, invitation, link }
}

const proposed = async (world: World) => {
  const [owner, ...contacts] = (await newPeople(world, 4)) as [Person, ...Person[]]
  const built = await propose(world, owner, contacts)
  return { owner, contacts, built }
}

/** A second epoch that waits, with the first one active. */
const changing = async (world: World) => {
  const friends = await newFriends(world)
  const pending = await propose(world, friends.owner, friends.contacts)
  return { friends, pending }
}

const ofFriends = ({ owner }: Friends) => owner.account
const byRequester = <B>(request: Requester, body: B) => ({
  given: { caller: request.caller, body },
  owner: request.account,
})

export const SCENES: Scenes = {
  readService: async () => ({ given: {}, owner: null }),
  async createAccount(world) {
    const { account, body } = await registration(world)
    return { given: { body }, owner: account }
  },
  async createChallenge(world) {
    const { account } = await newPerson(world)
    return { given: { body: { account } }, owner: null }
  },
  async createSession(world) {
    const { account, deviceSeed: seed } = await newPerson(world)
    const { challenge } = await world.call('createChallenge', { body: { account } })
    const service = world.deps.keys.signing.publicKey
    const message = await answerChallenge({ service, account, recovery: null, challenge, seed })
    return { given: { body: { message } }, owner: null }
  },
  readAccount: async (world) => ({ given: { caller: (await newPerson(world)).caller }, owner: null }),
  readLog: async (world) => ({ given: { caller: (await newPerson(world)).caller, query: {} }, owner: null }),
  async readIdentity(world) {
    const [one, other] = (await newPeople(world, 2)) as [Person, Person]
    return { given: { caller: one.caller, params: { account: other.account } }, owner: null }
  },
  async revokeDevice(world) {
    const { account, identity, caller } = await newPerson(world)
    if (caller.role !== 'device') throw new Error('not a device')
    const message = await revokeDevice({ account, device: caller.device, identity })
    return { given: { caller, body: { message } }, owner: account }
  },
  async setDestinations(world) {
    const { account, caller, identity } = await newPerson(world)
    const body = await signDestinations({ ...NOWHERE, account, mail: 'ada@example.org' }, identity)
    return { given: { caller, body }, owner: account }
  },
  readNotices: async (world) => ({ given: { caller: (await newPerson(world)).caller }, owner: null }),
  async createInvitation(world) {
    const { account, caller, identity } = await newPerson(world)
    const body = await announceInvitation({ account, identity, invitation: newId() })
    return { given: { caller, body }, owner: account }
  },
  async readInvitation(world) {
    const { owner, contact, invitation } = await invited(world)
    return { given: { caller: contact.caller, params: { account: owner.account, invitation } }, owner: null }
  },
  async answerInvitation(world) {
    const { owner, contact, invitation, link } = await invited(world)
    const params = { account: owner.account, invitation }
    const { statement } = await world.call('readInvitation', { caller: contact.caller, params })
    const { account, identity } = contact
    const { message } = await answerInvitation({ ...parseInvitationLink(link), statement, account, identity })
    return { given: { caller: contact.caller, body: { message } }, owner: owner.account }
  },
  async proposeEpoch(world) {
    const [owner, ...contacts] = (await newPeople(world, 4)) as [Person, ...Person[]]
    const body = proposalOf(await buildEpoch(await planEpoch(world, owner, contacts)))
    return { given: { caller: owner.caller, body }, owner: owner.account }
  },
  async cancelChange(world) {
    const { friends, pending } = await changing(world)
    const { account, identity } = friends.owner
    const { seed } = identity.signing
    const body = await signChangeCancel({ account, coreHash: pending.coreHash, seed })
    return { given: { body }, owner: account }
  },
  async deleteCircle(world) {
    const { owner, built } = await newFriends(world)
    const { circle, epoch } = built.core
    const { coreHash } = built
    const { account, identity } = owner
    const body = await signDeletion({ account, circle, epoch, coreHash, identity })
    return { given: { caller: owner.caller, body }, owner: account }
  },
  async listShares(world) {
    return { given: { caller: contactAt(await newFriends(world), 1).caller }, owner: null }
  },
  async acceptShare(world) {
    const { owner, contacts } = await proposed(world)
    const contact = contacts[0] as Person
    const body = await acceptanceOf(world, contact, owner)
    return { given: { caller: contact.caller, body }, owner: owner.account }
  },
  async declineShare(world) {
    const { owner, contacts, built } = await proposed(world)
    const { account, identity, caller } = contacts[0] as Person
    const place = { owner: owner.account, coreHash: built.coreHash, slot: 1 }
    return {
      given: { caller, body: await signSlotDecline({ ...place, account, identity }) },
      owner: owner.account,
    }
  },
  async countersignChange(world) {
    const { friends, pending } = await changing(world)
    const { account, identity, caller } = contactAt(friends, 1)
    const owner = ofFriends(friends)
    const hashes = { activeCoreHash: friends.built.coreHash, coreHash: pending.coreHash }
    const body = await countersign({ owner, ...hashes, slot: 1, account, identity })
    return { given: { caller, body }, owner }
  },
  async openRecovery(world) {
    const { owner } = await newFriends(world)
    const { body } = await requestFor(world, owner.account)
    return { given: { body }, owner: owner.account }
  },
  async readRecovery(world) {
    const { request } = await asked(world)
    return { given: { caller: request.caller }, owner: null }
  },
  async answerSession(world) {
    const { request, answer } = await comparing(world, false)
    return byRequester(request, { message: answer })
  },
  async cancelRecovery(world) {
    const { request } = await asked(world)
    const { account, recovery, keys: requester } = request
    return byRequester(request, await signCancel({ account, recovery, requester }))
  },
  async pullRelease(world) {
    const friends = await newFriends(world)
    const { asked: request } = await askApproved(world, friends, [1, 2])
    world.advance(friends.built.core.policy.waitingSeconds * 1000)
    // Signed in meanwhile or not, the token would have run out: tests call the use case with the caller itself.
    return byRequester(request, await pullOf(request))
  },
  async completeRecovery(world) {
    const { asked: request, confirmed, release } = await askReleased(world, await newFriends(world), [1, 2])
    const { identity } = await open(request, release, confirmed)
    return byRequester(request, (await completionOf(world, request, identity)).body)
  },
  async listContactRecoveries(world) {
    const { friends } = await asked(world)
    return { given: { caller: contactAt(friends, 1).caller }, owner: null }
  },
  async startSession(world) {
    const { friends, request } = await asked(world)
    const { caller, identity } = contactAt(friends, 1)
    const place = { recovery: request.recovery, slot: 1, attempt: 1 }
    const transcript = transcriptFor(friends, request, 1)
    const { message } = await startCodes({ ...place, transcript, identity })
    const owner = ofFriends(friends)
    return { given: { caller, body: { owner, message } }, owner }
  },
  async revealSession(world) {
    const { owner, caller, reveal } = await comparing(world, true)
    return { given: { caller, body: { owner, message: (await reveal()).message } }, owner }
  },
  async concludeSession(world) {
    const { owner, caller, reveal, place, identity } = await comparing(world, true)
    await world.call('revealSession', { caller, body: { owner, message: (await reveal()).message } })
    const { message } = await concludeCodes({ ...place, matched: true, identity })
    return { given: { caller, body: { owner, message } }, owner }
  },
  async decide(world) {
    const { friends, request } = await asked(world)
    await compare(world, friends, request, 1)
    const body = await approvalOf(world, friends, request, 1)
    return { given: { caller: contactAt(friends, 1).caller, body }, owner: ofFriends(friends) }
  },
  async veto(world) {
    const { friends, request } = await asked(world)
    return { given: { body: await vetoOf(friends.owner, request.recovery) }, owner: ofFriends(friends) }
  },
}
