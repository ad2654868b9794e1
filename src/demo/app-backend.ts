/**
 * The backend of the app in the story: it checks a phone number or a passport, and says so in a ticket. PROTOCOL.md,
 * "Tickets". It stands outside of the service, and so it is written as an outsider would write it.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { account } from '@holdfast/client'
import { SignJWT } from 'jose'

const LIFETIME_SECONDS = 300

export interface AppBackend {
  readonly app: string
  /** Ed25519 public key, base64url: what the service's operator registers. */
  readonly ticketKey: string
  /** `subject`: what was checked, for example a phone number; the service learns no more than this opaque name. */
  ticket(request: account.TicketRequest, subject: string): Promise<string>
}

export const openAppBackend = (app: string): AppBackend => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    app,
    ticketKey: publicKey.export({ format: 'jwk' }).x ?? '',
    ticket({ purpose, account, keys }, subject) {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ purpose, account, keys })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'holdfast-ticket+jwt' })
        .setIssuer(app)
        .setAudience('holdfast')
        .setSubject(subject)
        .setJti(randomBytes(16).toString('base64url'))
        .setIssuedAt(now)
        .setExpirationTime(now + LIFETIME_SECONDS)
        .sign(privateKey)
    },
  }
}
