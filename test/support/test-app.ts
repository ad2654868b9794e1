/**
 * An app whose backend signs tickets, as a real one would.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { type PublicIdentity, type TicketClaims, keyHash } from '@holdfast/client/protocol'
import { SignJWT } from 'jose'
import { TICKET_AUDIENCE, TICKET_TYPE } from '../../src/http/tickets.ts'

export interface TestApp {
  readonly app: string
  readonly ticketKey: string
  ticket(
    purpose: TicketClaims['purpose'],
    account: string,
    keys: PublicIdentity,
    changes?: Partial<TicketClaims>,
  ): Promise<string>
}

/** `now`: Unix ms. Tickets hold for five minutes. */
export const newApp = (app: string, now: () => number): TestApp => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    app,
    ticketKey: publicKey.export({ format: 'jwk' }).x as string,
    ticket(purpose, account, keys, changes = {}) {
      const iat = Math.floor(now() / 1000)
      const claims: TicketClaims = {
        iss: app,
        aud: TICKET_AUDIENCE,
        sub: `subject of ${account}`,
        jti: randomUUID(),
        iat,
        exp: iat + 300,
        purpose,
        account,
        keys: keyHash(keys),
        ...changes,
      }
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'EdDSA', typ: TICKET_TYPE })
        .sign(privateKey)
    },
  }
}
