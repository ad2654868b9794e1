/**
 * What an account states about its own keys. PROTOCOL.md, "Keys" and "Sign in".
 */
import { deviceBody, identityBody, type DeviceBody, type IdentityBody } from './account.ts'
import { toBase64url } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { acceptableIdentity, publicHalf, type IdentityKeys } from './identity.ts'
import { readMessage, readSelfSigned } from './message.ts'
import { acceptablePublicKey } from './public-keys.ts'
import type { Signed } from './schema.ts'
import type { Secret } from './secret.ts'
import { bytesOf32 } from './seal-context.ts'
import { signingPublicKey, signMessage } from './signing.ts'

/** The account's statement of its keys. `statedAt`: Unix ms. */
export const stateIdentity = (input: {
  readonly app: string
  readonly account: string
  readonly identity: IdentityKeys
  readonly statedAt: number
}): Promise<Signed> => {
  const { app, account, identity, statedAt } = input
  const body = { app, account, identity: publicHalf(identity), statedAt }
  return signMessage('identity', body, identity.signing.seed)
}

/**
 * Reads an identity statement. It proves only that whoever made it holds the keys. Throws `malformed`,
 * `signature_rejected`, or `key_rejected` for keys that may not be registered.
 */
export const readIdentity = async (statement: Signed): Promise<IdentityBody> => {
  const body = await readSelfSigned('identity', statement, identityBody, (said) => said.identity.signing)
  if (!acceptableIdentity(body.identity)) throw new HoldfastError('key_rejected')
  return body
}

/** Lets a device key sign in. `registeredAt`: Unix ms. */
export const stateDevice = async (input: {
  readonly account: string
  readonly deviceSeed: Secret
  readonly identity: IdentityKeys
  readonly registeredAt: number
}): Promise<{ readonly device: string; readonly statement: Signed }> => {
  const { account, deviceSeed, identity, registeredAt } = input
  const device = toBase64url(await signingPublicKey(deviceSeed))
  const body = { account, device, registeredAt }
  return { device, statement: await signMessage('device', body, identity.signing.seed) }
}

/** Reads a device statement under the identity's signing key. Throws `malformed`, `signature_rejected`, `key_rejected`. */
export const readDevice = async (statement: Signed, identitySigning: string): Promise<DeviceBody> => {
  const body = await readMessage('device', statement, deviceBody, identitySigning)
  if (!acceptablePublicKey(bytesOf32(body.device))) throw new HoldfastError('key_rejected')
  return body
}

/** Ends a device and its sessions. */
export const revokeDevice = (input: {
  readonly account: string
  readonly device: string
  readonly identity: IdentityKeys
}): Promise<Signed> => {
  const { account, device, identity } = input
  return signMessage('device-revocation', { account, device }, identity.signing.seed)
}

/** Answers a sign-in challenge with a device key (`recovery` null) or a request's one-use key. */
export const answerChallenge = async (input: {
  /** The service's signing key. */
  readonly service: string
  readonly account: string
  readonly recovery: string | null
  readonly challenge: string
  readonly seed: Secret
}): Promise<Signed> => {
  const { service, account, recovery, challenge, seed } = input
  const key = toBase64url(await signingPublicKey(seed))
  return signMessage('sign-in', { service, account, recovery, key, challenge }, seed)
}
