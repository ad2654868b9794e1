/**
 * Web push as a push service gets it, and as a browser would open it: decrypted here by RFC 8291's own words.
 */
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChannels } from '../../src/notify/channels.ts'
import type { Destination } from '../../src/use-cases/channels.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type Received, type Receiver, openReceiver } from '../support/receiver.ts'
import { NO_CHANNELS, item, telling, vapidSeed } from '../support/tellings.ts'

const tls = makeCertificate()
const push = { subject: 'mailto:push@app.example' }

/** A browser's side of a subscription. */
const subscriber = () => {
  const keys = createECDH('prime256v1')
  const p256dh = keys.generateKeys('base64url')
  const auth = randomBytes(16)
  const hkdf = (key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', key, salt, info, length))
  return {
    p256dh,
    auth: auth.toString('base64url'),
    /** RFC 8188 section 2 and RFC 8291 section 3.4, for one record. */
    open(body: Buffer): unknown {
      const [salt, idLength] = [body.subarray(0, 16), body[20] ?? 0]
      const theirs = body.subarray(21, 21 + idLength)
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), theirs])
      const input = hkdf(keys.computeSecret(theirs), auth, info, 32)
      const key = hkdf(input, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
      const nonce = hkdf(input, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
      const sealed = body.subarray(21 + idLength)
      const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16))
      const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
      // The last record ends in a 2 and padding.
      expect(plain[plain.length - 1]).toBe(2)
      return JSON.parse(plain.subarray(0, -1).toString())
    },
  }
}

/** The key that a browser subscribes with verifies the token (RFC 8292). */
const vapidClaims = (authorization: string, publicKey: string): unknown => {
  const [, token = '', key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? []
  expect(key).toBe(publicKey)
  const point = Buffer.from(publicKey, 'base64url')
  const x = point.subarray(1, 33).toString('base64url')
  const y = point.subarray(33).toString('base64url')
  const jwk = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
  const [head = '', claims = '', signature = ''] = token.split('.')
  const how = { key: jwk, dsaEncoding: 'ieee-p1363' } as const
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), how, Buffer.from(signature, 'base64url'))).toBe(
    true,
  )
  return JSON.parse(Buffer.from(claims, 'base64url').toString())
}

describe('web push', () => {
  let receiver: Receiver
  const channels = openChannels({ ...NO_CHANNELS, push }, [], { vapidSeed, ca: tls.cert })
  beforeAll(async () => {
    receiver = await openReceiver(tls)
  })
  afterAll(() => {
    channels.close()
    receiver.close()
  })
  const at = ({ p256dh, auth }: ReturnType<typeof subscriber>): Destination => ({
    channel: 'push',
    endpoint: `https://127.0.0.1:${receiver.port}/send/abc`,
    p256dh,
    auth,
  })

  it('says in ids what happened, to the subscription alone, signed by the service', async () => {
    receiver.answer(201)
    const browser = subscriber()
    const what = telling()
    expect(await channels.send(at(browser), what)).toEqual({ state: 'sent' })
    const { headers, body } = receiver.received.at(-1) as Received
    const [{ account, recovery, event, at: happenedAt } = item()] = what.items
    const { recipient } = what
    expect(browser.open(body)).toEqual({
      app: 'test-app',
      role: 'owner',
      recipient,
      items: [{ event, at: happenedAt, account, recovery }],
      more: false,
    })
    expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '1209600' })
    expect(headers['topic']).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(vapidClaims(headers['authorization'] ?? '', channels.pushKey ?? '')).toMatchObject({
      aud: `https://127.0.0.1:${receiver.port}`,
      sub: push.subject,
    })
  })

  it('lets what soon is over lapse soon, and wakes no phone where nothing is to be done', async () => {
    const sent = async (event: 'recovery-hour-left' | 'share-accepted') => {
      const stoppable = event === 'recovery-hour-left'
      await channels.send(at(subscriber()), telling({ items: [item({ event, stoppable })] }))
      const { ttl, urgency } = receiver.received.at(-1)?.headers ?? {}
      return { ttl, urgency }
    }
    expect(await sent('recovery-hour-left')).toEqual({ ttl: '3600', urgency: 'high' })
    expect(await sent('share-accepted')).toEqual({ ttl: '1209600', urgency: 'normal' })
  })

  it('keeps the latest of what would not fit', async () => {
    const browser = subscriber()
    const items = Array.from({ length: 60 }, (_, index) => item({ at: index }))
    expect(await channels.send(at(browser), telling({ role: 'contact', items }))).toEqual({ state: 'sent' })
    const { body } = receiver.received.at(-1) ?? { body: Buffer.alloc(0) }
    expect(body.length).toBeLessThan(4096)
    const said = browser.open(body) as {
      readonly items: readonly { readonly at: number }[]
      readonly more: boolean
    }
    expect(said.more).toBe(true)
    expect(said.items.length).toBeGreaterThan(10)
    expect(said.items.at(-1)?.at).toBe(59)
  })

  it.each([
    [404, { reason: 'gone', again: false }],
    [410, { reason: 'gone', again: false }],
    [429, { reason: 'throttled', again: true }],
    [503, { reason: 'unreachable', again: true }],
    [403, { reason: 'misconfigured', again: true }],
    [400, { reason: 'refused', again: false }],
    [301, { reason: 'refused', again: false }],
  ] as const)('answered %i makes it %j', async (status, outcome) => {
    receiver.answer(status, { location: `https://127.0.0.1:${receiver.port}/elsewhere` })
    expect(await channels.send(at(subscriber()), telling())).toEqual({ state: 'failed', ...outcome })
    expect(receiver.received.every(({ path }) => path === '/send/abc')).toBe(true)
  })

  it('refuses keys that are none', async () => {
    const bad = { ...at(subscriber()), p256dh: `B${'x'.repeat(85)}A` } as Destination
    expect(await channels.send(bad, telling())).toEqual({ state: 'failed', reason: 'refused', again: false })
  })

  it('is the same key after every start, and another of another seed', () => {
    const again = openChannels({ ...NO_CHANNELS, push }, [], { vapidSeed })
    expect(again.pushKey).toBe(channels.pushKey)
    expect(Buffer.from(again.pushKey ?? '', 'base64url')).toHaveLength(65)
    expect(openChannels(NO_CHANNELS, [], { vapidSeed }).pushKey).toBeNull()
  })

  it('calls nothing in earnest that is not public', async () => {
    const before = receiver.received.length
    const inEarnest = openChannels({ ...NO_CHANNELS, push, development: false }, [], {
      vapidSeed,
      ca: tls.cert,
    })
    receiver.answer(201)
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]']) {
      const endpoint = `https://${host}:${receiver.port}/send/abc`
      const outcome = await inEarnest.send({ ...at(subscriber()), endpoint } as Destination, telling())
      expect(outcome, host).toEqual({ state: 'failed', reason: 'refused', again: false })
    }
    expect(receiver.received).toHaveLength(before)
    inEarnest.close()
  })
})
