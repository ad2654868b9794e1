/**
 * Operations on accounts: registering, signing in, meeting.
 */
import * as shape from './shape.ts'
import { reading, message, acting, ticket, type Operation } from './operation.ts'
import { ROUTES } from './routes.ts'
import { id, signed } from './schema.ts'

export const ACCOUNT_OPERATIONS = {
  readService: {
    ...ROUTES.readService,
    ...reading,
    summary: 'Public keys, clock and bounds of this service.',
  },
  createAccount: {
    ...ROUTES.createAccount,
    ...acting,
    status: 201,
    body: shape.strictObject({ ticket, identity: signed, device: signed }),
    refusals: ['ticket_rejected', 'signature_rejected', 'key_rejected', 'account_exists', 'malformed'],
    summary: 'Register an account with the identity that it will be known by.',
  },
  createChallenge: {
    ...ROUTES.createChallenge,
    ...acting,
    status: 201,
    keyless: true,
    body: shape.strictObject({ account: id }),
    refusals: [],
    summary: 'Ask for a challenge to sign in with. The same for known and unknown accounts.',
  },
  createSession: {
    ...ROUTES.createSession,
    ...acting,
    status: 201,
    // A challenge is good for one use: a repeat is refused, whatever its key.
    keyless: true,
    body: message,
    refusals: ['challenge_rejected', 'signature_rejected', 'storage_full'],
    summary: 'Sign in with a device key or with the one-use key of a request.',
  },
  readAccount: {
    ...ROUTES.readAccount,
    ...reading,
    summary: 'The owner’s own view.',
  },
  readLog: {
    ...ROUTES.readLog,
    ...reading,
    query: shape.strictObject({ after: shape.optional(shape.string({ pattern: /^\d{1,15}$/ })) }),
    summary: 'The account’s hash-chained log, up to 200 entries after a sequence number.',
  },
  readIdentity: {
    ...ROUTES.readIdentity,
    ...reading,
    params: shape.strictObject({ account: id }),
    refusals: ['not_found'],
    summary: 'Another account’s identity statement, to compare safety numbers with.',
  },
  revokeDevice: {
    ...ROUTES.revokeDevice,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'not_found'],
    summary: 'End a device and its sessions.',
  },
  setDestinations: {
    ...ROUTES.setDestinations,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'statement_outdated', 'limit_reached'],
    summary: 'State where the account’s person wants to be told. Those who are dropped are told of it.',
  },
  readNotices: {
    ...ROUTES.readNotices,
    ...reading,
    summary: 'Where the account’s person is told, and what became of each notice.',
  },
  createInvitation: {
    ...ROUTES.createInvitation,
    ...acting,
    status: 201,
    body: message,
    refusals: ['signature_rejected', 'limit_reached'],
    summary: 'Open an invitation; its secret stays in the link.',
  },
  readInvitation: {
    ...ROUTES.readInvitation,
    ...reading,
    params: shape.strictObject({ account: id, invitation: id }),
    refusals: ['not_found'],
    summary: 'The identity statement of whoever invited.',
  },
  answerInvitation: {
    ...ROUTES.answerInvitation,
    ...acting,
    body: message,
    refusals: ['signature_rejected', 'not_found', 'invitation_rejected'],
    summary: 'Answer an invitation with one’s own identity.',
  },
} as const satisfies Record<string, Operation>
