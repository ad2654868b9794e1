import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Secret, toBase64url } from '@holdfast/client/protocol'
import { SignJWT, decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { appTickets } from '../../src/http/tickets.ts'
import { sessionTokens } from '../../src/http/tokens.ts'
import { CALLERS, someId } from './layer.ts'

const NOW = Date.UTC(2026, 0, 5)
const MINUTE = 60_000

describe('session tokens', () => {
  const key = Secret.random(32)
  const tokens = sessionTokens(key)

  it.each(['device', 'requester'] as const)('name a %s for ten minutes, bound to its key', async (role) => {
    const caller = CALLERS[role]
    const { token, expiresAt } = await tokens.issue(caller, NOW)
    expect(expiresAt).toBe(NOW + 10 * MINUTE)
    expect(await tokens.read(token, NOW)).toEqual(caller)
    expect(await tokens.read(token, expiresAt - 1)).toEqual(caller)
    expect(await tokens.read(token, expiresAt)).toBeNull()
    expect(decodeJwt(token)['cnf']).toEqual({
      jwk: {
        kty: 'OKP',
        crv: 'Ed25519',
        x: role === 'device' ? CALLERS.device.device : CALLERS.requester.key,
      },
    })
  })

  it('of another service, of another type or without a signature do not count', async () => {
    const { token } = await tokens.issue(CALLERS.device, NOW)
    const other = await sessionTokens(Secret.random(32)).issue(CALLERS.device, NOW)
    expect(await tokens.read(other.token, NOW)).toBeNull()
    const claims = decodeJwt(token)
    const resign = (header: { alg: string; typ?: string }, changes = {}, secret = key.expose()) =>
      new SignJWT({ ...claims, ...changes }).setProtectedHeader(header).sign(secret)
    const typ = 'holdfast-session+jwt'
    expect(await tokens.read(await resign({ alg: 'HS256', typ }), NOW)).toEqual(CALLERS.device)
    for (const wrong of [
      await resign({ alg: 'HS256' }),
      await resign({ alg: 'HS256', typ: 'JWT' }),
      await resign({ alg: 'HS256', typ }, { iss: 'else' }),
      await resign({ alg: 'HS256', typ }, { role: 'operator' }),
      // A device's token that names a request, and a requester's that names none.
      await resign({ alg: 'HS256', typ }, { recovery: someId() }),
      await resign({ alg: 'HS256', typ }, { role: 'requester' }),
      await resign({ alg: 'HS512', typ }, {}, new Uint8Array(64)),
      `${Buffer.from('{"alg":"none","typ":"holdfast-session+jwt"}').toString('base64url')}.${token.split('.')[1]}.`,
      '',
      'a.b.c',
    ])
      expect(await tokens.read(wrong, NOW)).toBeNull()
  })
})

describe('tickets', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const good = {
    iss: 'my-app',
    aud: 'holdfast',
    sub: 'somebody',
    jti: toBase64url(randomBytes(16)),
    iat: NOW / 1000,
    exp: NOW / 1000 + 300,
    purpose: 'recover',
    account: someId(),
    keys: toBase64url(randomBytes(32)),
  }
  const typ = 'holdfast-ticket+jwt'
  const sign = (
    changes: object = {},
    header: { alg: string; typ?: string } = { alg: 'EdDSA', typ },
    by = privateKey,
  ) => new SignJWT({ ...good, ...changes }).setProtectedHeader(header).sign(by)
  const tickets = appTickets([{ app: 'my-app', ticketKey: publicKey.export({ format: 'jwk' }).x as string }])

  it('of a registered app are read', async () => {
    expect(await (await tickets).read(await sign(), NOW)).toEqual(good)
    expect(decodeProtectedHeader(await sign()).alg).toBe('EdDSA')
  })

  it('count by one text only: another one of the same bytes is none', async () => {
    const ticket = await sign()
    const { read } = await tickets
    const last = ticket.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = alphabet[alphabet.indexOf(last) + 1] ?? ''
    const other = `${ticket.slice(0, -1)}${twin}`
    const bytesOf = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url')
    expect(bytesOf(other)).toEqual(bytesOf(ticket))
    expect(await read(other, NOW)).toBeNull()
    expect(await read(`${ticket}=`, NOW)).toBeNull()
    expect(await read(ticket, NOW)).toEqual(good)
  })

  it.each<[string, () => Promise<string>]>([
    ['an app that is not registered', () => sign({ iss: 'other-app' })],
    ['no app', () => sign({ iss: undefined })],
    ['another service', () => sign({ aud: 'elsewhere' })],
    ['a longer life than ten minutes', () => sign({ exp: NOW / 1000 + 700 })],
    ['an end that has passed', () => sign({ iat: NOW / 1000 - 400, exp: NOW / 1000 - 40 })],
    ['no end', () => sign({ exp: undefined })],
    ['a beginning that is to come', () => sign({ iat: NOW / 1000 + 60, exp: NOW / 1000 + 120 })],
    ['no number', () => sign({ jti: undefined })],
    ['a short number', () => sign({ jti: 'short' })],
    ['another purpose', () => sign({ purpose: 'veto' })],
    ['an account that is no id', () => sign({ account: 'me' })],
    ['another type', () => sign({}, { alg: 'EdDSA', typ: 'JWT' })],
    ['no type', () => sign({}, { alg: 'EdDSA' })],
    ['another key', () => sign({}, { alg: 'EdDSA', typ }, generateKeyPairSync('ed25519').privateKey)],
    [
      'a session token’s form',
      async () => (await sessionTokens(Secret.random(32)).issue(CALLERS.device, NOW)).token,
    ],
    [
      'the public key used as a secret',
      () =>
        new SignJWT(good)
          .setProtectedHeader({ alg: 'HS256', typ })
          .sign(publicKey.export({ format: 'der', type: 'spki' })),
    ],
    ['nothing', async () => ''],
  ])('with %s are not', async (_, make) => {
    expect(await (await tickets).read(await make(), NOW)).toBeNull()
  })
})
