/**
 * An account's beginning and its devices. PROTOCOL.md, "Keys" and "Sign in".
 */
import {
  acceptableIdentity,
  acceptablePublicKey,
  fromBase64url,
  type DeviceBody,
  type DeviceRevocationBody,
  type IdentityBody,
  type Signed,
} from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import { NO_BACK_OFF } from './back-off.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { isDone, logged, noticed, toOwner } from './journal.ts'

/** A device's statement, read and as it was signed by the identity key. */
export interface DeviceRegistration {
  readonly body: DeviceBody
  readonly statement: Signed
}

/** What an account is registered with. Both statements are verified by the caller, under the identity key they name. */
export interface Registration {
  readonly identity: { readonly body: IdentityBody; readonly statement: Signed }
  readonly device: DeviceRegistration
}

/** An account that nobody stored yet: revision 0, no identity. Also what stands in for an unknown one. */
export const emptyAccount = (app: string, id: string): Account => ({
  id,
  app,
  identity: null,
  replaced: [],
  devices: [],
  invitations: [],
  circle: {
    highestEpoch: 0,
    active: null,
    pending: null,
    deletion: null,
    lastCoreHash: null,
    coolsBy: null,
  },
  recoveries: [],
  backOff: NO_BACK_OFF,
  tickets: [],
  log: { sequence: 0, hash: null },
  outbox: { entries: [], notices: [], erasures: [] },
  revision: 0,
})

/** The account with one more device, logged, its owner told. A device that is registered already stays as it is. */
export const withDevice = (
  account: Account,
  { body, statement }: DeviceRegistration,
  now: number,
): Account => {
  if (account.devices.some(({ device }) => device === body.device)) return account
  const devices = [...account.devices, { device: body.device, statement, registeredAt: now }]
  const added = logged({ ...account, devices }, now, 'device-registered', { device: body.device })
  return noticed(added, now, 'device-registered', [toOwner(added)])
}

const isAcceptable = (key: string): boolean => {
  const bytes = fromBase64url(key)
  return bytes !== null && acceptablePublicKey(bytes)
}

/**
 * Gives an account its identity and first device. The same registration again is unchanged; recoveries that were opened
 * before anyone registered stay, so that registering does not show that they were decoys.
 * Refuses `malformed` (statements of another account or app), `key_rejected`, `account_exists`.
 */
export const registerAccount = (account: Account, registration: Registration, now: number): Decision => {
  const { identity, device } = registration
  const { body, statement } = identity
  if (body.account !== account.id || body.app !== account.app || device.body.account !== account.id)
    return refused('malformed')
  if (account.identity !== null) {
    const same =
      account.identity.statement.body === statement.body &&
      account.devices.some((known) => known.device === device.body.device)
    return same ? unchanged() : refused('account_exists')
  }
  if (!acceptableIdentity(body.identity) || !isAcceptable(device.body.device)) return refused('key_rejected')
  const registered = logged(
    { ...account, identity: { keys: body.identity, statement } },
    now,
    'account-registered',
    { signing: body.identity.signing, sealing: body.identity.sealing },
  )
  return changed(withDevice(registered, device, now))
}

/** Ends a device. The message is verified under the identity key by the caller. Refuses `not_found`. */
export const revokeDevice = (account: Account, body: DeviceRevocationBody, now: number): Decision => {
  const devices = account.devices.filter(({ device }) => device !== body.device)
  if (body.account !== account.id || devices.length === account.devices.length) return refused('not_found')
  const revoked = logged({ ...account, devices }, now, 'device-revoked', { device: body.device })
  return changed(noticed(revoked, now, 'device-revoked', [toOwner(revoked)]))
}

/**
 * Whether nothing is left that anybody could ask for: nobody registered the account, its decoys are forgotten, and everything
 * was told. Tickets must have expired, or one could be used again.
 */
export const isSpent = ({ identity, recoveries, tickets, outbox }: Account, now: number): boolean =>
  identity === null &&
  recoveries.length === 0 &&
  tickets.every(({ expiresAt }) => expiresAt <= now) &&
  isDone(outbox)
