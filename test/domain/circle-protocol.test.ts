/**
 * The circle's decisions with everything real: what the SDK's protocol makes is decided on, and what comes of it verifies.
 */
import {
  acceptanceBody,
  blobHash,
  buildEpoch,
  checkOffer,
  type Core,
  coreHash,
  fromBase64url,
  identityFromSeed,
  NO_PINS,
  parseBody,
  pinActive,
  pinPending,
  publicHalf,
  readManifest,
  Secret,
  sha256,
  signAcceptance,
  signActivation,
  stateIdentity,
  utf8,
  verifyActivation,
  verifyLog,
  verifyText,
  acceptanceProofText,
  signingPublicKey,
  toBase64url,
} from '@holdfast/client/protocol'
import { expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { emptyAccount } from '../../src/domain/accounts.ts'
import { acceptanceKeyOf, acceptShare } from '../../src/domain/circle-acceptance.ts'
import { activationBodyOf, settleCircle } from '../../src/domain/circle-change.ts'
import { proposeEpoch } from '../../src/domain/circle-proposal.ts'
import { sharesFor } from '../../src/domain/present-shares.ts'
import { contact, COOLING, hash32, idOf, nextOf, OWNER, SETTINGS, T0 } from '../support/circles.ts'

const secret = (name: string): Secret => Secret.of(sha256(utf8(name)))
const MEMBERS = [1, 2, 3].map((number) => ({ account: contact(number), seed: `contact ${number}` }))

const serviceSeed = secret('service')
const service = toBase64url(await signingPublicKey(serviceSeed))
const release = publicHalf(await identityFromSeed(secret('release'))).sealing

const register = async (): Promise<Account> => {
  const identity = await identityFromSeed(secret('owner'))
  const statement = await stateIdentity({ app: 'demo', account: OWNER, identity, statedAt: T0 })
  return { ...emptyAccount('demo', OWNER), identity: { keys: publicHalf(identity), statement } }
}

/** What the owner's client uploads, and what the service makes of it. */
const propose = async (account: Account, now: number) => {
  const contacts = MEMBERS.map(async ({ account: member, seed }) => ({
    account: member,
    identity: publicHalf(await identityFromSeed(secret(seed))),
    verified: 'link' as const,
  }))
  const built = await buildEpoch({
    app: 'demo',
    account: OWNER,
    identitySeed: secret('owner'),
    circle: idOf('circle'),
    epoch: account.circle.highestEpoch + 1,
    previous: account.circle.lastCoreHash,
    policy: {
      threshold: 2,
      waitingSeconds: 72 * 3600,
      coolingSeconds: COOLING / 1000,
      collectingSeconds: 7 * 86_400,
      acceptances: 3,
      stolenQuorum: 3,
    },
    vetoKey: null,
    serviceKey: release,
    contacts: await Promise.all(contacts),
    application: utf8('more'),
  })
  const body = await readManifest(built.manifest, account.identity!.keys)
  const hashOfText = (text: string): string => blobHash(fromBase64url(text)!)
  const proposal = {
    manifest: built.manifest,
    body,
    coreHash: body.coreHash,
    payloadHash: hashOfText(built.payload),
    factorHash: hashOfText(built.factor),
    factorFits: true,
    wrappedFactor: hash32('wrapped'),
    serviceKey: release,
    shares: built.shares.map(({ contact: member, sealed }) => ({
      contact: member,
      sealedHash: hashOfText(sealed),
    })),
    knownContacts: new Set(MEMBERS.map(({ account: member }) => member)),
  }
  const blobs = new Map(built.shares.map(({ sealed }) => [hashOfText(sealed), sealed]))
  return { account: nextOf(proposeEpoch(account, proposal, now, SETTINGS)), blobs, core: built.core }
}

const accept = async (account: Account, blobs: ReadonlyMap<string, string>, now: number) => {
  let next = account
  for (const { account: member, seed } of MEMBERS) {
    const identity = await identityFromSeed(secret(seed))
    const { shares } = sharesFor(member, [next], now, {
      sealed: (hash) => blobs.get(hash) ?? null,
      activation: () => null,
    })
    const offer = shares.find(({ stage }) => stage === 'pending')!
    const ownerIdentity = account.identity!.keys
    const opened = await checkOffer({ ...offer, ownerIdentity, account: member, identity, pins: NO_PINS })
    const { pin, checkKey } = opened
    const { message, proof } = await signAcceptance({ pin, checkKey, account: member, identity })
    const body = parseBody(message.body, acceptanceBody)
    const key = acceptanceKeyOf(next, body)
    expect(await verifyText('acceptance-proof', acceptanceProofText(pin), proof, key!)).toBe(true)
    next = nextOf(acceptShare(next, { body, message, proof }, now, SETTINGS))
  }
  return next
}

const recordOf = async (account: Account, core: Core) => {
  const body = activationBodyOf(account, account.circle.active!)
  const record = await signActivation(body, serviceSeed)
  return verifyActivation({ record, core, service })
}

it('a circle is proposed, accepted, activated, changed and cooled, and everything signed or chained verifies', async () => {
  const first = await propose(await register(), T0)
  const active = await accept(first.account, first.blobs, T0 + 1)
  expect(active.circle.active).toMatchObject({
    epoch: 1,
    coreHash: coreHash(first.core),
    activatedAt: T0 + 1,
  })
  const record = await recordOf(active, first.core)
  expect(record).toMatchObject({ activatedAt: T0 + 1, proofs: [{ slot: 1 }, { slot: 2 }, { slot: 3 }] })

  const second = await propose(active, T0 + 2)
  const cooling = await accept(second.account, second.blobs, T0 + 3)
  expect(cooling.circle.active?.epoch).toBe(1)
  const changed = settleCircle(cooling, T0 + 2 + COOLING, SETTINGS).account
  expect(changed.circle.active?.epoch).toBe(2)
  const after = await recordOf(changed, second.core)

  // A contact's device moves its pins by these very records.
  const slot = { owner: OWNER, ownerIdentity: active.identity!.keys, circle: idOf('circle'), slot: 1, x: 1 }
  const pin = (epoch: number, core: Core) => ({
    ...slot,
    epoch,
    coreHash: coreHash(core),
    checkKey: core.slots[0]!.checkKey,
    entry: core.slots[0]!.entry,
  })
  const pinned = pinActive(pinPending(NO_PINS, pin(1, first.core)), record)
  expect(pinActive(pinPending(pinned, pin(2, second.core)), after).active?.epoch).toBe(2)

  const { entries } = changed.outbox
  expect(entries.map(({ type }) => type)).toEqual([
    'epoch-proposed',
    'share-accepted',
    'share-accepted',
    'share-accepted',
    'epoch-activated',
    'epoch-proposed',
    'share-accepted',
    'share-accepted',
    'share-accepted',
    'epoch-activated',
  ])
  expect(verifyLog(entries, null)).toEqual(changed.log)
  const forged = entries.map((entry, index) => (index === 4 ? { ...entry, at: entry.at - 1 } : entry))
  expect(() => verifyLog(forged, null)).toThrow('does not fit together')
})
