/**
 * How each operation is called and what it answers: the part of the operation table that a client needs. The rest stands in
 * {@link OPERATIONS}, which no client loads.
 */
import type { Shape } from './shape.ts'
import { noticesView } from './notices-view.ts'
import {
  accountView,
  challengeView,
  contactRecoveriesView,
  doneView,
  identityView,
  invitationView,
  logView,
  releaseView,
  requesterView,
  serviceView,
  sessionView,
  sharesView,
  vetoView,
} from './views.ts'

/**
 * Who may call: `none` anyone (a signature or ticket in the body decides), `device` a signed-in device of an account,
 * `requester` the one-use key of an open request.
 */
export type Caller = 'none' | 'device' | 'requester'

export interface Route<T = unknown> {
  readonly method: 'GET' | 'POST'
  /** Express path. */
  readonly path: string
  readonly caller: Caller
  readonly answer: Shape<T>
}

/* @__NO_SIDE_EFFECTS__ */
const get = <T>(path: string, caller: Caller, answer: Shape<T>): Route<T> => ({
  method: 'GET',
  path,
  caller,
  answer,
})
/* @__NO_SIDE_EFFECTS__ */
const post = <T>(path: string, caller: Caller, answer: Shape<T>): Route<T> => ({
  method: 'POST',
  path,
  caller,
  answer,
})

export const ROUTES = {
  // Accounts
  readService: get('/v1/service', 'none', serviceView),
  createAccount: post('/v1/accounts', 'none', doneView),
  createChallenge: post('/v1/challenges', 'none', challengeView),
  createSession: post('/v1/sessions', 'none', sessionView),
  readAccount: get('/v1/account', 'device', accountView),
  readLog: get('/v1/account/log', 'device', logView),
  readIdentity: get('/v1/accounts/:account/identity', 'device', identityView),
  revokeDevice: post('/v1/account/device-revocations', 'device', doneView),
  setDestinations: post('/v1/account/destinations', 'device', doneView),
  readNotices: get('/v1/account/notices', 'device', noticesView),
  createInvitation: post('/v1/invitations', 'device', invitationView),
  readInvitation: get('/v1/accounts/:account/invitations/:invitation', 'device', identityView),
  answerInvitation: post('/v1/invitations/answers', 'device', doneView),

  // Circles
  proposeEpoch: post('/v1/circle/epochs', 'device', doneView),
  cancelChange: post('/v1/circle/change-cancellations', 'none', doneView),
  deleteCircle: post('/v1/circle/deletions', 'device', doneView),
  listShares: get('/v1/shares', 'device', sharesView),
  acceptShare: post('/v1/shares/acceptances', 'device', doneView),
  declineShare: post('/v1/shares/declines', 'device', doneView),
  countersignChange: post('/v1/shares/countersignatures', 'device', doneView),

  // Recoveries
  openRecovery: post('/v1/recoveries', 'none', requesterView),
  readRecovery: get('/v1/recovery', 'requester', requesterView),
  answerSession: post('/v1/recovery/session-answers', 'requester', requesterView),
  cancelRecovery: post('/v1/recovery/cancellation', 'requester', doneView),
  pullRelease: post('/v1/recovery/release', 'requester', releaseView),
  completeRecovery: post('/v1/recovery/completion', 'requester', doneView),
  listContactRecoveries: get('/v1/approvals', 'device', contactRecoveriesView),
  startSession: post('/v1/approvals/session-starts', 'device', contactRecoveriesView),
  revealSession: post('/v1/approvals/session-reveals', 'device', contactRecoveriesView),
  concludeSession: post('/v1/approvals/session-outcomes', 'device', contactRecoveriesView),
  decide: post('/v1/approvals/decisions', 'device', doneView),
  veto: post('/v1/vetoes', 'none', vetoView),
} as const satisfies Readonly<Record<string, Route>>

export type OperationName = keyof typeof ROUTES
export type AnswerOf<N extends OperationName> = (typeof ROUTES)[N] extends Route<infer T> ? T : never
