/**
 * What each role sends to call an operation about the owner of a scene: always well formed and signed by the keys that the role
 * has, so that nothing but who it is can be the reason for a refusal.
 */
import {
  type OperationName,
  type Signed,
  Secret,
  announceInvitation,
  answerChallenge,
  answerCodes,
  buildCompletion,
  buildEpoch,
  buildRefusal,
  concludeCodes,
  countersign,
  keyHash,
  publicHalf,
  revokeDevice,
  signAcceptance,
  signCancel,
  signChangeCancel,
  signDeletion,
  signDestinations,
  signMessage,
  signRelease,
  signSlotDecline,
  signVeto,
  startDigits,
  stateDevice,
  stateIdentity,
} from '@holdfast/client/protocol'
import type { Person } from '../../support/actors.ts'
import { newId, policyOf, proposalOf } from '../../support/actors.ts'
import { NOWHERE } from '../../support/destinations.ts'
import { newApp } from '../../support/test-app.ts'
import type { Given } from '../../support/world.ts'
import type { Place } from './place.ts'
import type { Who } from './roles.ts'
import type { Scene } from './scenes.ts'

type Sent<N extends OperationName> = Omit<Given<N>, 'caller'>
type Attempts = {
  readonly [N in OperationName]: (place: Place, scene: Scene, who: Who) => Promise<Sent<N>>
}

/** No app's backend: knows the form of a ticket, and no key. */
const noApp = newApp('letters', Date.now)

const reading = async (): Promise<Record<string, never>> => ({})

/** A signed body in another's place: the role's own signature under what the first contact or the requester has said. */
const resigned = async (
  type: Parameters<typeof signMessage>[0],
  { body }: Signed,
  seed: Secret,
): Promise<Signed> => signMessage(type, JSON.parse(body) as object as Parameters<typeof signMessage>[1], seed)

/** In a comparison of codes: the contact's message itself where the role is the contact, else the same said by the role. */
const spoken = async ({ talk }: Scene, { role, identity }: Who, step: 'start' | 'reveal'): Promise<Signed> =>
  role === 'contact'
    ? talk[step]
    : resigned(step === 'start' ? 'session-start' : 'session-reveal', talk[step], identity.signing.seed)

const place = ({ request }: Scene, { slot }: Who) => ({ recovery: request.recovery, slot, attempt: 1 })

/** The change that is under way; any hash where none is. */
const changeOf = ({ state, circle, pending }: Scene): string =>
  (state === 'deleting' ? circle?.coreHash : pending?.coreHash) ?? 'A'.repeat(43)

const heldBy = ({ held }: Scene, { slot }: Who) => held(slot)

export const ATTEMPTS: Attempts = {
  readService: reading,
  readAccount: reading,
  readRecovery: reading,
  listShares: reading,
  listContactRecoveries: reading,
  readLog: async () => ({ query: {} }),
  readIdentity: async (_, { owner }) => ({ params: { account: owner.account } }),
  readInvitation: async (_, { owner, invitation }) => ({ params: { account: owner.account, invitation } }),
  /** Takes the owner's account id for its own. */
  async createAccount(_, { owner: { account } }, { identity, deviceSeed, app }) {
    const keys = { account, identity }
    const { statement } = await stateDevice({ ...keys, deviceSeed, registeredAt: Date.now() })
    const ticket = await (app ?? noApp).ticket('register', account, publicHalf(identity))
    const stated = await stateIdentity({ ...keys, app: (app ?? noApp).app, statedAt: Date.now() })
    return { body: { ticket, identity: stated, device: statement } }
  },
  createChallenge: async (_, { owner: { account } }) => ({ body: { account } }),
  /** Signs in to the owner's account, or as the requester that the role is. */
  async createSession(at, { owner: { account } }, { caller, deviceSeed, request }) {
    const { challenge } = await at.call('createChallenge', { body: { account } })
    const isRequester = caller?.role === 'requester'
    const message = await answerChallenge({
      service: at.deps.keys.signing.publicKey,
      account,
      challenge,
      recovery: isRequester ? request.recovery : null,
      seed: isRequester ? request.keys.signing.seed : deviceSeed,
    })
    return { body: { message } }
  },
  async revokeDevice(_, { owner: { account, caller } }, { identity }) {
    const device = caller.role === 'device' ? caller.device : ''
    return { body: { message: await revokeDevice({ account, device, identity }) } }
  },
  readNotices: reading,
  setDestinations: async (_, { owner: { account } }, { identity }) => ({
    body: await signDestinations({ ...NOWHERE, account, mail: 'eve@example.org' }, identity),
  }),
  createInvitation: async (_, { owner: { account } }, { identity }) => ({
    body: await announceInvitation({ account, identity, invitation: newId() }),
  }),
  async answerInvitation(_, { answered: { message } }, { role, account, identity }) {
    if (role === 'contact') return { body: { message } }
    const said = { ...(JSON.parse(message.body) as object), contact: account }
    const body = { ...said, contactIdentity: publicHalf(identity) }
    return { body: { message: await signMessage('invitation-answer', body, identity.signing.seed) } }
  },
  async proposeEpoch(at, { owner, contacts, circle }, { role, identity }) {
    const { circle: view } = await at.call('readAccount', { caller: owner.caller })
    const built = await buildEpoch({
      app: owner.app.app,
      account: owner.account,
      identitySeed: role === 'owner' ? owner.seed : Secret.random(32),
      circle: view.active?.circle ?? circle?.core.circle ?? newId(),
      epoch: view.highestEpoch + 1,
      previous: view.lastCoreHash,
      policy: policyOf(2, contacts.length),
      vetoKey: null,
      serviceKey: at.deps.keys.release.publicKey,
      contacts: contacts.map((friend: Person) => ({
        account: friend.account,
        identity: publicHalf(friend.identity),
        verified: 'in-person',
      })),
      application: new Uint8Array([1]),
    })
    // The role's own keys: `buildEpoch` has only the seed to make keys from, and not every role's seed is known.
    const manifest =
      role === 'owner' ? built.manifest : await resigned('manifest', built.manifest, identity.signing.seed)
    return { body: { ...proposalOf(built), manifest } }
  },
  cancelChange: async (_, scene, { identity }) => ({
    body: await signChangeCancel({
      account: scene.owner.account,
      coreHash: changeOf(scene),
      seed: identity.signing.seed,
    }),
  }),
  async deleteCircle(_, { owner: { account }, circle }, { identity }) {
    const { core, coreHash } = circle ?? { core: { circle: newId(), epoch: 1 }, coreHash: 'A'.repeat(43) }
    return {
      body: await signDeletion({ account, circle: core.circle, epoch: core.epoch, coreHash, identity }),
    }
  },
  acceptShare: async (_, scene, who) => ({
    body: await signAcceptance({ ...heldBy(scene, who), account: who.account, identity: who.identity }),
  }),
  async declineShare(_, scene, who) {
    const { coreHash } = heldBy(scene, who).pin
    return { body: await signSlotDecline({ ...who, owner: scene.owner.account, coreHash }) }
  },
  countersignChange: async (_, { owner, circle, pending }, { account, identity, slot }) => ({
    body: await countersign({
      owner: owner.account,
      activeCoreHash: circle?.coreHash ?? 'A'.repeat(43),
      coreHash: pending?.coreHash ?? 'A'.repeat(43),
      ...{ account, identity, slot },
    }),
  }),
  /** The requester says again what it said; everybody else comes with a ticket that is not theirs, or of another app. */
  async openRecovery(_, scene, who) {
    const { ticket: used, request } = scene.request
    if (who.role === 'requester') return { body: { ticket: used, message: request } }
    const { body } = request
    const requester = publicHalf(who.request.keys)
    const said = { ...(JSON.parse(body) as object), requester, recovery: newId() }
    const message = await signMessage('recovery', said, who.request.keys.signing.seed)
    const isForeign = who.role === 'foreignTenant'
    const ticket = isForeign
      ? await who.app?.ticket('recover', scene.owner.account, requester, { keys: keyHash(requester) })
      : used
    return { body: { ticket: ticket ?? '', message } }
  },
  async answerSession(_, { talk, request }, { role, request: own }) {
    if (role === 'requester') return { body: { message: talk.answer } }
    const { commitment } = JSON.parse(talk.answer.body) as { commitment: string }
    const at = { recovery: request.recovery, slot: 1, attempt: 1 }
    return { body: { message: (await answerCodes({ ...at, commitment, requester: own.keys })).message } }
  },
  cancelRecovery: async (_, { request }, { request: { keys } }) => ({
    body: await signCancel({ account: request.account, recovery: request.recovery, requester: keys }),
  }),
  pullRelease: async (_, { request }, { request: { keys } }) => ({
    body: await signRelease({ account: request.account, recovery: request.recovery, requester: keys }),
  }),
  async completeRecovery(_, { owner, request }, { request: { keys } }) {
    const { account, identity } = owner
    const { device, statement } = await stateDevice({
      ...{ account, identity, registeredAt: Date.now() },
      deviceSeed: Secret.random(32),
    })
    const { recovery, coreHash } = request
    const said = { account, recovery, coreHash, requester: keys, identity, next: null, device }
    return { body: { completion: await buildCompletion(said), device: statement, identity: null } }
  },
  async startSession(_, scene, who) {
    const { owner } = scene
    if (who.role !== 'offeredContact')
      return { body: { owner: owner.account, message: await spoken(scene, who, 'start') } }
    const { message } = await startDigits({ ...place(scene, who), identity: who.identity })
    return { body: { owner: owner.account, message } }
  },
  revealSession: async (_, scene, who) => ({
    body: { owner: scene.owner.account, message: await revealedBy(scene, who) },
  }),
  async concludeSession(_, scene, who) {
    const { identity } = who
    const message =
      who.role === 'contact'
        ? scene.talk.outcome
        : (await concludeCodes({ ...place(scene, who), matched: true, identity })).message
    return { body: { owner: scene.owner.account, message } }
  },
  /** A contact who has approved says so again; everyone else declines. */
  async decide(_, scene, who) {
    const { request, approval } = scene
    if (who.role === 'contact' && approval !== null) return { body: approval }
    const { pin } = heldBy(scene, who)
    const said = { pin, request: request.request, sequence: 1, decision: 'decline' as const, checkKey: null }
    return { body: await buildRefusal({ ...said, account: who.account, identity: who.identity }) }
  },
  veto: async (_, { owner, request }, { role, identity }) => ({
    body: await signVeto({
      account: owner.account,
      recovery: request.recovery,
      by: role === 'vetoKeyHolder' ? 'veto-key' : 'identity',
      seed: identity.signing.seed,
    }),
  }),
}

const revealedBy = async (scene: Scene, who: Who): Promise<Signed> => {
  if (who.slot === 1) return spoken(scene, who, 'reveal')
  const said = { ...(JSON.parse(scene.talk.reveal.body) as object), slot: who.slot }
  return signMessage('session-reveal', said, who.identity.signing.seed)
}
