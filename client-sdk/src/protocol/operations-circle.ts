/**
 * Operations on circles: proposing, accepting, changing, ending.
 */
import * as shape from './shape.ts'
import { reading, message, acting, type Operation } from './operation.ts'
import { ROUTES } from './routes.ts'
import { bytesUpTo, id, signature, signed } from './schema.ts'

export const CIRCLE_OPERATIONS = {
  proposeEpoch: {
    ...ROUTES.proposeEpoch,
    ...acting,
    status: 201,
    limit: 256 * 1024,
    body: shape.strictObject({
      manifest: signed,
      /** Ciphertext of the payload, base64url. */
      payload: bytesUpTo(100_000),
      /** Sealed shares in slot order. Room for more than a circle may have, so that whoever sends them learns why not. */
      shares: shape.array(shape.strictObject({ contact: id, sealed: bytesUpTo(2048) }), 0, 64),
      /** The release factor sealed to the service. */
      factor: bytesUpTo(512),
    }),
    refusals: [
      'signature_rejected',
      'threshold_out_of_range',
      'too_many_contacts',
      'contact_duplicate',
      'contact_is_owner',
      'contact_unknown',
      'contacts_unverified',
      'policy_out_of_bounds',
      'key_rejected',
      'epoch_rejected',
      'chain_broken',
      'commitment_rejected',
      'change_pending',
    ],
    summary: 'Propose the first or a later epoch of the circle.',
  },
  cancelChange: {
    ...ROUTES.cancelChange,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'change_not_pending'],
    summary: 'Withdraw a pending epoch or deletion, by identity key or veto key.',
  },
  deleteCircle: {
    ...ROUTES.deleteCircle,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'no_circle', 'epoch_rejected', 'change_pending'],
    summary: 'Ask that the circle ends after the cooling period.',
  },
  listShares: {
    ...ROUTES.listShares,
    ...reading,
    summary: 'Shares that others entrusted, or wish to entrust, to this account.',
  },
  acceptShare: {
    ...ROUTES.acceptShare,
    ...acting,
    body: shape.strictObject({ message: signed, proof: signature }),
    refusals: ['signature_rejected', 'not_found', 'acceptance_rejected'],
    summary: 'Accept a share, proving that it opens.',
  },
  declineShare: {
    ...ROUTES.declineShare,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'not_found', 'acceptance_rejected'],
    summary: 'Decline a share that was offered.',
  },
  countersignChange: {
    ...ROUTES.countersignChange,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'not_found', 'change_not_pending'],
    summary: 'Consent, as a current contact, to a change before it has cooled.',
  },
} as const satisfies Record<string, Operation>
