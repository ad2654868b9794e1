/**
 * The value shapes that every message is made of. All objects are strict: an unknown field is an error, never ignored.
 */
import * as shape from './shape.ts'

/** Unpadded canonical base64url: the bits that the last character does not use are zero. */
/* @__NO_SIDE_EFFECTS__ */
const base64url = (bytes: number) => {
  const full = Math.floor((bytes * 4) / 3)
  const last = ['', '[AQgw]', '[AEIMQUYcgkosw048]'][bytes % 3] ?? ''
  return shape.string({ pattern: new RegExp(`^[A-Za-z0-9_-]{${full}}${last}$`) })
}

/** 16 random bytes: account, circle, recovery, invitation. */
export const id = base64url(16)
/** A public key, a hash or a nonce. */
export const bytes32 = base64url(32)
/** An Ed25519 signature. */
export const signature = base64url(64)
/** Bytes of any length up to `max`, base64url. Canonical form is checked where they are decoded. */
/* @__NO_SIDE_EFFECTS__ */
export const bytesUpTo = (max: number) =>
  shape.string({ pattern: /^[A-Za-z0-9_-]*$/, maxLength: Math.ceil((max * 4) / 3) })
/** The slug of an app (tenant). */
export const appId = shape.string({ pattern: /^[a-z0-9][a-z0-9-]{0,62}$/ })
/** Unix time in milliseconds. */
export const instant = shape.integer(0, 8_640_000_000_000_000)
/** Position of a contact in its circle, counted from 1. */
export const slotNumber = shape.integer(1, 32)
export const epochNumber = shape.integer(1, 2 ** 31)
export const revision = shape.integer(0, Number.MAX_SAFE_INTEGER)

/** A signed message as it travels: the JCS text that was signed, and the signature. See PROTOCOL.md, "Bytes". */
export const signed = shape.strictObject({ body: shape.string({ maxLength: 65_536 }), signature })
export type Signed = shape.Infer<typeof signed>

/** The pair of public keys that is an identity: Ed25519 and X25519, 32 bytes each, base64url. */
export const publicIdentity = shape.strictObject({ signing: bytes32, sealing: bytes32 })
export type PublicIdentity = shape.Infer<typeof publicIdentity>
