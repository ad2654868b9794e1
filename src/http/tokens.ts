/**
 * Session tokens: JWTs (RFC 7519) under a key that only this service has, bound to the key that signed in (RFC 7800 `cnf`).
 * A token names who calls; whether that still holds is looked up on every call.
 *
 * Made and read by this file alone, in the one form that it makes (HS256, RFC 7515 §3.1): a general library's HMAC goes through
 * a thread for every token, which takes twenty times as long and waits behind the store's writes.
 */
import {
  bytes32,
  equalBytes,
  fromBase64url,
  fromUtf8,
  hmac,
  id,
  shape,
  toBase64url,
  utf8,
} from '@holdfast/client/protocol'
import type { Secret } from '@holdfast/client/protocol'
import type { Caller, Tokens } from '../use-cases/ports.ts'

const LIFETIME_SECONDS = 600
const ISSUER = 'holdfast'
const LONGEST = 2048

const claims = shape.looseObject({
  iss: shape.oneOf([ISSUER]),
  sub: id,
  role: shape.oneOf(['device', 'requester']),
  recovery: shape.optional(id),
  cnf: shape.strictObject({
    jwk: shape.strictObject({ kty: shape.oneOf(['OKP']), crv: shape.oneOf(['Ed25519']), x: bytes32 }),
  }),
  exp: shape.integer(0, Number.MAX_SAFE_INTEGER / 1000),
})
type Claims = shape.Infer<typeof claims>

const textOf = (value: object): string => toBase64url(utf8(JSON.stringify(value)))

/** The only header there is: any other algorithm or type is another text. */
const HEADER = textOf({ alg: 'HS256', typ: 'holdfast-session+jwt' })

export interface Session {
  readonly caller: Caller
  /** Unix ms. */
  readonly expiresAt: number
}

export interface SessionTokens extends Tokens {
  /** As `read`, with the token's end. */
  readSession(token: string, now: number): Promise<Session | null>
}

const callerOf = ({ sub, role, recovery, cnf }: Claims): Caller | null => {
  if (role === 'device') return recovery === undefined ? { role, account: sub, device: cnf.jwk.x } : null
  return recovery === undefined ? null : { role, account: sub, recovery, key: cnf.jwk.x }
}

const claimsIn = (payload: string): Claims | null => {
  const bytes = fromBase64url(payload)
  const text = bytes === null ? null : fromUtf8(bytes)
  try {
    const parsed = claims.safeParse(text === null ? null : JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** `key`: 32 bytes. */
export const sessionTokens = (key: Secret): SessionTokens => {
  const macOf = (said: string): Uint8Array => hmac(key.expose(), utf8(said))

  /** The payload of a token that this key made; null for anything else. */
  const payloadOf = (token: string): string | null => {
    const [header, payload, mac, ...more] = token.length > LONGEST ? [] : token.split('.')
    if (header !== HEADER || payload === undefined || mac === undefined || more.length > 0) return null
    const bytes = fromBase64url(mac)
    return bytes !== null && equalBytes(bytes, macOf(`${header}.${payload}`)) ? payload : null
  }

  const readSession = async (token: string, now: number): Promise<Session | null> => {
    const payload = payloadOf(token)
    const said = payload === null ? null : claimsIn(payload)
    const caller = said === null ? null : callerOf(said)
    if (said === null || caller === null || now >= said.exp * 1000) return null
    return { caller, expiresAt: said.exp * 1000 }
  }

  return {
    async issue(caller, now) {
      const iat = Math.floor(now / 1000)
      const exp = iat + LIFETIME_SECONDS
      const x = caller.role === 'device' ? caller.device : caller.key
      const about = caller.role === 'device' ? {} : { recovery: caller.recovery }
      const cnf = { jwk: { kty: 'OKP', crv: 'Ed25519', x } }
      const payload = textOf({ role: caller.role, ...about, cnf, iss: ISSUER, sub: caller.account, iat, exp })
      const said = `${HEADER}.${payload}`
      return { token: `${said}.${toBase64url(macOf(said))}`, expiresAt: exp * 1000 }
    },
    read: async (token, now) => (await readSession(token, now))?.caller ?? null,
    readSession,
  }
}
