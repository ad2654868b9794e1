import {
  answerChallenge,
  answerInvitation,
  buildCompletion,
  canonicalize,
  codeCommitment,
  codesOf,
  decisionProofOf,
  digitsOf,
  handedFactorContext,
  handedShareContext,
  hkdfExpand,
  hkdfExtract,
  labelBytes,
  LABELS,
  concat,
  identityFromSeed,
  identityHash,
  invitationMac,
  keyHash,
  lengthPrefixed,
  logEntryHash,
  makeInvitation,
  parseInvitationLink,
  publicHalf,
  safetyNumber,
  safetyQr,
  signAcceptance,
  signActivation,
  signRelease,
  signVeto,
  stateIdentity,
  subjectHash,
  ticketHash,
  toBase64url,
  toHex,
  transcriptHash,
  type Json,
} from '@holdfast/client/protocol'
import {
  APP,
  approved,
  compared,
  contactAt,
  offered,
  personOf,
  releasedTo,
  requestOf,
  transcriptOf,
} from './cast.ts'
import { chanceOf } from './chance.ts'
import { bytesOf, frozenEpoch } from './frozen-epoch.ts'
import { noticesVector } from './frozen-notices.ts'
import { frozenFailures } from './frozen-failures.ts'
import type { Cast } from './cast.ts'

const keysVector = async (): Promise<Json> => {
  const [one, other] = await Promise.all([personOf('vector/owner'), personOf('vector/contact 1')])
  const parties = [one, other].map(({ account, identity }) => ({ account, identity: publicHalf(identity) }))
  const [a, b] = parties as [(typeof parties)[0], (typeof parties)[0]]
  const rows = await Promise.all(
    [one, other].map(async ({ account, seed }) => {
      const keys = await identityFromSeed(seed)
      return {
        account,
        seed: toBase64url(seed.expose()),
        signingSeed: toBase64url(keys.signing.seed.expose()),
        sealingSecret: toBase64url(keys.sealing.secret.expose()),
        identity: publicHalf(keys),
        identityHash: toBase64url(identityHash(publicHalf(keys))),
        ticketKeys: keyHash(publicHalf(keys)),
      }
    }),
  )
  const entry = {
    sequence: 1,
    at: 1_700_000_000_000,
    type: 'account-registered',
    details: { device: 'x' },
    previous: null,
  }
  return {
    identities: rows,
    safetyNumber: safetyNumber(a, b),
    safetyQr: safetyQr(a, b),
    ticket: 'header.claims.signature',
    ticketHash: ticketHash('header.claims.signature'),
    subject: 'subject',
    subjectHash: subjectHash(APP, 'subject'),
    logEntry: entry,
    logEntryHash: logEntryHash(entry),
  } as unknown as Json
}

const invitationVector = async (): Promise<Json> => {
  const owner = await personOf('vector/owner')
  const contact = await personOf('vector/contact 1')
  const random = chanceOf('vector/invitation').bytes
  const base = 'https://letters.example/join'
  const made = makeInvitation({ account: owner.account, identity: publicHalf(owner.identity), base, random })
  const statement = await stateIdentity({
    app: APP,
    account: owner.account,
    identity: owner.identity,
    statedAt: 1_700_000_000_000,
  })
  const parts = parseInvitationLink(made.link)
  const answered = await answerInvitation({
    ...parts,
    statement,
    account: contact.account,
    identity: contact.identity,
  })
  const mac = invitationMac({
    secret: made.secret,
    invitation: made.invitation,
    owner: owner.account,
    ownerIdentity: publicHalf(owner.identity),
    contact: contact.account,
    contactIdentity: publicHalf(contact.identity),
  })
  return {
    ownerSeed: toBase64url(owner.seed.expose()),
    contactSeed: toBase64url(contact.seed.expose()),
    owner: owner.account,
    contact: contact.account,
    base,
    invitation: made.invitation,
    secret: toBase64url(made.secret.expose()),
    link: made.link,
    statement,
    mac: toBase64url(mac),
    answer: answered.message,
  } as unknown as Json
}

const nonceOf = (name: string): string => toBase64url(chanceOf(`vector/nonce ${name}`).bytes(32))

// 2^32 is no multiple of a million: of the words above this, none counts.
const FAIR = 4_294_000_000

/** A requester's nonce with which the first word of the first code is among the few that do not count: one in 4,440. */
const unfairNonce = (salt: Uint8Array, contactNonce: string): string => {
  for (let i = 0; ; i += 1) {
    const nonce = nonceOf(`unfair ${i}`)
    const prk = prkOf(salt, contactNonce, nonce)
    const word = new DataView(hkdfExpand(prk, labelBytes(LABELS.code1), 4).slice().buffer).getUint32(0)
    if (word >= FAIR) return nonce
  }
}

const prkOf = (salt: Uint8Array, ...nonces: readonly string[]): Uint8Array =>
  hkdfExtract(concat(...nonces.map((nonce) => lengthPrefixed(bytesOf(nonce)))), salt)

const codesVector = async (cast: Cast): Promise<Json> => {
  const asked = await requestOf(cast)
  return [1, 2, 3].map((slot) => {
    const transcript = transcriptOf(cast, asked, slot)
    const salt = bytesOf(transcriptHash(transcript))
    const contactNonce = nonceOf(`contact ${slot}`)
    const requesterNonce = slot === 3 ? unfairNonce(salt, contactNonce) : nonceOf(`requester ${slot}`)
    return {
      transcript,
      transcriptHash: transcriptHash(transcript),
      contactNonce,
      requesterNonce,
      commitment: codeCommitment(transcript, bytesOf(contactNonce)),
      prk: toBase64url(prkOf(salt, contactNonce, requesterNonce)),
      codes: codesOf({ transcript, contactNonce, requesterNonce }),
      digits: digitsOf(transcript),
    }
  }) as unknown as Json
}

const recoveryVector = async (cast: Cast, releaseFactor: Uint8Array): Promise<Json> => {
  const asked = await requestOf(cast)
  const { account, identity } = cast.owner
  const input = await releasedTo(cast, asked, [1, 3])
  const { coreHash, core } = cast.built
  const decisions = await Promise.all(
    [1, 3].map(async (slot) => {
      const { message, proof } = await approved(
        cast,
        asked,
        slot,
        (await compared(cast, asked, slot)).byContact,
      )
      const proofText = canonicalize(decisionProofOf(JSON.parse(message.body)))
      return {
        slot,
        info: toHex(handedShareContext(coreHash, slot, asked.requestHash).info),
        message,
        proofText,
        proof,
      }
    }),
  )
  // The service seals with an ephemeral key of the moment; the vector with a fixed one.
  const context = handedFactorContext(coreHash, asked.requestHash)
  const { seal } = chanceOf('vector/handed factor')
  const sealed = await seal(publicHalf(asked.requester).sealing, releaseFactor, context)
  const acceptances = await Promise.all(
    [1, 2, 3].map(async (slot) => {
      const contact = contactAt(cast, slot)
      const { pin, checkKey } = await offered(cast, slot)
      return signAcceptance({ pin, checkKey, ...contact })
    }),
  )
  const activation = await signActivation(
    {
      account,
      circle: core.circle,
      epoch: core.epoch,
      coreHash,
      activatedAt: 1_700_000_000_000,
      proofs: acceptances.map(({ proof }, index) => ({ slot: index + 1, signature: proof })),
    },
    cast.service.identity.signing.seed,
  )
  const own = { account, recovery: asked.recovery, requester: asked.requester }
  const device = publicHalf((await personOf('vector/device')).identity).signing
  const service = publicHalf(cast.service.identity).signing
  const seed = asked.requester.signing.seed
  const challenge = 'c'.repeat(43)
  return {
    serviceSigning: service,
    acceptances,
    activation,
    requesterSigningSeed: toBase64url(seed.expose()),
    requesterSealingSecret: toBase64url(asked.requester.sealing.secret.expose()),
    request: asked.request,
    requestHash: asked.requestHash,
    signIn: await answerChallenge({ service, account, recovery: asked.recovery, challenge, seed }),
    decisions,
    confirmed: input.confirmed,
    factorInfo: toHex(context.info),
    release: { ...input.release, factor: toBase64url(sealed) },
    pull: (await signRelease(own)).message,
    veto: (await signVeto({ account, recovery: asked.recovery, by: 'identity', seed: identity.signing.seed }))
      .message,
    recoveredSeed: toBase64url(cast.owner.seed.expose()),
    completion: await buildCompletion({ ...own, coreHash, identity, next: null, device }),
  } as unknown as Json
}

/** File → content of all frozen vectors. `HOLDFAST_FREEZE=1 npx vitest run test/protocol/vectors-frozen.test.ts` writes them. */
export const frozenVectors = async (): Promise<Readonly<Record<string, Json>>> => {
  const { cast, vector, releaseFactor } = await frozenEpoch()
  const invitation = await invitationVector()
  const recovery = await recoveryVector(cast, releaseFactor)
  return {
    'keys.json': await keysVector(),
    'invitation.json': invitation,
    'epoch.json': vector,
    'codes.json': await codesVector(cast),
    'recovery.json': recovery,
    'notices.json': await noticesVector(),
    'must-fail.json': (await frozenFailures(cast, recovery, invitation)) as unknown as Json,
  }
}
