/**
 * What the service shows to whom. Signed parts are shown as they were signed: nobody has to believe the service about them.
 */
import * as shape from './shape.ts'
import {
  appId,
  bytes32,
  bytesUpTo,
  epochNumber,
  id,
  instant,
  revision,
  signature,
  signed,
  slotNumber,
} from './schema.ts'
import { decisionKind } from './recovery.ts'

export const serviceView = shape.strictObject({
  /** Ed25519 key under which the service signs activations. */
  signing: bytes32,
  /** X25519 key to which release factors are sealed. */
  release: bytes32,
  now: instant,
  bounds: shape.strictObject({
    waitingSeconds: shape.strictObject({ min: shape.integer(), max: shape.integer() }),
    coolingSeconds: shape.strictObject({ min: shape.integer(), max: shape.integer() }),
    collectingSeconds: shape.strictObject({ min: shape.integer(), max: shape.integer() }),
  }),
  /** True where the service allows periods that are too short for real use. */
  development: shape.boolean(),
})
export type ServiceView = shape.Infer<typeof serviceView>

export const challengeView = shape.strictObject({ challenge: shape.string(), expiresAt: instant })
export type ChallengeView = shape.Infer<typeof challengeView>

export const sessionView = shape.strictObject({ token: shape.string(), expiresAt: instant })
export type SessionView = shape.Infer<typeof sessionView>

export const identityView = shape.strictObject({ account: id, statement: signed })
export type IdentityView = shape.Infer<typeof identityView>

export const invitationView = shape.strictObject({
  invitation: id,
  expiresAt: instant,
  answer: shape.nullable(shape.strictObject({ contact: id, message: signed })),
})
export type InvitationView = shape.Infer<typeof invitationView>

/** A slot as its owner sees it. */
export const slotView = shape.strictObject({
  slot: slotNumber,
  contact: id,
  state: shape.oneOf(['offered', 'accepted', 'declined']),
  acceptance: shape.nullable(shape.strictObject({ message: signed, proof: signature })),
})
export type SlotView = shape.Infer<typeof slotView>

export const epochView = shape.strictObject({
  circle: id,
  epoch: epochNumber,
  coreHash: bytes32,
  manifest: signed,
  slots: shape.array(slotView),
  proposedAt: instant,
  activation: shape.nullable(signed),
})
export type EpochView = shape.Infer<typeof epochView>

export const pendingEpochView = shape.strictObject({
  ...epochView.fields,
  coolsAt: shape.nullable(instant),
  delayed: shape.boolean(),
  countersigned: shape.array(slotNumber),
})
export type PendingEpochView = shape.Infer<typeof pendingEpochView>

export const recoveryState = shape.oneOf([
  'collecting',
  'waiting',
  'contested',
  'releasable',
  'released',
  'completed',
  'vetoed',
  'declined',
  'cancelled',
  'expired',
  'superseded',
])

/** A request as the owner sees it: everything but the shares. */
export const ownerRecoveryView = shape.strictObject({
  recovery: id,
  state: recoveryState,
  request: signed,
  epoch: shape.integer(0, 2 ** 31),
  coreHash: bytes32,
  openedAt: instant,
  expiresAt: instant,
  quorumAt: shape.nullable(instant),
  releasableAt: shape.nullable(instant),
  contestedUntil: shape.nullable(instant),
  alarmed: shape.boolean(),
  overridden: shape.boolean(),
  endedAt: shape.nullable(instant),
  answers: shape.array(
    shape.strictObject({ slot: slotNumber, decision: decisionKind, stolen: shape.boolean(), at: instant }),
  ),
})
export type OwnerRecoveryView = shape.Infer<typeof ownerRecoveryView>

export const accountView = shape.strictObject({
  account: id,
  app: appId,
  revision,
  now: instant,
  identity: signed,
  devices: shape.array(shape.strictObject({ device: bytes32, statement: signed, registeredAt: instant })),
  invitations: shape.array(invitationView),
  circle: shape.strictObject({
    highestEpoch: shape.integer(0, 2 ** 31),
    lastCoreHash: shape.nullable(bytes32),
    active: shape.nullable(epochView),
    pending: shape.nullable(pendingEpochView),
    deletion: shape.nullable(shape.strictObject({ statement: signed, coolsAt: instant })),
  }),
  recoveries: shape.array(ownerRecoveryView),
  log: shape.strictObject({ sequence: shape.integer(), hash: shape.nullable(bytes32) }),
})
export type AccountView = shape.Infer<typeof accountView>

export const logEntryView = shape.strictObject({
  sequence: shape.integer(),
  at: instant,
  type: shape.string(),
  details: shape.record(shape.union(shape.string(), shape.integer(), shape.boolean(), shape.oneOf([null]))),
  previous: shape.nullable(bytes32),
  hash: bytes32,
})
export type LogEntryView = shape.Infer<typeof logEntryView>
export const logView = shape.strictObject({
  entries: shape.array(logEntryView),
  sequence: shape.integer(),
  hash: shape.nullable(bytes32),
})
export type LogView = shape.Infer<typeof logView>

/** One share as the contact who holds it sees it. A contact sees no other contact. */
export const shareView = shape.strictObject({
  owner: id,
  /** The owner's identity statement. */
  identity: signed,
  stage: shape.oneOf(['pending', 'active']),
  manifest: signed,
  coreHash: bytes32,
  slot: slotNumber,
  /** The sealed share, base64url. */
  sealed: bytesUpTo(2048),
  state: shape.oneOf(['offered', 'accepted', 'declined']),
  coolsAt: shape.nullable(instant),
  activation: shape.nullable(signed),
})
export type ShareView = shape.Infer<typeof shareView>

/** A change of a circle that a current contact may countersign; `leaving` if it drops this contact. */
export const changeView = shape.strictObject({
  owner: id,
  kind: shape.oneOf(['epoch', 'deletion']),
  activeCoreHash: bytes32,
  slot: slotNumber,
  coreHash: bytes32,
  coolsAt: shape.nullable(instant),
  leaving: shape.boolean(),
  countersigned: shape.boolean(),
})
export type ChangeView = shape.Infer<typeof changeView>

export const sharesView = shape.strictObject({
  shares: shape.array(shareView),
  changes: shape.array(changeView),
  now: instant,
})
export type SharesView = shape.Infer<typeof sharesView>

export const sessionState = shape.strictObject({
  slot: slotNumber,
  attempt: shape.integer(1, 3),
  mode: shape.oneOf(['codes', 'digits']),
  step: shape.oneOf(['started', 'answered', 'revealed', 'matched', 'differed']),
  start: signed,
  answer: shape.nullable(signed),
  reveal: shape.nullable(signed),
})
export type SessionState = shape.Infer<typeof sessionState>

/** A request as a contact sees it. */
export const contactRecoveryView = shape.strictObject({
  owner: id,
  recovery: id,
  state: recoveryState,
  request: signed,
  epoch: epochNumber,
  coreHash: bytes32,
  slot: slotNumber,
  openedAt: instant,
  expiresAt: instant,
  releasableAt: shape.nullable(instant),
  alarmed: shape.boolean(),
  contestedUntil: shape.nullable(instant),
  session: shape.nullable(sessionState),
  /** This contact's own latest answer; not `live` once it approved another request instead. */
  answer: shape.nullable(
    shape.strictObject({
      decision: decisionKind,
      stolen: shape.boolean(),
      sequence: shape.integer(),
      live: shape.boolean(),
      at: instant,
    }),
  ),
  now: instant,
})
export type ContactRecoveryView = shape.Infer<typeof contactRecoveryView>
export const contactRecoveriesView = shape.strictObject({
  recoveries: shape.array(contactRecoveryView),
  now: instant,
})

/** A session as the requester sees it: signatures by contacts mean nothing to it, so it gets the bare values. */
export const requesterSessionView = shape.strictObject({
  slot: slotNumber,
  checkKey: bytes32,
  attempt: shape.integer(1, 3),
  mode: shape.oneOf(['codes', 'digits']),
  step: shape.oneOf(['started', 'answered', 'revealed', 'matched', 'differed']),
  commitment: shape.nullable(bytes32),
  requesterNonce: shape.nullable(bytes32),
  contactNonce: shape.nullable(bytes32),
})
export type RequesterSessionView = shape.Infer<typeof requesterSessionView>

/**
 * A request as the requester sees it. Approvals and alarms look alike until release; an unknown account looks like a known
 * one whose contacts have not answered.
 */
export const requesterView = shape.strictObject({
  recovery: id,
  state: shape.oneOf(['collecting', 'waiting', 'delayed', 'released', 'completed', 'ended']),
  coreHash: bytes32,
  openedAt: instant,
  expiresAt: instant,
  /** Approvals and alarms together. */
  answers: shape.integer(),
  /** From the t-th answer on: the earliest time of release. */
  earliestAt: shape.nullable(instant),
  sessions: shape.array(requesterSessionView),
  now: instant,
})
export type RequesterView = shape.Infer<typeof requesterView>

/** Everything that the requester needs to put the key together. */
export const releaseView = shape.strictObject({
  manifest: signed,
  /** The payload's ciphertext, base64url. */
  payload: bytesUpTo(200_000),
  /** The release factor sealed to the requester's key, base64url. */
  factor: bytesUpTo(512),
  approvals: shape.array(
    shape.strictObject({
      slot: slotNumber,
      sequence: shape.integer(1, 1_000_000),
      stolen: shape.boolean(),
      /** Share sealed to the requester, base64url. */
      sealed: bytesUpTo(2048),
      /** The check key's signature over the decision proof. */
      proof: signature,
    }),
  ),
})
export type ReleaseView = shape.Infer<typeof releaseView>

export const doneView = shape.strictObject({ revision })
export type DoneView = shape.Infer<typeof doneView>
/** `ended`: the request is over. `contested`: the owner's circle follows the stolen-phone rule; see PROTOCOL.md. */
export const vetoView = shape.strictObject({
  outcome: shape.oneOf(['vetoed', 'contested']),
  until: shape.nullable(instant),
})
export type VetoView = shape.Infer<typeof vetoView>
