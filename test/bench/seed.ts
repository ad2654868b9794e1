/**
 * Fills a running service, over its HTTP interface, with accounts, circles and open requests to ask about.
 */
import { randomUUID } from 'node:crypto'
import {
  NO_PINS,
  OPERATIONS,
  Secret,
  answerChallenge,
  buildApproval,
  buildEpoch,
  buildRequest,
  checkOffer,
  concludeCodes,
  identityFromSeed,
  keyHash,
  makeRequester,
  publicHalf,
  signAcceptance,
  startDigits,
  stateDevice,
  stateIdentity,
  toBase64url,
  type AnswerOf,
  type BodyOf,
  type BuiltEpoch,
  type IdentityKeys,
  type OpenedShare,
  type OperationName,
  type SharePin,
} from '@holdfast/client/protocol'
import { SignJWT } from 'jose'
import type { Approver, Device } from './load.ts'
import { newId } from './people.ts'
import { BENCH_APP, type Settings } from './service-process.ts'

const CONTACTS = 5
const THRESHOLD = 3
/** One less than the threshold, so that requests stay open however often these approve. */
const APPROVING = 2

interface Person {
  readonly account: string
  readonly seed: Secret
  readonly identity: IdentityKeys
  readonly deviceSeed: Secret
  readonly token: string
}

export interface Seeded {
  /** The service's signing key. */
  readonly service: string
  readonly devices: readonly Device[]
  /** Tokens of owners. */
  readonly tokens: readonly string[]
  readonly approvers: readonly Approver[]
}

class Caller {
  readonly #url: string
  readonly #settings: Settings

  constructor(url: string, settings: Settings) {
    this.#url = url
    this.#settings = settings
  }

  async call<N extends OperationName>(
    name: N,
    body: BodyOf<N> | undefined,
    token?: string,
  ): Promise<AnswerOf<N>> {
    const { method, path } = OPERATIONS[name]
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`)
    return (await response.json()) as AnswerOf<N>
  }

  ticket(purpose: 'register' | 'recover', account: string, keys: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT({ purpose, account, keys, jti: randomUUID() })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'holdfast-ticket+jwt' })
      .setIssuer(BENCH_APP)
      .setAudience('holdfast')
      .setSubject(`subject of ${account}`)
      .setIssuedAt(now)
      .setExpirationTime(now + 300)
      .sign(this.#settings.ticketKey)
  }

  async signIn(service: string, account: string, seed: Secret): Promise<string> {
    const { challenge } = await this.call('createChallenge', { account })
    const message = await answerChallenge({ service, account, recovery: null, challenge, seed })
    return (await this.call('createSession', { message })).token
  }
}

const newPerson = async (caller: Caller, service: string): Promise<Person> => {
  const account = newId()
  const [seed, deviceSeed] = [Secret.random(32), Secret.random(32)]
  const identity = await identityFromSeed(seed)
  const at = Date.now()
  const { statement } = await stateDevice({ account, deviceSeed, identity, registeredAt: at })
  await caller.call('createAccount', {
    ticket: await caller.ticket('register', account, keyHash(publicHalf(identity))),
    identity: await stateIdentity({ app: BENCH_APP, account, identity, statedAt: at }),
    device: statement,
  })
  return { account, seed, identity, deviceSeed, token: await caller.signIn(service, account, deviceSeed) }
}

const newCircle = async (
  caller: Caller,
  { release, bounds }: AnswerOf<'readService'>,
  contacts: readonly Person[],
  owner: Person,
) => {
  const built = await buildEpoch({
    app: BENCH_APP,
    account: owner.account,
    identitySeed: owner.seed,
    circle: newId(),
    epoch: 1,
    previous: null,
    policy: {
      threshold: THRESHOLD,
      waitingSeconds: bounds.waitingSeconds.max,
      coolingSeconds: bounds.coolingSeconds.max,
      collectingSeconds: bounds.collectingSeconds.max,
      acceptances: CONTACTS,
      stolenQuorum: null,
    },
    vetoKey: null,
    serviceKey: release,
    contacts: contacts.map(({ account, identity }) => {
      return { account, identity: publicHalf(identity), verified: 'in-person' }
    }),
    application: new Uint8Array(256),
  })
  const { manifest, payload, shares, factor } = built
  await caller.call('proposeEpoch', { manifest, payload, shares: [...shares], factor }, owner.token)
  const opened = []
  for (const [index, contact] of contacts.entries())
    opened.push(await accept(caller, owner, built, index + 1, contact))
  return { built, opened }
}

type Opened = OpenedShare & { readonly pin: SharePin }

const accept = async (
  caller: Caller,
  owner: Person,
  { manifest, coreHash, shares }: BuiltEpoch,
  slot: number,
  { account, identity, token }: Person,
): Promise<Opened> => {
  const opened = await checkOffer({
    owner: owner.account,
    ownerIdentity: publicHalf(owner.identity),
    ...{ manifest, coreHash, slot, account, identity },
    sealed: shares[slot - 1]?.sealed ?? '',
    pins: NO_PINS,
  })
  await caller.call('acceptShare', await signAcceptance({ ...opened, account, identity }), token)
  return opened
}

/** A request about the owner, and what its first contacts need to approve it: their codes are compared. */
const newApprovers = async (
  caller: Caller,
  owner: Person,
  contacts: readonly Person[],
  { built, opened }: { readonly built: BuiltEpoch; readonly opened: readonly Opened[] },
): Promise<Approver[]> => {
  const { recovery, requester, ticketKeys } = await makeRequester()
  const ticket = await caller.ticket('recover', owner.account, ticketKeys)
  const { account } = owner
  const about = { app: BENCH_APP, account, recovery, requester, cause: 'lost', nextIdentity: null } as const
  const { request, requestHash } = await buildRequest({ ...about, ticket })
  await caller.call('openRecovery', { ticket, message: request })
  const approvers: Approver[] = []
  for (const [index, contact] of contacts.slice(0, APPROVING).entries()) {
    const { identity, token } = contact
    const [slot, attempt] = [index + 1, 1]
    const { pin, checkKey } = opened[index] as Opened
    const start = await startDigits({ recovery, slot, attempt, identity })
    await caller.call('startSession', { owner: account, ...start }, token)
    const outcome = await concludeCodes({ recovery, slot, attempt, matched: true, identity })
    await caller.call('concludeSession', { owner: account, ...outcome }, token)
    const { message, sealed } = await buildApproval({
      ...{ pin, request, account: contact.account, identity, sequence: 1, stolen: false },
      confirmed: { requestHash, coreHash: built.coreHash, slot, checkKey: pin.checkKey },
      sealed: built.shares[index]?.sealed ?? '',
    })
    const { sequence: _, ...body } = JSON.parse(message.body) as BodyOfDecision
    const [signing, check] = [identity.signing.seed, checkKey.seed].map((seed) => toBase64url(seed.expose()))
    approvers.push({ token, signing: signing as string, check: check as string, body, sealed })
  }
  return approvers
}

type BodyOfDecision = Approver['body'] & { readonly sequence: number }

/** `owners`: how many circles of five, three needed, all with the same contacts, and one open request each. */
export const seedService = async (url: string, settings: Settings, owners: number): Promise<Seeded> => {
  const caller = new Caller(url, settings)
  const about = await caller.call('readService', undefined)
  const { signing: service } = about
  const people = await Promise.all(
    Array.from({ length: owners + CONTACTS }, () => newPerson(caller, service)),
  )
  const [contacts, holders] = [people.slice(0, CONTACTS), people.slice(CONTACTS)]
  const approvers = await Promise.all(
    holders.map(async (owner) => {
      const circle = await newCircle(caller, about, contacts, owner)
      return newApprovers(caller, owner, contacts, circle)
    }),
  )
  return {
    service,
    devices: people.map(({ account, deviceSeed }) => ({ account, seed: toBase64url(deviceSeed.expose()) })),
    tokens: holders.map(({ token }) => token),
    // All of one contact, then all of the other: neighbours are of different owners.
    approvers: Array.from({ length: APPROVING }, (_, index) =>
      approvers.map((of) => of[index] as Approver),
    ).flat(),
  }
}
