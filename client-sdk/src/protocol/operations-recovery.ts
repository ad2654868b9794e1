/**
 * Operations on recoveries, by requester, contact and owner.
 */
import * as shape from './shape.ts'
import { reading, message, acting, ticket, type Operation } from './operation.ts'
import { ROUTES } from './routes.ts'
import { completionMessage } from './recovery.ts'
import { bytesUpTo, id, signature, signed } from './schema.ts'

export const RECOVERY_OPERATIONS = {
  openRecovery: {
    ...ROUTES.openRecovery,
    ...acting,
    status: 201,
    body: shape.strictObject({ ticket, message: signed }),
    refusals: ['ticket_rejected', 'signature_rejected', 'key_rejected', 'too_many_open', 'backing_off'],
    summary: 'Open a request for recovery. The same for known and unknown accounts.',
  },
  readRecovery: {
    ...ROUTES.readRecovery,
    ...reading,
    summary: 'The requester’s view of its request.',
  },
  answerSession: {
    ...ROUTES.answerSession,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'session_conflict', 'recovery_ended'],
    summary: 'The requester’s nonce for a comparison of codes.',
  },
  cancelRecovery: {
    ...ROUTES.cancelRecovery,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'recovery_ended'],
    summary: 'End the request from its own side.',
  },
  pullRelease: {
    ...ROUTES.pullRelease,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'not_releasable', 'recovery_ended', 'already_completed'],
    summary: 'Pull what is needed to put the key together. Can be repeated until completion.',
  },
  completeRecovery: {
    ...ROUTES.completeRecovery,
    ...acting,
    body: shape.strictObject({
      completion: completionMessage,
      /** Statement of the new device, signed by the identity that the account now has. */
      device: signed,
      /** After theft: the next identity’s own statement. */
      identity: shape.nullable(signed),
    }),
    refusals: [
      'signature_rejected',
      'key_rejected',
      'not_released',
      'already_completed',
      'recovery_ended',
      'malformed',
    ],
    summary: 'Prove that the key is back; registers the device and ends the epoch.',
  },
  listContactRecoveries: {
    ...ROUTES.listContactRecoveries,
    ...reading,
    summary: 'Open requests that this account may answer as a contact.',
  },
  startSession: {
    ...ROUTES.startSession,
    ...acting,
    body: shape.strictObject({ owner: id, message: signed }),
    refusals: ['signature_rejected', 'not_found', 'session_conflict', 'codes_exhausted', 'recovery_ended'],
    summary: 'Begin a comparison of codes.',
  },
  revealSession: {
    ...ROUTES.revealSession,
    ...acting,
    body: shape.strictObject({ owner: id, message: signed }),
    refusals: ['signature_rejected', 'not_found', 'session_conflict', 'recovery_ended'],
    summary: 'Open the commitment of a comparison.',
  },
  concludeSession: {
    ...ROUTES.concludeSession,
    ...acting,
    body: shape.strictObject({ owner: id, message: signed }),
    refusals: ['signature_rejected', 'not_found', 'session_conflict', 'recovery_ended'],
    summary: 'Say whether the code that was read out was right.',
  },
  decide: {
    ...ROUTES.decide,
    ...acting,
    // An answer is its own key: the newest one, sent again, gets the reply that it got first and is not counted twice.
    keyless: true,
    body: shape.strictObject({
      message: signed,
      proof: shape.nullable(signature),
      /** The share sealed to the requester, base64url; null unless approved. */
      sealed: shape.nullable(bytesUpTo(2048)),
    }),
    refusals: [
      'signature_rejected',
      'not_found',
      'approval_rejected',
      'sequence_rejected',
      'recovery_ended',
      'not_collecting',
      'busy',
      'storage_full',
    ],
    summary: 'Approve, decline or raise the alarm.',
  },
  veto: {
    ...ROUTES.veto,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'veto_too_late', 'veto_overruled', 'recovery_ended'],
    summary: 'Stop a request, by identity key from any device or by the veto key.',
  },
} as const satisfies Record<string, Operation>
