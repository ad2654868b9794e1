/**
 * What every role but the requester starts with: an account whose identity key lives on this device.
 */
import type { Client } from './client.ts'
import { changeRecord, readRecord, secretOf } from './device-state.ts'
import {
  HoldfastError,
  type IdentityKeys,
  type PublicIdentity,
  type Secret,
  type Signed,
  compareSafetyQr,
  identityFromSeed,
  isHoldfastError,
  keyHash,
  publicHalf,
  randomBytes,
  readIdentity,
  safetyNumber,
  safetyQr,
  sameIdentity,
  stateDevice,
  stateIdentity,
  toBase64url,
} from './protocol/index.ts'

/** What the app's backend puts into the ticket that {@link register} or `requester.open` needs. */
export interface TicketRequest {
  readonly purpose: 'register' | 'recover'
  readonly account: string
  /** Hash of the keys that may use the ticket, base64url. */
  readonly keys: string
}

/** This device's identity. Its secrets stay in {@link Secret}s. */
export interface Self {
  readonly account: string
  readonly keys: IdentityKeys
  readonly seed: Secret
}

/** The identity that this device holds. Throws `not_registered` without one. */
export const readSelf = async (client: Client): Promise<Self> => {
  const device = await readRecord(client.storage, 'device')
  if (device === null) throw new HoldfastError('not_registered')
  const seed = secretOf(device.seed)
  return { account: device.account, keys: await identityFromSeed(seed), seed }
}

/**
 * Makes an account's keys on this device, or finds those made before, and says what the app's ticket must name.
 * `seed`: the 32-byte identity seed, for apps that have an identity key already; left out, one is made. Throws
 * `account_exists` when this device holds an account with another.
 */
export const prepare = async (
  client: Client,
  { seed }: { readonly seed?: Uint8Array } = {},
): Promise<TicketRequest> => {
  if (seed !== undefined && seed.length !== 32) throw new HoldfastError('malformed')
  const device = await changeRecord(client.storage, 'device', (made) => {
    const fresh = () => ({
      account: toBase64url(randomBytes(16)),
      seed: toBase64url(seed ?? randomBytes(32)),
      deviceSeed: toBase64url(randomBytes(32)),
      registered: false,
    })
    // Whoever brings a key must not be left with another.
    if (made !== null && seed !== undefined && made.seed !== toBase64url(seed))
      throw new HoldfastError('account_exists')
    return made ?? fresh()
  })
  const identity = await identityFromSeed(secretOf(device.seed))
  return { purpose: 'register', account: device.account, keys: keyHash(publicHalf(identity)) }
}

/** Refusals of a registration that was made before, by a call whose answer was lost. */
const MADE_BEFORE: readonly string[] = ['account_exists', 'ticket_rejected']

/** Registers the account that {@link prepare} made, with the app's ticket for it. Repeating it is harmless. */
export const register = async (client: Client, { ticket }: { readonly ticket: string }): Promise<string> => {
  const device = await readRecord(client.storage, 'device')
  if (device === null) throw new HoldfastError('not_registered')
  const { account, registered } = device
  if (registered) return account
  const identity = await identityFromSeed(secretOf(device.seed))
  const deviceSeed = secretOf(device.deviceSeed)
  const now = Date.now()
  const { statement } = await stateDevice({ account, deviceSeed, identity, registeredAt: now })
  const stated = await stateIdentity({ app: client.app, account, identity, statedAt: now })
  const body = { ticket, identity: stated, device: statement }
  await client.call('createAccount', { body }).catch(async (error: unknown) => {
    if (!isHoldfastError(error) || !MADE_BEFORE.includes(error.code)) throw error
    // Only the account with this very device key lets it sign in.
    await client.sessions.token('device').catch((denied: unknown) => {
      throw isHoldfastError(denied) && denied.code === 'signature_rejected' ? error : denied
    })
  })
  await changeRecord(client.storage, 'device', (made) => made && { ...made, registered: true })
  return account
}

/** Another account's keys, as that account states them. Unverified until a link or a comparison in person says so. */
export const fetchIdentity = async (client: Client, account: string): Promise<PublicIdentity> => {
  const { statement } = await client.call('readIdentity', { params: { account } })
  return checkStatement(client, account, statement)
}

/** Reads an identity statement that must be of `account` in this app. Throws `signature_rejected`. */
export const checkStatement = async (
  client: Client,
  account: string,
  statement: Signed,
): Promise<PublicIdentity> => {
  const body = await readIdentity(statement)
  if (body.account !== account || body.app !== client.app) throw new HoldfastError('signature_rejected')
  return body.identity
}

/**
 * The safety number of this account and another: 60 digits that both people see, and the text of a QR code for the same.
 * Throws `not_found` for an account that is not in this app.
 */
export const safetyNumberWith = async (
  client: Client,
  account: string,
): Promise<{ readonly digits: string; readonly qr: string }> =>
  safetyNumberOf(await readSelf(client), account, await fetchIdentity(client, account))

const safetyNumberOf = (self: Self, account: string, identity: PublicIdentity) => {
  const mine = { account: self.account, identity: publicHalf(self.keys) }
  const theirs = { account, identity }
  return { digits: safetyNumber(mine, theirs), qr: safetyQr(mine, theirs) }
}

/**
 * The keys for which `scanned` (QR text or 60 digits from the other's screen) is what this device shows. Throws
 * `codes_differ`.
 */
export const comparedIdentity = async (
  client: Client,
  account: string,
  scanned: string,
): Promise<PublicIdentity> => {
  // Asked for once: the service must not show one key for the comparison and another for keeping.
  const identity = await fetchIdentity(client, account)
  const { digits, qr } = safetyNumberOf(await readSelf(client), account, identity)
  const same = scanned.replaceAll(/\s/g, '') === digits || compareSafetyQr(scanned, qr) === 'same'
  if (!same) throw new HoldfastError('codes_differ')
  return identity
}

const RANK = { none: 0, link: 1, 'in-person': 2 } as const

interface Met {
  readonly identity: PublicIdentity
  readonly verified: keyof typeof RANK
}

/**
 * How far somebody is verified who was met again: never less than before. Throws `identity_changed` for other keys than the
 * known ones, unless `isReplacing`: whoever can pass a link to a person, or mislead them to one, must not take the place of
 * somebody they know. The account is the error's `cause`.
 */
export const verifiedAgain = (
  known: Met | undefined,
  met: Met & { readonly account: string },
  isReplacing: boolean,
): Met['verified'] => {
  if (known === undefined) return met.verified
  if (sameIdentity(known.identity, met.identity))
    return RANK[known.verified] > RANK[met.verified] ? known.verified : met.verified
  if (!isReplacing) throw new HoldfastError('identity_changed', { cause: { account: met.account } })
  return met.verified
}
