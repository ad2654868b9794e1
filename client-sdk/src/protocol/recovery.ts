/**
 * What requester, contacts and owner say during a recovery. PROTOCOL.md, "Recover".
 */
import * as shape from './shape.ts'
import { appId, bytes32, epochNumber, id, publicIdentity, signature, slotNumber } from './schema.ts'

/** Opens a request. Signed (`recovery`) by the one-use signing key that it names. */
export const recoveryBody = shape.strictObject({
  app: appId,
  account: id,
  recovery: id,
  /** The requester's one-use keys. */
  requester: publicIdentity,
  cause: shape.oneOf(['lost', 'stolen']),
  /** After theft: the identity that the account moves to. Null otherwise. */
  nextIdentity: shape.nullable(publicIdentity),
  /** Hash of the app's ticket. */
  ticketHash: bytes32,
})
export type RecoveryBody = shape.Infer<typeof recoveryBody>

/** What both sides of a comparison of codes must agree on; hashed with its own label. */
export const transcript = shape.strictObject({
  /** Hash of the signed request, and with it of all the requester's keys. */
  requestHash: bytes32,
  coreHash: bytes32,
  slot: slotNumber,
  checkKey: bytes32,
})
export type Transcript = shape.Infer<typeof transcript>

const sessionKey = { recovery: id, slot: slotNumber, attempt: shape.integer(1, 3) }

/**
 * A contact begins to compare. Signed (`session-start`) by the contact's identity key.
 * `codes`: 6 digits both ways after commit and reveal. `digits`: 60 digits or QR of the whole transcript, no nonces.
 */
export const sessionStartBody = shape.union(
  shape.strictObject({ ...sessionKey, mode: shape.oneOf(['codes']), commitment: bytes32 }),
  shape.strictObject({ ...sessionKey, mode: shape.oneOf(['digits']) }),
)
export type SessionStartBody = shape.Infer<typeof sessionStartBody>

/** The requester's fresh nonce. Signed (`session-answer`) by the one-use key, after its user's tap. */
export const sessionAnswerBody = shape.strictObject({ ...sessionKey, commitment: bytes32, nonce: bytes32 })
export type SessionAnswerBody = shape.Infer<typeof sessionAnswerBody>

/** Opens the contact's commitment. Signed (`session-reveal`) by the contact's identity key. */
export const sessionRevealBody = shape.strictObject({ ...sessionKey, nonce: bytes32 })
export type SessionRevealBody = shape.Infer<typeof sessionRevealBody>

/** Whether the code that the contact typed was right. Signed (`session-outcome`) by the contact's identity key. */
export const sessionOutcomeBody = shape.strictObject({ ...sessionKey, matched: shape.boolean() })
export type SessionOutcomeBody = shape.Infer<typeof sessionOutcomeBody>

export const decisionKind = shape.oneOf(['approve', 'decline', 'alarm'])
export type DecisionKind = shape.Infer<typeof decisionKind>

/** What the check key signs for the requester, who knows no contact identities (`decision-proof`). */
export const decisionProofBody = shape.strictObject({
  requestHash: bytes32,
  coreHash: bytes32,
  epoch: epochNumber,
  slot: slotNumber,
  /** Grows with each answer of this slot to this request; an older answer is never taken for a newer one. */
  sequence: shape.integer(1, 1_000_000),
  decision: decisionKind,
  /** "Their phone was stolen": told to the contact by voice. */
  stolen: shape.boolean(),
  /** Hash of the share sealed to the requester; null unless `approve`. */
  shareHash: shape.nullable(bytes32),
})
export type DecisionProofBody = shape.Infer<typeof decisionProofBody>

/** A contact's answer. Signed (`decision`) by the contact's identity key. */
export const decisionBody = shape.strictObject({
  owner: id,
  recovery: id,
  contact: id,
  ...decisionProofBody.fields,
})
export type DecisionBody = shape.Infer<typeof decisionBody>

/** Plaintext of the share that an approving contact seals to the requester. */
export const handedSharePlaintext = shape.strictObject({
  share: shape.string({ pattern: /^[A-Za-z0-9_-]{44}$/ }),
  /** The contact's pin. */
  owner: publicIdentity,
  coreHash: bytes32,
  epoch: epochNumber,
})
export type HandedSharePlaintext = shape.Infer<typeof handedSharePlaintext>

/** Stops a request. Signed (`veto`) by the identity key or the veto key, as `by` says. */
export const vetoBody = shape.strictObject({
  account: id,
  recovery: id,
  by: shape.oneOf(['identity', 'veto-key']),
})
export type VetoBody = shape.Infer<typeof vetoBody>

/** Ends a request from its own side. Signed (`cancel`) by the one-use key. */
export const cancelBody = shape.strictObject({ account: id, recovery: id })
export type CancelBody = shape.Infer<typeof cancelBody>

/** Pulls the release. Signed (`release`) by the one-use key. */
export const releaseBody = shape.strictObject({ account: id, recovery: id })
export type ReleaseBody = shape.Infer<typeof releaseBody>

/**
 * Ends a recovery well. Signed (`completion`) by the one-use key, by the recovered identity key and, after theft, by the
 * next identity's key.
 */
export const completionBody = shape.strictObject({
  account: id,
  recovery: id,
  coreHash: bytes32,
  recovered: publicIdentity,
  next: shape.nullable(publicIdentity),
  device: bytes32,
})
export type CompletionBody = shape.Infer<typeof completionBody>

export const completionMessage = shape.strictObject({
  body: shape.string({ maxLength: 4096 }),
  signatures: shape.strictObject({
    request: signature,
    identity: signature,
    next: shape.nullable(signature),
  }),
})
export type CompletionMessage = shape.Infer<typeof completionMessage>
