import {
  answerCodes,
  buildApproval,
  buildEpoch,
  buildRequest,
  checkOffer,
  confirmCode,
  handFactor,
  identityFromSeed,
  makeRequester,
  matchingParts,
  NO_PINS,
  openCodes,
  openFactor,
  openRelease,
  publicHalf,
  readManifest,
  readRequest,
  revealCodes,
  Secret,
  startCodes,
  toBase64url,
  type BuiltEpoch,
  type Confirmed,
  type IdentityKeys,
  type Policy,
  type Randomness,
  type ReleaseView,
  type Signed,
  type Transcript,
  type Verification,
} from '@holdfast/client/protocol'
import { chanceOf } from './chance.ts'

/** Somebody with an account. */
export interface Person {
  readonly account: string
  readonly seed: Secret
  readonly identity: IdentityKeys
}

const DAY = 24 * 3600

/** A policy that the rules allow for n contacts. */
export const policyOf = (threshold: number, contacts: number, changes: Partial<Policy> = {}): Policy => ({
  threshold,
  waitingSeconds: DAY,
  coolingSeconds: DAY,
  collectingSeconds: 7 * DAY,
  acceptances: Math.min(contacts, threshold + 1),
  stolenQuorum: null,
  ...changes,
})

/** A person, always the same for the same name. */
export const personOf = async (name: string): Promise<Person> => {
  const chance = chanceOf(`person ${name}`)
  const seed = Secret.of(chance.bytes(32))
  return { account: toBase64url(chance.bytes(16)), seed, identity: await identityFromSeed(seed) }
}

export interface CastOptions {
  readonly contacts?: number
  readonly threshold?: number
  readonly verified?: readonly Verification[]
  readonly policy?: Partial<Policy>
  readonly application?: Uint8Array
  readonly epoch?: number
  readonly previous?: string | null
  readonly vetoKey?: string | null
  readonly randomness?: Randomness
  readonly name?: string
  /** Account of the owner, where it is not to follow from the name. */
  readonly account?: string
}

/** Owner, contacts, service and an epoch that binds them: real keys and real messages throughout. */
export interface Cast {
  readonly owner: Person
  readonly contacts: readonly Person[]
  readonly service: Person
  readonly built: BuiltEpoch
  readonly name: string
}

export const APP = 'letters'

export const castOf = async (options: CastOptions = {}): Promise<Cast> => {
  const { contacts: count = 3, threshold = 2, name = 'cast' } = options
  const named = await personOf(`${name}/owner`)
  const owner = { ...named, account: options.account ?? named.account }
  const service = await personOf(`${name}/service`)
  const contacts = await Promise.all(
    Array.from({ length: count }, (_, index) => personOf(`${name}/contact ${index + 1}`)),
  )
  const built = await buildEpoch({
    app: APP,
    account: owner.account,
    identitySeed: owner.seed,
    circle: toBase64url(chanceOf(`${name}/circle`).bytes(16)),
    epoch: options.epoch ?? 1,
    previous: options.previous ?? null,
    policy: policyOf(threshold, count, options.policy),
    vetoKey: options.vetoKey ?? null,
    serviceKey: publicHalf(service.identity).sealing,
    contacts: contacts.map(({ account, identity }, index) => {
      return { account, identity: publicHalf(identity), verified: options.verified?.[index] ?? 'in-person' }
    }),
    application: options.application ?? new Uint8Array([1, 2, 3]),
    randomness: options.randomness ?? chanceOf(`${name}/epoch ${options.epoch ?? 1}`),
  })
  return { owner, contacts, service, built, name }
}

export const contactAt = (cast: Cast, slot: number): Person => cast.contacts[slot - 1] as Person

/** What {@link checkOffer} takes for one slot, as an honest service shows it. */
export const offerOf = (cast: Cast, slot: number) => {
  const contact = contactAt(cast, slot)
  return {
    owner: cast.owner.account,
    ownerIdentity: publicHalf(cast.owner.identity),
    manifest: cast.built.manifest,
    coreHash: cast.built.coreHash,
    slot,
    sealed: cast.built.shares[slot - 1]?.sealed ?? '',
    account: contact.account,
    identity: contact.identity,
    pins: NO_PINS,
  }
}

export const offered = (cast: Cast, slot: number) => checkOffer(offerOf(cast, slot))

/** A request, with its one-use keys. */
export interface Asked {
  readonly requester: IdentityKeys
  readonly recovery: string
  readonly request: Signed
  readonly requestHash: string
}

export const requestOf = async (cast: Cast, name = 'request'): Promise<Asked> => {
  const { requester, recovery } = await makeRequester(chanceOf(`${cast.name}/${name}`).bytes)
  const { request, requestHash } = await buildRequest({
    app: APP,
    account: cast.owner.account,
    recovery,
    requester,
    cause: 'lost',
    nextIdentity: null,
    ticket: `ticket of ${name}`,
  })
  return { requester, recovery, request, requestHash }
}

export const transcriptOf = (cast: Cast, asked: Asked, slot: number): Transcript => ({
  requestHash: asked.requestHash,
  coreHash: cast.built.coreHash,
  slot,
  checkKey: cast.built.core.slots[slot - 1]?.checkKey ?? '',
})

/** Both sides compare codes, by the real messages; what each side has confirmed. */
export const compared = async (
  cast: Cast,
  asked: Asked,
  slot: number,
): Promise<{ readonly byContact: Confirmed; readonly byRequester: Confirmed }> => {
  const transcript = transcriptOf(cast, asked, slot)
  const attempt = { recovery: asked.recovery, slot, attempt: 1 }
  const { identity } = contactAt(cast, slot)
  const chance = chanceOf(`${cast.name}/codes ${slot}`)
  const started = await startCodes({ ...attempt, transcript, identity, random: chance.bytes })
  const { commitment, contactNonce } = started
  const answered = await answerCodes({
    ...attempt,
    commitment,
    requester: asked.requester,
    random: chance.bytes,
  })
  const { requesterNonce } = answered
  const revealed = await revealCodes({
    ...attempt,
    transcript,
    contactNonce,
    requesterSigning: publicHalf(asked.requester).signing,
    answer: answered.message,
    identity,
  })
  const codes = openCodes({ transcript, commitment, contactNonce, requesterNonce })
  const { first, second } = revealed.codes
  return {
    byContact: confirmCode({ transcript, typed: codes.first, code: first }),
    byRequester: confirmCode({ transcript, typed: second, code: codes.second }),
  }
}

/** One contact's approval after a comparison, as the body of `decide`. */
export const approved = async (cast: Cast, asked: Asked, slot: number, confirmed: Confirmed) => {
  const contact = contactAt(cast, slot)
  const { pin } = await offered(cast, slot)
  return buildApproval({
    pin,
    request: asked.request,
    account: contact.account,
    identity: contact.identity,
    sequence: 1,
    confirmed,
    sealed: cast.built.shares[slot - 1]?.sealed ?? '',
    stolen: false,
    randomness: chanceOf(`${cast.name}/approval ${slot}`),
  })
}

/** What the service would hand out once `slots` approved, and what the requester needs to open it. */
export const releasedTo = async (cast: Cast, asked: Asked, slots: readonly number[]) => {
  const { built, service, owner } = cast
  const approvals: ReleaseView['approvals'] = []
  const confirmed: Confirmed[] = []
  for (const slot of slots) {
    const both = await compared(cast, asked, slot)
    const { proof, sealed } = await approved(cast, asked, slot, both.byContact)
    approvals.push({ slot, sequence: 1, stolen: false, sealed, proof })
    confirmed.push(both.byRequester)
  }
  const manifest = await readManifest(built.manifest, publicHalf(owner.identity))
  const parts = matchingParts(manifest, built)
  const release = service.identity.sealing.secret
  const factor = await openFactor({ core: manifest.core, factor: parts.factor, release })
  const { requester, requestHash } = await readRequest(asked.request)
  const view: ReleaseView = {
    manifest: built.manifest,
    payload: built.payload,
    factor: await handFactor({ factor, requester, coreHash: built.coreHash, requestHash }),
    approvals,
  }
  return { release: view, requester: asked.requester, requestHash, confirmed }
}

/** From nothing to the key, through these slots. */
export const recovered = async (cast: Cast, slots: readonly number[]) => {
  const asked = await requestOf(cast)
  return openRelease(await releasedTo(cast, asked, slots))
}

/** Asserts nothing: returns the code a promise or function was refused with; throws when it was not, or with no code. */
export const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run()
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
    throw error
  }
  return 'accepted'
}
