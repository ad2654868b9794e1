import {
  identityFromSeed,
  Secret,
  sha256,
  stateDevice,
  stateIdentity,
  parseBody,
  identityBody,
  deviceBody,
  utf8,
  verifyLog,
} from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import {
  emptyAccount,
  registerAccount,
  type Registration,
  revokeDevice,
  withDevice,
} from '../../src/domain/accounts.ts'
import {
  logTypesOf,
  nextOf,
  noticesOf,
  OWNER,
  T0,
  idOf,
  requestOn,
  protectedOwner,
} from '../support/circles.ts'

const secret = (name: string): Secret => Secret.of(sha256(utf8(name)))

const registration = async (account = OWNER, app = 'demo', device = 'phone'): Promise<Registration> => {
  const identity = await identityFromSeed(secret('identity'))
  const statement = await stateIdentity({ app, account, identity, statedAt: T0 })
  const stated = await stateDevice({ account, deviceSeed: secret(device), identity, registeredAt: T0 })
  return {
    identity: { body: parseBody(statement.body, identityBody), statement },
    device: { body: parseBody(stated.statement.body, deviceBody), statement: stated.statement },
  }
}

const empty = emptyAccount('demo', OWNER)
const good = await registration()
const elsewhere = await registration(idOf('other'))
const otherApp = await registration(OWNER, 'other')
/** Order 1: fits any message. */
const SMALL_ORDER = `AQ${'A'.repeat(41)}`

describe('registerAccount', () => {
  it('keeps identity and first device, logs both and tells the owner', () => {
    const next = nextOf(registerAccount(empty, good, T0))
    expect(next.identity).toEqual({ keys: good.identity.body.identity, statement: good.identity.statement })
    expect(next.devices).toEqual([
      { device: good.device.body.device, statement: good.device.statement, registeredAt: T0 },
    ])
    expect(logTypesOf(next)).toEqual(['account-registered', 'device-registered'])
    expect(noticesOf(next)).toEqual(['device-registered owner'])
    expect(verifyLog(next.outbox.entries, null)).toEqual(next.log)
  })

  it('is unchanged by the same registration again', () => {
    const next = nextOf(registerAccount(empty, good, T0))
    expect(registerAccount(next, good, T0 + 1)).toMatchObject({ kind: 'unchanged' })
  })

  it('refuses a second registration with another device', async () => {
    const next = nextOf(registerAccount(empty, good, T0))
    const other = await registration(OWNER, 'demo', 'another phone')
    expect(registerAccount(next, other, T0)).toEqual({ kind: 'refused', code: 'account_exists' })
  })

  it('keeps recoveries that were opened before anyone registered', () => {
    const decoy = { ...requestOn(protectedOwner()), epoch: 0 }
    const next = nextOf(registerAccount({ ...empty, recoveries: [decoy] }, good, T0))
    expect(next.recoveries).toEqual([decoy])
  })

  const withSigning = (signing: string): Registration => ({
    ...good,
    identity: {
      ...good.identity,
      body: { ...good.identity.body, identity: { ...good.identity.body.identity, signing } },
    },
  })
  const withDeviceKey = (device: string): Registration => ({
    ...good,
    device: { ...good.device, body: { ...good.device.body, device } },
  })

  it.each([
    ['another account', elsewhere, 'malformed'],
    ['another app', otherApp, 'malformed'],
    ['a device of another account', { ...good, device: elsewhere.device }, 'malformed'],
    ['an identity key of small order', withSigning(SMALL_ORDER), 'key_rejected'],
    ['a device key of small order', withDeviceKey(SMALL_ORDER), 'key_rejected'],
  ] as const)('refuses %s', (_, bad, code) => {
    expect(registerAccount(empty, bad, T0)).toEqual({ kind: 'refused', code })
  })
})

describe('devices', () => {
  it('adds a device once', async () => {
    const account = nextOf(registerAccount(empty, good, T0))
    const { device } = await registration(OWNER, 'demo', 'laptop')
    const two = withDevice(account, device, T0 + 5)
    expect(two.devices.map(({ registeredAt }) => registeredAt)).toEqual([T0, T0 + 5])
    expect(withDevice(two, device, T0 + 9)).toBe(two)
  })

  it('revokes a device, logs it and tells the owner', () => {
    const account = nextOf(registerAccount(empty, good, T0))
    const body = { account: OWNER, device: good.device.body.device }
    const next = nextOf(revokeDevice(account, body, T0 + 1))
    expect(next.devices).toEqual([])
    expect(logTypesOf(next).at(-1)).toBe('device-revoked')
    expect(noticesOf(next).at(-1)).toBe('device-revoked owner')
    expect(revokeDevice(next, body, T0 + 2)).toEqual({ kind: 'refused', code: 'not_found' })
  })

  it('refuses to revoke by a message about another account', () => {
    const account = nextOf(registerAccount(empty, good, T0))
    const body = { account: idOf('other'), device: good.device.body.device }
    expect(revokeDevice(account, body, T0)).toEqual({ kind: 'refused', code: 'not_found' })
  })
})
