/**
 * Meeting by link: both sides come to hold each other's keys, as far as the channel that carried the link can be trusted.
 * PROTOCOL.md, "Meet".
 */
import { invitationAnswerBody } from './account.ts'
import { concat, equalBytes, fromBase64url, lengthPrefixed, toBase64url, utf8 } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { hashOf, hmac } from './hashing.ts'
import { identityBytes, identityHash, publicHalf, type IdentityKeys } from './identity.ts'
import { LABELS, labelBytes } from './labels.ts'
import { readSelfSigned } from './message.ts'
import { platformRandomness } from './randomness.ts'
import type { PublicIdentity, Signed } from './schema.ts'
import { bytesOf32 } from './seal-context.ts'
import { Secret } from './secret.ts'
import { signMessage } from './signing.ts'
import { readIdentity } from './statement.ts'

/** How the fragment of an invitation link begins. */
export const INVITATION_PREFIX = 'HF1I.'
const ID = 16
const KEY = 32
const CHECK = 4
const LENGTH = ID + ID + KEY + KEY + CHECK

/** What a link says. */
export interface InvitationParts {
  /** Account that invites. */
  readonly owner: string
  readonly invitation: string
  /** 32 bytes that only the two ends know: the fragment never reaches a server. */
  readonly secret: Secret
  /** Hash of the owner's identity, 32 bytes base64url. */
  readonly ownerHash: string
}

const check = (bytes: Uint8Array): Uint8Array => hashOf(LABELS.invitationLink, bytes).subarray(0, CHECK)

const idBytes = (text: string): Uint8Array => {
  const bytes = fromBase64url(text)
  if (bytes?.length !== ID) throw new HoldfastError('malformed')
  return bytes
}

/**
 * A new invitation. The owner keeps `secret` until the answer is checked; `link` is `base` (an address without `#`) with a
 * fragment. Throws `malformed` for a base with a fragment.
 */
export const makeInvitation = (input: {
  readonly account: string
  readonly identity: PublicIdentity
  readonly base: string
  readonly random?: (length: number) => Uint8Array
}): { readonly invitation: string; readonly secret: Secret; readonly link: string } => {
  const random = input.random ?? platformRandomness.bytes
  if (input.base.includes('#')) throw new HoldfastError('malformed')
  const invitation = random(ID)
  const secret = random(KEY)
  const said = concat(idBytes(input.account), invitation, secret, identityHash(input.identity))
  const link = `${input.base}#${INVITATION_PREFIX}${toBase64url(concat(said, check(said)))}`
  return { invitation: toBase64url(invitation), secret: Secret.of(secret), link }
}

/** Announces an invitation to the service, which never learns its secret. The body of `createInvitation`. */
export const announceInvitation = async (input: {
  readonly account: string
  readonly invitation: string
  readonly identity: IdentityKeys
}): Promise<{ readonly message: Signed }> => {
  const { account, invitation, identity } = input
  return { message: await signMessage('invitation', { account, invitation }, identity.signing.seed) }
}

/** Reads a link. Throws `invitation_rejected` for anything that is not exactly one: a typing slip shows at once. */
export const parseInvitationLink = (link: string): InvitationParts => {
  const at = link.indexOf(`#${INVITATION_PREFIX}`)
  const text = at < 0 ? '' : link.slice(at + 1 + INVITATION_PREFIX.length)
  const bytes = text.length === Math.ceil((LENGTH * 4) / 3) ? fromBase64url(text) : null
  if (bytes === null || link.indexOf('#') !== at) throw new HoldfastError('invitation_rejected')
  const said = bytes.subarray(0, LENGTH - CHECK)
  if (!equalBytes(check(said), bytes.subarray(LENGTH - CHECK))) throw new HoldfastError('invitation_rejected')
  const part = (from: number, length: number): Uint8Array => said.subarray(from, from + length)
  return {
    owner: toBase64url(part(0, ID)),
    invitation: toBase64url(part(ID, ID)),
    secret: Secret.of(part(2 * ID, KEY)),
    ownerHash: toBase64url(part(2 * ID + KEY, KEY)),
  }
}

/** The invitation's MAC over both identities, both accounts and the invitation: HMAC-SHA-256, 32 bytes. */
export const invitationMac = (input: {
  readonly secret: Secret
  readonly invitation: string
  readonly owner: string
  readonly ownerIdentity: PublicIdentity
  readonly contact: string
  readonly contactIdentity: PublicIdentity
}): Uint8Array => {
  const parts = [
    utf8(input.invitation),
    utf8(input.owner),
    ...identityBytes(input.ownerIdentity),
    utf8(input.contact),
    ...identityBytes(input.contactIdentity),
  ]
  return hmac(input.secret.expose(), labelBytes(LABELS.invitationMac), ...parts.map(lengthPrefixed))
}

/**
 * The contact's answer. Checks the owner's statement against the link first, so that a service that shows another key gets
 * none. Throws `signature_rejected`, `invitation_rejected`, or `contact_is_owner` for one's own invitation.
 */
export const answerInvitation = async (
  input: InvitationParts & {
    /** The owner's identity statement as the service shows it. */
    readonly statement: Signed
    /** The contact's own account. */
    readonly account: string
    readonly identity: IdentityKeys
  },
): Promise<{ readonly message: Signed; readonly ownerIdentity: PublicIdentity }> => {
  const { owner, invitation, secret, ownerHash, statement, account, identity } = input
  const stated = await readIdentity(statement)
  if (stated.account !== owner || !equalBytes(identityHash(stated.identity), bytesOf32(ownerHash)))
    throw new HoldfastError('invitation_rejected')
  if (account === owner) throw new HoldfastError('contact_is_owner')
  const contactIdentity = publicHalf(identity)
  const mac = invitationMac({
    secret,
    invitation,
    owner,
    ownerIdentity: stated.identity,
    contact: account,
    contactIdentity,
  })
  const body = { invitation, owner, contact: account, contactIdentity, mac: toBase64url(mac) }
  return {
    message: await signMessage('invitation-answer', body, identity.signing.seed),
    ownerIdentity: stated.identity,
  }
}

/**
 * The owner's check of an answer: the contact's keys, verified as far as the channel of the link. Throws `malformed`,
 * `signature_rejected`, or `invitation_rejected` when the MAC is not that of this invitation and these keys.
 */
export const checkInvitationAnswer = async (input: {
  readonly invitation: string
  readonly secret: Secret
  /** The owner's own account and identity. */
  readonly account: string
  readonly identity: PublicIdentity
  readonly message: Signed
}): Promise<{ readonly contact: string; readonly contactIdentity: PublicIdentity }> => {
  const { invitation, secret, account, identity, message } = input
  const body = await readSelfSigned(
    'invitation-answer',
    message,
    invitationAnswerBody,
    (said) => said.contactIdentity.signing,
  )
  const { contact, contactIdentity } = body
  const expected = invitationMac({
    secret,
    invitation,
    owner: account,
    ownerIdentity: identity,
    contact,
    contactIdentity,
  })
  const meant = body.invitation === invitation && body.owner === account && contact !== account
  if (!equalBytes(expected, bytesOf32(body.mac)) || !meant) throw new HoldfastError('invitation_rejected')
  return { contact, contactIdentity }
}
