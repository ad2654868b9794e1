/**
 * Owner, contacts, service and requester for the protocol's bench, with new keys every time. They are prepared on primitives
 * of their own: what the SDK remembers of keys belongs to the primitives in use, so that whatever is measured meets every
 * key for the first time, as in life.
 */
import {
  NO_PINS,
  Secret,
  buildApproval,
  buildEpoch,
  buildRequest,
  checkOffer,
  handFactor,
  identityFromSeed,
  makeRequester,
  matchingParts,
  openFactor,
  publicHalf,
  randomBytes,
  readManifest,
  readRequest,
  toBase64url,
  type BuiltEpoch,
  type Confirmed,
  type EpochPlan,
  type IdentityKeys,
  type PublicIdentity,
  type ReleaseView,
  type Signed,
} from '@holdfast/client/protocol'
import { platform, usePrimitives } from './parts.ts'

const DAY = 24 * 3600

export interface Size {
  readonly threshold: number
  readonly contacts: number
}

/** Runs `work` on primitives that nothing is measured on. */
export const apart = async <T>(work: () => Promise<T>): Promise<T> => {
  const before = usePrimitives({ ...platform })
  try {
    return await work()
  } finally {
    usePrimitives(before)
  }
}

interface Person {
  readonly account: string
  readonly seed: Secret
  readonly keys: PublicIdentity
}

export const newId = (): string => toBase64url(randomBytes(16))

/** Keys that no primitives in use have seen: as a device reads them from its storage. */
export const coldKeys = async (seed: Secret): Promise<IdentityKeys> => apart(() => identityFromSeed(seed))

const newPerson = async (): Promise<Person> => {
  const seed = Secret.random(32)
  return { account: newId(), seed, keys: publicHalf(await identityFromSeed(seed)) }
}

export interface Circle {
  readonly owner: Person
  readonly contacts: readonly Person[]
  readonly service: Person
  readonly plan: EpochPlan
}

/** Everything an owner needs to protect a key, and the key. */
export const newCircle = async ({ threshold, contacts: count }: Size): Promise<Circle> => {
  const owner = await newPerson()
  const service = await newPerson()
  const contacts = await Promise.all(Array.from({ length: count }, newPerson))
  const plan: EpochPlan = {
    app: 'bench',
    account: owner.account,
    identitySeed: Secret.of(owner.seed.expose()),
    circle: newId(),
    epoch: 1,
    previous: null,
    policy: {
      threshold,
      waitingSeconds: DAY,
      coolingSeconds: DAY,
      collectingSeconds: 7 * DAY,
      acceptances: count,
      stolenQuorum: null,
    },
    vetoKey: null,
    serviceKey: service.keys.sealing,
    contacts: contacts.map(({ account, keys }) => ({ account, identity: keys, verified: 'in-person' })),
    application: randomBytes(256),
  }
  return { owner, contacts, service, plan }
}

export interface Protected extends Circle {
  readonly built: BuiltEpoch
}

export const newProtected = async (size: Size): Promise<Protected> => {
  const circle = await newCircle(size)
  return { ...circle, built: await buildEpoch(circle.plan) }
}

/** What `checkOffer` takes for a slot. */
export const offerOf = ({ owner, contacts, built }: Protected, slot: number, identity: IdentityKeys) => ({
  owner: owner.account,
  ownerIdentity: owner.keys,
  manifest: built.manifest,
  coreHash: built.coreHash,
  slot,
  sealed: built.shares[slot - 1]?.sealed ?? '',
  account: contacts[slot - 1]?.account ?? '',
  identity,
  pins: NO_PINS,
})

export interface Asked {
  readonly recovery: string
  readonly seed: Secret
  readonly request: Signed
  readonly requestHash: string
}

export const newRequest = async ({ owner }: Protected): Promise<Asked> => {
  const { recovery, requester, requesterSeed } = await makeRequester()
  const { request, requestHash } = await buildRequest({
    app: 'bench',
    account: owner.account,
    recovery,
    requester,
    cause: 'lost',
    nextIdentity: null,
    ticket: 'ticket',
  })
  return { recovery, seed: requesterSeed, request, requestHash }
}

export const confirmedOf = ({ built }: Protected, { requestHash }: Asked, slot: number): Confirmed => ({
  requestHash,
  coreHash: built.coreHash,
  slot,
  checkKey: built.core.slots[slot - 1]?.checkKey ?? '',
})

/** What `buildApproval` takes for a slot. */
export const approvalInput = async (
  circle: Protected,
  asked: Asked,
  slot: number,
  identity: IdentityKeys,
) => {
  const offer = offerOf(circle, slot, identity)
  const { pin } = await checkOffer(offer)
  const { account, sealed } = offer
  const { request } = asked
  const confirmed = confirmedOf(circle, asked, slot)
  return { pin, request, account, identity, sequence: 1, confirmed, sealed, stolen: false }
}

export interface Released {
  readonly release: ReleaseView
  readonly confirmed: readonly Confirmed[]
}

/** What the service hands out once exactly the threshold approved. */
export const newRelease = async (circle: Protected, asked: Asked): Promise<Released> => {
  const { built, owner, contacts, service } = circle
  const slots = contacts.slice(0, built.core.policy.threshold).map((_, index) => index + 1)
  const approvals = await Promise.all(
    slots.map(async (slot) => {
      const identity = await identityFromSeed(contacts[slot - 1]?.seed as Secret)
      const { proof, sealed } = await buildApproval(await approvalInput(circle, asked, slot, identity))
      return { slot, sequence: 1, stolen: false, sealed, proof }
    }),
  )
  const manifest = await readManifest(built.manifest, owner.keys)
  const { sealing } = await identityFromSeed(service.seed)
  const { factor: sealed } = matchingParts(manifest, built)
  const factor = await openFactor({ core: built.core, factor: sealed, release: sealing.secret })
  const { requester, requestHash } = await readRequest(asked.request)
  const { coreHash, manifest: signed, payload } = built
  return {
    release: {
      manifest: signed,
      payload,
      factor: await handFactor({ factor, requester, coreHash, requestHash }),
      approvals,
    },
    confirmed: slots.map((slot) => confirmedOf(circle, asked, slot)),
  }
}
