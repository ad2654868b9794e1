/**
 * Messages by which an account comes to be, signs in and meets its contacts. PROTOCOL.md, "Keys", "Sign in" and "Meet".
 */
import * as shape from './shape.ts'
import { appId, bytes32, id, instant, publicIdentity } from './schema.ts'

/** An account's statement of its keys. Signed (`identity`) by the signing key that it names. */
export const identityBody = shape.strictObject({
  app: appId,
  account: id,
  identity: publicIdentity,
  statedAt: instant,
})
export type IdentityBody = shape.Infer<typeof identityBody>

/** Lets a device key sign in for the account. Signed (`device`) by the identity key. */
export const deviceBody = shape.strictObject({ account: id, device: bytes32, registeredAt: instant })
export type DeviceBody = shape.Infer<typeof deviceBody>

/** Ends a device and its sessions. Signed (`device-revocation`) by the identity key. */
export const deviceRevocationBody = shape.strictObject({ account: id, device: bytes32 })
export type DeviceRevocationBody = shape.Infer<typeof deviceRevocationBody>

/**
 * Answers a challenge. Signed (`sign-in`) by the device key, or by the one-use key of the recovery that is named.
 * `service` is the service's public signing key, so that an answer given to one service is worthless at another.
 */
export const signInBody = shape.strictObject({
  service: bytes32,
  account: id,
  recovery: shape.nullable(id),
  key: bytes32,
  challenge: shape.string({ pattern: /^[A-Za-z0-9_-]{40,200}$/ }),
})
export type SignInBody = shape.Infer<typeof signInBody>

/** Opens an invitation at the service. Signed (`invitation`) by the owner's identity key. */
export const invitationBody = shape.strictObject({ account: id, invitation: id })
export type InvitationBody = shape.Infer<typeof invitationBody>

/** A contact's answer to an invitation. Signed (`invitation-answer`) by the contact's identity key. */
export const invitationAnswerBody = shape.strictObject({
  invitation: id,
  owner: id,
  contact: id,
  contactIdentity: publicIdentity,
  /** HMAC under the invitation's secret over both identities. */
  mac: bytes32,
})
export type InvitationAnswerBody = shape.Infer<typeof invitationAnswerBody>

/**
 * What an app's backend vouches for, as the claims of an EdDSA-signed JWT (RFC 7519, RFC 8037). Necessary for opening a
 * request, never sufficient for anything else. `iss` is the app, `sub` an opaque name of the number or login it checked.
 */
export const ticketClaims = shape.looseObject({
  iss: appId,
  aud: shape.string(),
  sub: shape.string({ minLength: 1, maxLength: 128 }),
  jti: shape.string({ minLength: 16, maxLength: 64 }),
  iat: shape.integer(),
  exp: shape.integer(),
  purpose: shape.oneOf(['register', 'recover']),
  account: id,
  /** `keyHash` of the keys that may use this ticket: the identity's, or the requester's one-use keys. */
  keys: bytes32,
})
export type TicketClaims = shape.Infer<typeof ticketClaims>
