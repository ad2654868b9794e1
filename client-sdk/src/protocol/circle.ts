/**
 * What an owner and the contacts agree on. PROTOCOL.md, "Protect" and "Accept".
 */
import * as shape from './shape.ts'
import { appId, bytes32, epochNumber, id, instant, publicIdentity, signature, slotNumber } from './schema.ts'

/** How far the owner knows that a contact's keys are the contact's. */
export const verification = shape.oneOf(['in-person', 'link', 'none'])
export type Verification = shape.Infer<typeof verification>

const YEAR_SECONDS = 366 * 24 * 3600

/** The rules of one epoch. The service's own bounds (production: waiting ≥ 1 h) are checked on top of these. */
export const policy = shape.strictObject({
  /** t: shares needed, 2 ≤ t ≤ n. */
  threshold: shape.integer(2, 32),
  /** W: from quorum to release. */
  waitingSeconds: shape.integer(1, YEAR_SECONDS),
  /** From proposal of a later epoch, or of deletion, to its taking effect. */
  coolingSeconds: shape.integer(1, YEAR_SECONDS),
  /** How long a request may collect answers. */
  collectingSeconds: shape.integer(1, YEAR_SECONDS),
  /** Acceptances that make an epoch active: n, or if the owner settles for less at least min(n, t + 1). */
  acceptances: shape.integer(2, 32),
  /** s: contacts who must state "the phone was stolen" to beat an identity-key veto; t < s ≤ n, or null for off. */
  stolenQuorum: shape.nullable(shape.integer(3, 32)),
})
export type Policy = shape.Infer<typeof policy>

export const coreSlot = shape.strictObject({
  slot: slotNumber,
  /** Shamir x-coordinate of this slot's share, never 0. */
  x: shape.integer(1, 255),
  /** Public half of the share's check key: the share's commitment. */
  checkKey: bytes32,
  verified: verification,
  /** Hash of the salted contact entry. */
  entry: bytes32,
})
export type CoreSlot = shape.Infer<typeof coreSlot>

/** What all parties must agree on; hashed as H(core). */
export const core = shape.strictObject({
  version: shape.oneOf([1]),
  suite: shape.oneOf(['HF1']),
  app: appId,
  account: id,
  circle: id,
  epoch: epochNumber,
  /** H(core) of the last active epoch, null for the first. */
  previous: shape.nullable(bytes32),
  owner: publicIdentity,
  /** Public half of a veto key that is kept off the phone. */
  vetoKey: shape.nullable(bytes32),
  policy,
  /** The service's release key, to which the release factor is sealed. */
  serviceKey: bytes32,
  releaseCommitment: bytes32,
  /** Room for a PIN. Always null in version 1. */
  pinKey: shape.oneOf([null]),
  slots: shape.array(coreSlot, 2, 32),
})
export type Core = shape.Infer<typeof core>

/** The core with hashes of all that belongs to it. Signed (`manifest`) by the owner's identity key. */
export const manifestBody = shape.strictObject({
  core,
  /** kc, the key commitment. */
  commitment: bytes32,
  payloadHash: bytes32,
  /** Hash of each slot's sealed share, in slot order. */
  shareHashes: shape.array(bytes32, 2, 32),
  factorHash: bytes32,
})
export type ManifestBody = shape.Infer<typeof manifestBody>

/** Who a slot belongs to. Known to the owner and that contact; the core holds its hash. */
export const contactEntry = shape.strictObject({
  account: id,
  identity: publicIdentity,
  slot: slotNumber,
  salt: bytes32,
})
export type ContactEntry = shape.Infer<typeof contactEntry>

/** Plaintext of a sealed share. `share` is the 33 bytes of shamir-secret-sharing: y-values, then x. */
export const sharePlaintext = shape.strictObject({
  entry: contactEntry,
  share: shape.string({ pattern: /^[A-Za-z0-9_-]{44}$/ }),
})
export type SharePlaintext = shape.Infer<typeof sharePlaintext>

/** "I hold a share that opens." Signed (`acceptance`) by the contact's identity key. */
export const acceptanceBody = shape.strictObject({
  owner: id,
  circle: id,
  epoch: epochNumber,
  coreHash: bytes32,
  slot: slotNumber,
  contact: id,
})
export type AcceptanceBody = shape.Infer<typeof acceptanceBody>

/** The same, without the contact's name. Signed (`acceptance-proof`) by the share's check key. */
export const acceptanceProofBody = shape.strictObject({
  coreHash: bytes32,
  epoch: epochNumber,
  slot: slotNumber,
})
export type AcceptanceProofBody = shape.Infer<typeof acceptanceProofBody>

/** "I do not want this share." Signed (`slot-decline`) by the contact's identity key. */
export const slotDeclineBody = shape.strictObject({
  owner: id,
  coreHash: bytes32,
  slot: slotNumber,
  contact: id,
})
export type SlotDeclineBody = shape.Infer<typeof slotDeclineBody>

/** The service's record that an epoch is active. Signed (`activation`) by the service key. */
export const activationBody = shape.strictObject({
  account: id,
  circle: id,
  epoch: epochNumber,
  coreHash: bytes32,
  activatedAt: instant,
  /** Check-key signatures over the acceptance proofs; as many as the policy's `acceptances`, or more. */
  proofs: shape.array(shape.strictObject({ slot: slotNumber, signature })),
})
export type ActivationBody = shape.Infer<typeof activationBody>

/** A current contact's consent to a change before it has cooled. Signed (`countersign`) by the contact's identity key. */
export const countersignBody = shape.strictObject({
  owner: id,
  contact: id,
  /** H(core) of the active epoch, and the contact's slot in it. */
  activeCoreHash: bytes32,
  slot: slotNumber,
  /** H(core) of the pending epoch. */
  coreHash: bytes32,
})
export type CountersignBody = shape.Infer<typeof countersignBody>

/** Withdraws a pending epoch or deletion. Signed (`change-cancel`) by the identity key or the active epoch's veto key. */
export const changeCancelBody = shape.strictObject({
  account: id,
  /** H(core) of the pending epoch; of the active one for a pending deletion. */
  coreHash: bytes32,
})
export type ChangeCancelBody = shape.Infer<typeof changeCancelBody>

/** Asks that the circle ends. Cools like any change. Signed (`deletion`) by the identity key. */
export const deletionBody = shape.strictObject({
  account: id,
  circle: id,
  epoch: epochNumber,
  coreHash: bytes32,
})
export type DeletionBody = shape.Infer<typeof deletionBody>
