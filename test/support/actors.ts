/**
 * People with accounts, and what owners and contacts do about circles: real keys and real messages, through the use cases.
 */
import {
  type BuiltEpoch,
  type CircleContact,
  type EpochPlan,
  type IdentityKeys,
  NO_PINS,
  type OwnerPins,
  type Policy,
  Secret,
  type SharePin,
  answerChallenge,
  buildEpoch,
  checkOffer,
  identityFromSeed,
  publicHalf,
  randomBytes,
  signAcceptance,
  stateDevice,
  stateIdentity,
  toBase64url,
} from '@holdfast/client/protocol'
import type { Caller } from '../../src/use-cases/ports.ts'
import type { TestApp } from './test-app.ts'
import type { Ground } from './world.ts'

export const newId = (): string => toBase64url(randomBytes(16))

/** Somebody with an account, an identity and a device, signed in. */
export interface Person {
  readonly account: string
  readonly app: TestApp
  readonly seed: Secret
  readonly identity: IdentityKeys
  readonly deviceSeed: Secret
  readonly caller: Caller
}

/** Signs in by challenge and session, and reads the token as the service would. */
export const signIn = async (
  world: Ground,
  who: { readonly account: string; readonly recovery: string | null; readonly seed: Secret },
): Promise<Caller> => {
  const { account } = who
  const { challenge } = await world.call('createChallenge', { body: { account } })
  const { signing } = await world.call('readService')
  const message = await answerChallenge({ service: signing, challenge, ...who })
  const { token } = await world.call('createSession', { body: { message } })
  const caller = await world.deps.tokens.read(token, world.now())
  if (caller === null) throw new Error('The service does not know its own token.')
  return caller
}

/** Everything that registering takes, not sent yet. */
export const registration = async (
  world: Ground,
  options: { readonly app?: TestApp; readonly account?: string } = {},
) => {
  const { app = world.app, account = newId() } = options
  const [seed, deviceSeed] = [Secret.random(32), Secret.random(32)]
  const identity = await identityFromSeed(seed)
  const { device, statement } = await stateDevice({
    account,
    deviceSeed,
    identity,
    registeredAt: world.now(),
  })
  const body = {
    ticket: await app.ticket('register', account, publicHalf(identity)),
    identity: await stateIdentity({ app: app.app, account, identity, statedAt: world.now() }),
    device: statement,
  }
  return { account, app, seed, identity, deviceSeed, device, body }
}

export const newPerson = async (
  world: Ground,
  options: { readonly app?: TestApp; readonly account?: string } = {},
): Promise<Person> => {
  const { body, device: _, ...person } = await registration(world, options)
  await world.call('createAccount', { body })
  return { ...person, caller: await signIn(world, { ...person, recovery: null, seed: person.deviceSeed }) }
}

export const newPeople = (world: Ground, count: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => newPerson(world)))

export const policyOf = (threshold: number, contacts: number, changes: Partial<Policy> = {}): Policy => ({
  threshold,
  waitingSeconds: 24 * 3600,
  coolingSeconds: 24 * 3600,
  collectingSeconds: 7 * 24 * 3600,
  acceptances: contacts,
  stolenQuorum: null,
  ...changes,
})

export interface PlanOptions {
  readonly threshold?: number
  readonly policy?: Partial<Policy>
  readonly vetoKey?: string | null
  readonly verified?: CircleContact['verified']
  readonly application?: Uint8Array
  readonly plan?: Partial<EpochPlan>
}

/** The next epoch as the owner's client would build it. */
export const planEpoch = async (
  world: Ground,
  owner: Person,
  contacts: readonly Person[],
  options: PlanOptions = {},
): Promise<EpochPlan> => {
  const { circle } = await world.call('readAccount', { caller: owner.caller })
  const { release } = await world.call('readService')
  const { threshold = 2, verified = 'in-person' } = options
  return {
    app: owner.app.app,
    account: owner.account,
    identitySeed: owner.seed,
    circle: circle.active?.circle ?? newId(),
    epoch: circle.highestEpoch + 1,
    previous: circle.lastCoreHash,
    policy: policyOf(threshold, contacts.length, options.policy),
    vetoKey: options.vetoKey ?? null,
    serviceKey: release,
    contacts: contacts.map(({ account, identity }) => ({
      account,
      identity: publicHalf(identity),
      verified,
    })),
    application: options.application ?? new Uint8Array([1, 2, 3]),
    ...options.plan,
  }
}

/** The body of `proposeEpoch`. */
export const proposalOf = ({ manifest, payload, shares, factor }: BuiltEpoch) => ({
  manifest,
  payload,
  shares: [...shares],
  factor,
})

export const propose = async (
  world: Ground,
  owner: Person,
  contacts: readonly Person[],
  options: PlanOptions = {},
): Promise<BuiltEpoch> => {
  const built = await buildEpoch(await planEpoch(world, owner, contacts, options))
  await world.call('proposeEpoch', { caller: owner.caller, body: proposalOf(built) })
  return built
}

/** A contact's share of this owner's circle, checked and opened as its client would. */
export const offerTo = async (
  world: Ground,
  contact: Person,
  owner: Person,
  options: { readonly stage?: 'pending' | 'active'; readonly pins?: OwnerPins } = {},
) => {
  const { shares } = await world.call('listShares', { caller: contact.caller })
  const own = shares.filter((share) => share.owner === owner.account)
  const share = own.find(({ stage }) => stage === (options.stage ?? own.at(-1)?.stage))
  if (share === undefined) throw new Error('There is no such share.')
  const opened = await checkOffer({
    ...share,
    ownerIdentity: publicHalf(owner.identity),
    account: contact.account,
    identity: contact.identity,
    pins: options.pins ?? NO_PINS,
  })
  return { ...opened, view: share }
}

/** The body of `acceptShare`. */
export const acceptanceOf = async (world: Ground, contact: Person, owner: Person) => {
  const { pin, checkKey } = await offerTo(world, contact, owner)
  return signAcceptance({ pin, checkKey, account: contact.account, identity: contact.identity })
}

export const accept = async (world: Ground, contact: Person, owner: Person): Promise<void> => {
  const body = await acceptanceOf(world, contact, owner)
  await world.call('acceptShare', { caller: contact.caller, body })
}

/** An owner, contacts who all hold a share, and the active epoch. */
export interface Friends {
  readonly owner: Person
  readonly contacts: readonly Person[]
  readonly built: BuiltEpoch
}

export const newFriends = async (
  world: Ground,
  options: PlanOptions & { readonly contacts?: number } = {},
): Promise<Friends> => {
  const [owner, ...contacts] = (await newPeople(world, 1 + (options.contacts ?? 3))) as [Person, ...Person[]]
  const built = await propose(world, owner, contacts, options)
  for (const contact of contacts) await accept(world, contact, owner)
  return { owner, contacts, built }
}

export const contactAt = ({ contacts }: Friends, slot: number): Person => contacts[slot - 1] as Person

export const pinAt = async (world: Ground, friends: Friends, slot: number): Promise<SharePin> =>
  (await offerTo(world, contactAt(friends, slot), friends.owner, { stage: 'active' })).pin
