/**
 * Owners, contacts and epochs for tests of the domain. Keys, hashes and canonical texts are real; what no decision of the
 * domain reads (a signature that the use case has verified) is not.
 */
import {
  type Core,
  type CoreSlot,
  type Policy,
  type Signed,
  type Verification,
  canonicalize,
  coreHash,
  publicHalf,
  identityFromSeed,
  Secret,
  sha256,
  signingPublicKey,
  toBase64url,
  utf8,
  type Json,
} from '@holdfast/client/protocol'
import { expect } from 'vitest'
import type { Account, Answer, Recovery } from '../../src/domain/account.ts'
import { emptyAccount } from '../../src/domain/accounts.ts'
import { acceptShare } from '../../src/domain/circle-acceptance.ts'
import type { CircleSettings } from '../../src/domain/circle-change.ts'
import { type EpochProposal, proposeEpoch } from '../../src/domain/circle-proposal.ts'
import type { Changed, Decision } from '../../src/domain/decision.ts'

export const T0 = 1_800_000_000_000
export const HOUR = 3_600_000
export const COOLING = 48 * HOUR
export const DELAY = 72 * HOUR

export const SETTINGS: CircleSettings = {
  waitingSeconds: { min: 3600, max: 30 * 86_400 },
  coolingSeconds: { min: 3600, max: 30 * 86_400 },
  collectingSeconds: { min: 3600, max: 30 * 86_400 },
  delaySeconds: DELAY / 1000,
  backOffSeconds: 3600,
}

/** 32 bytes that follow from a name, base64url. */
export const hash32 = (name: string): string => toBase64url(sha256(utf8(name)))
/** 16 bytes that follow from a name, base64url, like every id. */
export const idOf = (name: string): string => toBase64url(sha256(utf8(name)).subarray(0, 16))

const seed = (name: string): Secret => Secret.of(sha256(utf8(name)))

export const OWNER = idOf('owner')
const OWNER_KEYS = publicHalf(await identityFromSeed(seed('owner')))
/** An Ed25519 key that stays off the phone. */
export const VETO_KEY = toBase64url(await signingPublicKey(seed('veto key')))
/** Real public keys for slots: more than any circle here needs. */
const CHECK_KEYS = await Promise.all(
  Array.from({ length: 40 }, async (_, index) => toBase64url(await signingPublicKey(seed(`check ${index}`)))),
)
export const SERVICE_KEY = OWNER_KEYS.sealing

/** A check key's signature that somebody else has verified. */
export const PROOF = `${'B'.repeat(85)}A`
/** A message whose signature somebody else has verified. */
export const signedText = (body: Json): Signed => ({ body: canonicalize(body), signature: 'A'.repeat(86) })

export const contact = (number: number): string => idOf(`contact ${number}`)
export const contacts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => contact(index + 1))

export const registered = (): Account => ({
  ...emptyAccount('demo', OWNER),
  identity: { keys: OWNER_KEYS, statement: signedText({ identity: 'statement' }) },
})

export interface Shape {
  readonly contacts?: readonly string[]
  readonly policy?: Partial<Policy>
  readonly epoch?: number
  readonly vetoKey?: string | null
  readonly verified?: readonly Verification[]
  readonly core?: Partial<Core>
}

/** 3 of 5, all verified, with the next epoch and the right predecessor, unless `shape` says otherwise. */
export const coreFor = (account: Account, shape: Shape = {}): Core => {
  const members = shape.contacts ?? contacts(5)
  const epoch = shape.epoch ?? account.circle.highestEpoch + 1
  const slots = members.map((member, index): CoreSlot => ({
    slot: index + 1,
    x: index + 1,
    checkKey: CHECK_KEYS[index] ?? hash32(`check key ${index}`),
    verified: shape.verified?.[index] ?? 'link',
    entry: hash32(`entry ${epoch} ${index} ${member}`),
  }))
  return {
    version: 1,
    suite: 'HF1',
    app: 'demo',
    account: account.id,
    circle: account.circle.active?.circle ?? idOf(`circle ${account.id}`),
    epoch,
    previous: account.circle.lastCoreHash,
    owner: OWNER_KEYS,
    vetoKey: shape.vetoKey ?? null,
    policy: {
      threshold: 3,
      waitingSeconds: 72 * 3600,
      coolingSeconds: COOLING / 1000,
      collectingSeconds: 7 * 86_400,
      acceptances: members.length,
      stolenQuorum: null,
      ...shape.policy,
    },
    serviceKey: SERVICE_KEY,
    releaseCommitment: hash32(`commitment ${epoch}`),
    pinKey: null,
    slots,
    ...shape.core,
  }
}

/** A proposal that nothing is wrong with, unless `shape` or `more` says otherwise. */
export const proposalFor = (
  account: Account,
  shape: Shape = {},
  more: Partial<EpochProposal> = {},
): EpochProposal => {
  const members = shape.contacts ?? contacts(5)
  const core = coreFor(account, shape)
  const payloadHash = hash32(`payload ${core.epoch}`)
  const factorHash = hash32(`factor ${core.epoch}`)
  const shares = members.map((member, index) => ({
    contact: member,
    sealedHash: hash32(`sealed ${core.epoch} ${index}`),
  }))
  const body = {
    core,
    commitment: hash32('kc'),
    payloadHash,
    shareHashes: shares.map(({ sealedHash }) => sealedHash),
    factorHash,
  }
  return {
    manifest: signedText(body),
    body,
    coreHash: coreHash(core),
    payloadHash,
    factorHash,
    factorFits: true,
    wrappedFactor: hash32(`wrapped ${core.epoch}`),
    serviceKey: SERVICE_KEY,
    shares,
    knownContacts: new Set(contacts(40)),
    ...more,
  }
}

/** The next account of a decision that must have changed something. */
export const nextOf = <V>(decision: Decision<V>): Account => {
  expect(decision).toMatchObject({ kind: 'changed' })
  return (decision as Changed<V>).next
}

/** As the stores do: the outbox is done, the revision raised. */
export const relayed = (account: Account): Account => ({
  ...account,
  outbox: { entries: [], notices: [], erasures: [] },
  revision: account.revision + 1,
})

export const proposed = (account: Account, shape: Shape = {}, now = T0): Account =>
  nextOf(proposeEpoch(account, proposalFor(account, shape), now, SETTINGS))

/** The acceptance by whoever has this slot of the pending epoch, or of the active one if there is none pending. */
export const acceptanceOf = (account: Account, slot: number) => {
  const epoch = account.circle.pending ?? account.circle.active
  const holder = epoch?.slots[slot - 1]
  if (epoch === null || holder === undefined) throw new Error(`no slot ${slot}`)
  const body = {
    owner: account.id,
    circle: epoch.circle,
    epoch: epoch.epoch,
    coreHash: epoch.coreHash,
    slot,
    contact: holder.contact,
  }
  return { body, message: signedText(body), proof: PROOF }
}

/** After acceptances by these slots, all unless given; one that changes nothing fails the test. */
export const accepted = (account: Account, now = T0, slots?: readonly number[]): Account => {
  const all = (account.circle.pending ?? account.circle.active)?.slots.map(({ slot }) => slot) ?? []
  return (slots ?? all).reduce(
    (next, slot) => nextOf(acceptShare(next, acceptanceOf(next, slot), now, SETTINGS)),
    account,
  )
}

/** An owner with an active first epoch and an empty outbox. */
export const protectedOwner = (shape: Shape = {}): Account => relayed(accepted(proposed(registered(), shape)))

/** A request for the active epoch. */
export const requestOn = (account: Account, more: Partial<Recovery> = {}): Recovery => {
  const { active } = account.circle
  if (active === null) throw new Error('no active epoch')
  return {
    recovery: idOf('recovery'),
    state: 'collecting',
    request: signedText({ request: 1 }),
    requestHash: hash32('request'),
    requester: OWNER_KEYS,
    cause: 'lost',
    nextIdentity: null,
    subject: hash32('subject'),
    epoch: active.epoch,
    coreHash: active.coreHash,
    policy: active.policy,
    vetoKey: active.vetoKey,
    answers: [],
    sessions: [],
    openedAt: T0,
    expiresAt: T0 + 7 * 24 * HOUR,
    quorumAt: null,
    answeredAt: null,
    alarmed: false,
    overriddenAt: null,
    contestedUntil: null,
    releasedAt: null,
    restoredAt: null,
    endedAt: null,
    reminded: [],
    ...more,
  }
}

export const answerBy = (slot: number, decision: Answer['decision'] = 'approve'): Answer => ({
  slot,
  contact: contact(slot),
  decision,
  stolen: false,
  sequence: 1,
  message: signedText({ slot }),
  proof: PROOF,
  shareHash: decision === 'approve' ? hash32(`handed ${slot}`) : null,
  displaced: false,
  at: T0,
})

/** `event role:who` of every notice waiting, in order; `who` is `owner`, a contact's number, or the requester. */
export const noticesOf = (account: Account): readonly string[] =>
  account.outbox.notices.map(({ event, audience }) => {
    if (audience.role !== 'contact') return `${event} ${audience.role}`
    return `${event} contact ${contacts(40).indexOf(audience.account) + 1}`
  })

export const logTypesOf = (account: Account): readonly string[] =>
  account.outbox.entries.map(({ type }) => type)
