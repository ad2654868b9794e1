import {
  announceInvitation,
  answerChallenge,
  answerInvitation,
  checkInvitationAnswer,
  checkOffer,
  countersign,
  deviceRevocationBody,
  invitationBody,
  makeInvitation,
  openFactor,
  openShare,
  parseInvitationLink,
  publicHalf,
  readChangeCancel,
  readCountersign,
  readDeletion,
  readDestinations,
  readDevice,
  readIdentity,
  readManifest,
  readMessage,
  readSelfSigned,
  readSlotDecline,
  revokeDevice,
  signAcceptance,
  signActivation,
  signChangeCancel,
  signDeletion,
  signDestinations,
  signInBody,
  signSlotDecline,
  stateDevice,
  stateIdentity,
  verifyAcceptance,
  verifyActivation,
} from '@holdfast/client/protocol'
import { APP, castOf, contactAt, offered, offerOf } from './cast.ts'
import { chanceOf } from './chance.ts'
import { NOWHERE, subscription } from './destinations.ts'
import type { Flippable } from './flips.ts'
import { bytes, selfSigned, signedOf, text, verified } from './readers.ts'
import { recoveryMessages } from './messages-recovery.ts'

/** Accounts and meeting. */
const meetingMessages = async (): Promise<Record<string, Flippable>> => {
  const cast = await castOf({ contacts: 2 })
  const { account, identity, seed } = cast.owner
  const contact = contactAt(cast, 1)
  const owner = publicHalf(identity)
  const statement = await stateIdentity({ app: APP, account, identity, statedAt: 1 })
  const { statement: device } = await stateDevice({ account, deviceSeed: seed, identity, registeredAt: 1 })
  const revocation = await revokeDevice({ account, device: owner.signing, identity })
  const { message: destinations } = await signDestinations(
    { ...NOWHERE, account, mail: 'ada@example.org', push: [subscription(1)] },
    identity,
  )
  const service = owner.signing
  const challenge = 'c'.repeat(40)
  const answer = await answerChallenge({ service, account, recovery: null, challenge, seed })
  const random = chanceOf('invitation').bytes
  const { invitation, secret, link } = makeInvitation({
    account,
    identity: owner,
    base: 'https://a.example/',
    random,
  })
  const own = { account: contact.account, identity: contact.identity }
  const answered = await answerInvitation({ ...parseInvitationLink(link), statement, ...own })
  const known = { invitation, secret, account, identity: owner }
  const announced = await announceInvitation({ account, invitation, identity })
  return {
    identity: selfSigned(statement, readIdentity),
    device: verified(device, (message) => readDevice(message, owner.signing)),
    destinations: verified(destinations, (message) => readDestinations(message, owner.signing)),
    'device-revocation': verified(revocation, (message) =>
      readMessage('device-revocation', message, deviceRevocationBody, owner.signing),
    ),
    'sign-in': selfSigned(answer, (message) =>
      readSelfSigned('sign-in', message, signInBody, (body) => body.key),
    ),
    invitation: verified(announced.message, (message) =>
      readMessage('invitation', message, invitationBody, owner.signing),
    ),
    'invitation-answer': selfSigned(answered.message, (message) =>
      checkInvitationAnswer({ ...known, message }),
    ),
  }
}

/** Circles. */
const circleMessages = async (): Promise<Record<string, Flippable>> => {
  const cast = await castOf({ contacts: 2 })
  const { built } = cast
  const { core, coreHash } = built
  const { account, identity } = contactAt(cast, 1)
  const owner = publicHalf(cast.owner.identity)
  const contactSigning = publicHalf(identity).signing
  const { pin, checkKey } = await offered(cast, 1)
  const acceptance = await signAcceptance({ pin, checkKey, account, identity })
  const second = contactAt(cast, 2)
  const other = await offered(cast, 2)
  const otherAcceptance = await signAcceptance({ ...second, pin: other.pin, checkKey: other.checkKey })
  const proofs = [acceptance, otherAcceptance].map(({ proof }, index) => ({
    slot: index + 1,
    signature: proof,
  }))
  const place = { account: core.account, circle: core.circle, epoch: core.epoch, coreHash }
  const service = publicHalf(cast.service.identity).signing
  const activation = await signActivation(
    { ...place, activatedAt: 1, proofs },
    cast.service.identity.signing.seed,
  )
  const named = { owner: cast.owner.account, coreHash, slot: 1, account, identity }
  const decline = await signSlotDecline(named)
  const consent = await countersign({ ...named, activeCoreHash: coreHash })
  const { seed } = cast.owner.identity.signing
  const cancel = await signChangeCancel({ account: cast.owner.account, coreHash, seed })
  const deletion = await signDeletion({ ...place, identity: cast.owner.identity })
  const accepted = { owner: cast.owner.account, contact: account, contactSigning, checkKey: pin.checkKey }
  const offer = offerOf(cast, 1)
  const release = cast.service.identity.sealing.secret
  return {
    manifest: verified(built.manifest, (message) => readManifest(message, owner)),
    acceptance: {
      parts: { ...acceptance.message, proof: acceptance.proof },
      codes: {
        body: ['signature_rejected'],
        signature: ['signature_rejected'],
        proof: ['signature_rejected'],
      },
      read: (parts) =>
        verifyAcceptance({ ...pin, ...accepted, message: signedOf(parts), proof: text(parts, 'proof') }),
    },
    activation: verified(activation, (record) => verifyActivation({ record, core, service })),
    'slot-decline': verified(decline.message, (message) => readSlotDecline(message, contactSigning)),
    countersign: verified(consent.message, (message) => readCountersign(message, contactSigning)),
    'change-cancel': verified(cancel.message, (message) => readChangeCancel(message, owner.signing)),
    deletion: verified(deletion.message, (message) => readDeletion(message, owner.signing)),
    'sealed share (offer)': {
      parts: { sealed: offer.sealed },
      codes: { sealed: ['share_rejected'] },
      read: (parts) => checkOffer({ ...offer, sealed: text(parts, 'sealed') }),
    },
    'sealed share (HPKE alone)': {
      parts: { sealed: offer.sealed },
      codes: { sealed: ['share_rejected'] },
      read: (parts) => openShare({ pin, sealed: text(parts, 'sealed'), account, identity }),
    },
    'sealed factor (HPKE alone)': {
      parts: { factor: built.factor },
      codes: { factor: ['commitment_rejected'] },
      read: (parts) => openFactor({ core, factor: bytes(text(parts, 'factor')), release }),
    },
  }
}

/** One of every kind of message, small, each with whoever reads it. */
export const everyMessage = async (): Promise<Readonly<Record<string, Flippable>>> => ({
  ...(await meetingMessages()),
  ...(await circleMessages()),
  ...(await recoveryMessages()),
})
