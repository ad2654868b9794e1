/**
 * What is kept of an app's ticket. All base64url. PROTOCOL.md, "Tickets".
 */
import { toBase64url, utf8 } from './bytes.ts'
import { hashOf } from './hashing.ts'
import { identityBytes } from './identity.ts'
import { LABELS } from './labels.ts'
import type { PublicIdentity } from './schema.ts'

/** Hash of the ticket's text (compact JWT): what the request is bound to, and what is remembered as used. */
export const ticketHash = (ticket: string): string => toBase64url(hashOf(LABELS.ticketHash, utf8(ticket)))

/** Stands for the number or login that an app vouched for; back-off counts by it. */
export const subjectHash = (app: string, subject: string): string =>
  toBase64url(hashOf(LABELS.subjectHash, utf8(app), utf8(subject)))

/** The ticket's claim `keys`: who may use it. Throws `malformed` unless both keys are 32 bytes. */
export const keyHash = (keys: PublicIdentity): string =>
  toBase64url(hashOf(LABELS.ticketKeys, ...identityBytes(keys)))
