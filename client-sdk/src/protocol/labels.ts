import { utf8 } from './bytes.ts'

/**
 * Every domain-separation label. All stand here, so that a glance shows that no two are equal and none is another's beginning
 * (each is used with a trailing zero byte). A label is part of the protocol: changing one makes a new version.
 */
const PREFIX = 'holdfast/v1/'

/** The types of signed messages; the label of each is `holdfast/v1/<type>`. PROTOCOL.md §Labels. */
export const SIGNED_TYPES = [
  'acceptance',
  'acceptance-proof',
  'activation',
  'cancel',
  'change-cancel',
  'completion',
  'countersign',
  'decision',
  'decision-proof',
  'deletion',
  'destinations',
  'device',
  'device-revocation',
  'identity',
  'invitation',
  'invitation-answer',
  'manifest',
  'recovery',
  'release',
  'session-answer',
  'session-outcome',
  'session-reveal',
  'session-start',
  'sign-in',
  'slot-decline',
  'veto',
] as const

export type SignedType = (typeof SIGNED_TYPES)[number]

/** Labels of everything that is hashed, derived, sealed or authenticated otherwise. */
export const LABELS = {
  checkKey: `${PREFIX}derive/check-key`,
  code1: `${PREFIX}derive/code-1`,
  code2: `${PREFIX}derive/code-2`,
  contactEntryHash: `${PREFIX}hash/contact-entry`,
  coreHash: `${PREFIX}hash/core`,
  digits1: `${PREFIX}derive/digits-1`,
  digits2: `${PREFIX}derive/digits-2`,
  handedFactor: `${PREFIX}seal/handed-factor`,
  handedShare: `${PREFIX}seal/handed-share`,
  identityHash: `${PREFIX}hash/identity`,
  invitationMac: `${PREFIX}mac/invitation`,
  invitationLink: `${PREFIX}hash/invitation-link`,
  keyCommitment: `${PREFIX}derive/key-commitment`,
  keyEncryption: `${PREFIX}derive/key-encryption`,
  logEntryHash: `${PREFIX}hash/log-entry`,
  payload: `${PREFIX}aead/payload`,
  releaseCommitment: `${PREFIX}hash/release-commitment`,
  requestHash: `${PREFIX}hash/request`,
  safetyNumber: `${PREFIX}hash/safety-number`,
  sasCommitment: `${PREFIX}hash/sas-commitment`,
  sealedFactor: `${PREFIX}seal/sealed-factor`,
  sealedShare: `${PREFIX}seal/sealed-share`,
  sealingSeed: `${PREFIX}derive/sealing-seed`,
  serviceChallenge: `${PREFIX}service/challenge`,
  serviceDecoy: `${PREFIX}service/decoy`,
  serviceIdentity: `${PREFIX}service/identity`,
  serviceKeyStore: `${PREFIX}service/key-store`,
  serviceFactorWrap: `${PREFIX}service/factor-wrap`,
  serviceTokens: `${PREFIX}service/tokens`,
  serviceVapid: `${PREFIX}service/vapid`,
  signingSeed: `${PREFIX}derive/signing-seed`,
  subjectHash: `${PREFIX}hash/subject`,
  ticketHash: `${PREFIX}hash/ticket`,
  ticketKeys: `${PREFIX}hash/ticket-keys`,
  transcriptHash: `${PREFIX}hash/transcript`,
} as const

export type Label = (typeof LABELS)[keyof typeof LABELS]

const encoded = new Map<string, Uint8Array>()

const withZero = (label: string): Uint8Array => {
  let bytes = encoded.get(label)
  if (bytes === undefined) encoded.set(label, (bytes = utf8(`${label}\0`)))
  return bytes
}

/** utf8(label ‖ "\0"). Shared: not to be written to. */
export const labelBytes = (label: Label): Uint8Array => withZero(label)

/** utf8("holdfast/v1/<type>\0"), the beginning of everything signed. Shared: not to be written to. */
export const signedPrefix = (type: SignedType): Uint8Array => withZero(PREFIX + type)
