/**
 * Every refusal that Holdfast can give, in one table that the service and the SDK share.
 *
 * A code never changes its meaning. Messages come from here alone and never repeat input, so that nothing an attacker or a
 * careless caller sent can come back in a log line or on a screen.
 */

/** What the caller should do next. Only `retry` and `retry-later` may be repeated unchanged. */
export type Advice = 'retry' | 'retry-later' | 'fix-request' | 'sign-in' | 'upgrade' | 'stop'

interface ErrorEntry {
  /** HTTP status; for errors that only ever arise in the SDK, the status their server twin would have. */
  readonly status: number
  readonly advice: Advice
  readonly message: string
}

const entry = (status: number, advice: Advice, message: string): ErrorEntry => ({ status, advice, message })

/** code → status, advice, message (RFC 9457 `title`). */
export const ERRORS = {
  // The request itself
  malformed: entry(400, 'fix-request', 'The message does not have the required form.'),
  too_large: entry(413, 'fix-request', 'The message is larger than allowed.'),
  unsupported_media_type: entry(415, 'fix-request', 'Send JSON as application/json.'),
  method_not_allowed: entry(405, 'fix-request', 'This address does not take that method.'),
  upgrade_required: entry(
    426,
    'upgrade',
    'This version of the protocol is no longer spoken. Update the app.',
  ),
  idempotency_mismatch: entry(422, 'fix-request', 'This idempotency key was used for a different request.'),

  // Who is asking
  sign_in_required: entry(401, 'sign-in', 'Sign in first.'),
  session_expired: entry(401, 'sign-in', 'The session has ended. Sign in again.'),
  challenge_rejected: entry(
    401,
    'sign-in',
    'The sign-in challenge is unknown, used or too old. Ask for a new one.',
  ),
  signature_rejected: entry(403, 'stop', 'The signature does not match the message and the key.'),
  not_found: entry(404, 'stop', 'There is nothing here for you.'),
  ticket_rejected: entry(403, 'stop', 'The app’s ticket is expired, used, or not meant for this.'),
  identity_replaced: entry(403, 'stop', 'This identity key was replaced and is no longer accepted.'),

  // Load and time
  rate_limited: entry(429, 'retry-later', 'Too many attempts. Wait and try again.'),
  backing_off: entry(
    429,
    'retry-later',
    'A recent request was stopped by the owner. Wait before you ask again.',
  ),
  busy: entry(503, 'retry', 'Others changed the same record at the same time. Try again.'),
  storage_full: entry(507, 'retry-later', 'The service cannot store more at the moment.'),
  clock_behind: entry(
    503,
    'retry-later',
    'The service’s clock is behind its own records. It waits until that is mended.',
  ),
  unavailable: entry(503, 'retry-later', 'The service cannot be reached at the moment.'),
  timeout: entry(504, 'retry', 'The service did not answer in time.'),
  aborted: entry(499, 'stop', 'The call was cancelled.'),
  internal: entry(500, 'retry-later', 'Something went wrong in the service. Nothing was changed.'),

  // Accounts and meeting
  account_exists: entry(409, 'fix-request', 'An account with this id exists already.'),
  identity_changed: entry(
    409,
    'stop',
    'This key is not the one that you know of this person. Meet again in person.',
  ),
  key_rejected: entry(400, 'fix-request', 'The public key is not canonical, or of small order.'),
  statement_outdated: entry(
    409,
    'fix-request',
    'A newer statement was taken already. Read it and make the next.',
  ),
  limit_reached: entry(
    409,
    'fix-request',
    'There are too many of these. End one first, or wait and try again.',
  ),
  invitation_rejected: entry(
    400,
    'stop',
    'The invitation link is damaged, used or expired. Ask for a new one.',
  ),

  // Circles
  threshold_out_of_range: entry(
    400,
    'fix-request',
    'The threshold must be at least 2 and at most the number of contacts.',
  ),
  too_many_contacts: entry(400, 'fix-request', 'A circle has at most 32 contacts.'),
  contact_duplicate: entry(400, 'fix-request', 'Each contact can be chosen only once.'),
  contact_is_owner: entry(400, 'fix-request', 'Your own account cannot be your contact.'),
  contact_unknown: entry(400, 'fix-request', 'A contact has no account here any more.'),
  contacts_unverified: entry(
    400,
    'fix-request',
    'Too many contacts are unverified. Verify some by link or in person first.',
  ),
  policy_out_of_bounds: entry(
    400,
    'fix-request',
    'A period or number of the policy is outside the allowed range.',
  ),
  payload_too_large: entry(400, 'fix-request', 'The backup holds at most 64 KiB beside the key.'),
  epoch_rejected: entry(
    409,
    'fix-request',
    'The circle changed in the meantime. Read it again and build a newer epoch.',
  ),
  chain_broken: entry(409, 'fix-request', 'The new circle does not follow the active one.'),
  commitment_rejected: entry(
    400,
    'fix-request',
    'A sealed part does not open to what the manifest commits to.',
  ),
  activation_rejected: entry(
    422,
    'stop',
    'The record of activation does not fit the epoch, or shows too few acceptances.',
  ),
  acceptance_rejected: entry(409, 'stop', 'This share is not open for acceptance.'),
  share_rejected: entry(422, 'stop', 'The share is not the one that the owner sealed.'),
  no_circle: entry(409, 'fix-request', 'There is no active circle.'),
  change_pending: entry(409, 'retry-later', 'A change of the circle is already under way.'),
  change_not_pending: entry(409, 'stop', 'No change of the circle is under way.'),

  // Recoveries
  too_many_open: entry(409, 'retry-later', 'Three requests with compared codes are open already.'),
  not_collecting: entry(409, 'stop', 'This request no longer collects answers.'),
  recovery_ended: entry(410, 'stop', 'This request has ended.'),
  session_conflict: entry(409, 'fix-request', 'The comparison of codes is not at this step.'),
  codes_exhausted: entry(
    409,
    'stop',
    'Codes were compared too often for this contact. This may be an impostor.',
  ),
  codes_differ: entry(409, 'stop', 'The codes differ. This may be an impostor. Do not approve.'),
  codes_unconfirmed: entry(
    409,
    'fix-request',
    'Compare the codes first, both ways, with as many contacts as are needed.',
  ),
  approval_rejected: entry(409, 'fix-request', 'The answer does not belong to this request, epoch or slot.'),
  sequence_rejected: entry(409, 'fix-request', 'A newer answer from this contact was already counted.'),
  not_releasable: entry(409, 'retry-later', 'The backup cannot be released yet.'),
  veto_too_late: entry(409, 'stop', 'The backup was already released. The veto came too late.'),
  veto_overruled: entry(
    409,
    'stop',
    'The contacts stated that the phone was stolen. Only the veto key can still stop this.',
  ),
  not_released: entry(409, 'stop', 'This request was not released.'),
  already_completed: entry(409, 'stop', 'This recovery is already complete.'),
  backup_damaged: entry(422, 'stop', 'The backup does not open to the key it promises.'),
  too_few_shares: entry(422, 'retry-later', 'Too few of the released shares are sound.'),

  // This device
  stale_circle: entry(409, 'stop', 'The service showed an older circle than this device has seen.'),
  service_unknown: entry(403, 'stop', 'This is not the service that this device knows.'),
  not_registered: entry(409, 'fix-request', 'This device holds no account yet. Register or recover first.'),
  storage_failed: entry(500, 'retry', 'This device could not save. Free some space and try again.'),
  log_broken: entry(
    422,
    'stop',
    'The account’s log does not fit together. Something was changed or left out.',
  ),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

/** Every code, for schemas and tests. */
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[]

/** The one error type. `cause` is for the developer's eyes and is never sent anywhere. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  readonly code: ErrorCode
  readonly advice: Advice
  readonly status: number
  /** Slots (1…32) that an error is about, for example of contacts whose share was false. */
  readonly slots: readonly number[]
  /** Milliseconds after which a repeat makes sense, where the service said so. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ErrorCode,
    more: { cause?: unknown; slots?: readonly number[]; retryAfterMs?: number | undefined } = {},
  ) {
    const { status, advice, message } = ERRORS[code]
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.advice = advice
    this.status = status
    this.slots = more.slots ?? []
    this.retryAfterMs = more.retryAfterMs
  }
}

/** True for any value that is a {@link HoldfastError}, of this copy of the SDK or of another. */
export const isHoldfastError = (value: unknown): value is HoldfastError =>
  value instanceof Error && value.name === 'HoldfastError' && 'code' in value
