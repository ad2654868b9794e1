/**
 * Challenges to sign in with. The service keeps nothing about one until it is used, so that asking costs it nothing and
 * shows nothing about an account. PROTOCOL.md, "Sign in".
 */
import {
  type Secret,
  concat,
  equalBytes,
  fromBase64url,
  hmac,
  lengthPrefixed,
  toBase64url,
  uint64,
  utf8,
} from '@holdfast/client/protocol'
import type { Random } from './ports.ts'

/** How long a challenge may be answered. */
const CHALLENGE_MS = 60_000
const NONCE = 16
const EXPIRY = 8
const MAC = 32

export interface Challenge {
  readonly challenge: string
  /** Unix ms. */
  readonly expiresAt: number
}

/** nonce (16) ‖ expiry (u64 ms) ‖ HMAC-SHA-256 over account and both, base64url. */
export const makeChallenge = (account: string, now: number, key: Secret, random: Random): Challenge => {
  const expiresAt = now + CHALLENGE_MS
  const said = concat(random.bytes(NONCE), uint64(expiresAt))
  return { challenge: toBase64url(concat(said, macOf(account, said, key))), expiresAt }
}

/** Null unless this service made it for this account and it has not expired. Says nothing about whether it was used. */
export const readChallenge = (
  challenge: string,
  account: string,
  now: number,
  key: Secret,
): { readonly nonce: string; readonly expiresAt: number } | null => {
  const bytes = fromBase64url(challenge)
  if (bytes?.length !== NONCE + EXPIRY + MAC) return null
  const said = bytes.subarray(0, NONCE + EXPIRY)
  if (!equalBytes(macOf(account, said, key), bytes.subarray(NONCE + EXPIRY))) return null
  const view = new DataView(said.buffer, said.byteOffset + NONCE, EXPIRY)
  const expiresAt = Number(view.getBigUint64(0))
  return now < expiresAt ? { nonce: toBase64url(said.subarray(0, NONCE)), expiresAt } : null
}

const macOf = (account: string, said: Uint8Array, key: Secret): Uint8Array =>
  hmac(key.expose(), lengthPrefixed(utf8(account)), said)
