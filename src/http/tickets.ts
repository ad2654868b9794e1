/**
 * Tickets of registered apps: EdDSA-signed JWTs (RFC 8037). PROTOCOL.md, "Tickets".
 */
import { fromBase64url, ticketClaims } from '@holdfast/client/protocol'
import { decodeJwt, importJWK, jwtVerify, type CryptoKey } from 'jose'
import type { App } from '../config-apps.ts'
import type { Tickets } from '../use-cases/ports.ts'

/** What an app's backend puts into `typ` and `aud`. */
export const TICKET_TYPE = 'holdfast-ticket+jwt'
export const TICKET_AUDIENCE = 'holdfast'
/** How far ahead a ticket may end, seconds: used ones are remembered until then. */
const LONGEST_SECONDS = 600
/** What an app's clock may differ from ours by. */
const TOLERANCE_SECONDS = 30

/**
 * Decoders take several texts for the same bytes. A ticket counts once, and what is remembered of it is its text, so only the
 * one canonical text of it is taken.
 */
const isCanonical = (ticket: string): boolean =>
  ticket.split('.').every((segment) => fromBase64url(segment) !== null)

/** What a ticket says of itself, before anybody verified it. */
const stated = (ticket: string): { readonly iss: string; readonly sub: string } | null => {
  try {
    const { iss, sub } = decodeJwt(ticket)
    return iss === undefined || sub === undefined ? null : { iss, sub }
  } catch {
    return null
  }
}

/** Whom a ticket is about, as it says itself: to count by, where the ticket is verified before anything is counted. */
export const statedSubject = (ticket: string): string => JSON.stringify(stated(ticket))

export const appTickets = async (apps: readonly App[]): Promise<Tickets> => {
  const keys = new Map<string, CryptoKey>()
  for (const { app, ticketKey } of apps)
    keys.set(app, (await importJWK({ kty: 'OKP', crv: 'Ed25519', x: ticketKey }, 'EdDSA')) as CryptoKey)
  return {
    async read(ticket, now) {
      // The issuer only chooses the key here; it is trusted once the signature under that key held.
      const key = keys.get(stated(ticket)?.iss ?? '')
      if (key === undefined || !isCanonical(ticket)) return null
      const verified = await jwtVerify(ticket, key, {
        algorithms: ['EdDSA', 'Ed25519'],
        typ: TICKET_TYPE,
        audience: TICKET_AUDIENCE,
        currentDate: new Date(now),
        clockTolerance: TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'iat', 'jti', 'sub', 'iss'],
      }).catch(() => null)
      const claims = ticketClaims.safeParse(verified?.payload)
      if (!claims.success) return null
      const seconds = now / 1000
      const { exp, iat } = claims.data
      if (exp > seconds + LONGEST_SECONDS + TOLERANCE_SECONDS || iat > seconds + TOLERANCE_SECONDS)
        return null
      return claims.data
    },
  }
}
