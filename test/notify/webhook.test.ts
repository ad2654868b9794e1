/**
 * Webhooks as an app's backend gets them, checked by the scheme's own library.
 */
import { Secret } from '@holdfast/client/protocol'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChannels } from '../../src/notify/channels.ts'
import { isPublic } from '../../src/notify/public-address.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type Receiver, openReceiver } from '../support/receiver.ts'
import { NO_CHANNELS, item, telling, vapidSeed } from '../support/tellings.ts'

const tls = makeCertificate()
const key = new Uint8Array(32).map((_, index) => index * 7)
const secret = `whsec_${Buffer.from(key).toString('base64')}`

describe('a webhook', () => {
  let receiver: Receiver
  beforeAll(async () => {
    receiver = await openReceiver(tls)
  })
  afterAll(() => receiver.close())

  const open = (development = true, isPrivate = false) => {
    const url = `https://127.0.0.1:${receiver.port}/hook`
    const app = { app: 'test-app', ticketKey: '', webhook: { url, secret: Secret.of(key), isPrivate } }
    return openChannels({ ...NO_CHANNELS, development }, [app], { vapidSeed, ca: tls.cert })
  }
  const send = async (what = telling(), channels = open()) => {
    const outcome = await channels.send({ channel: 'webhook' }, what)
    channels.close()
    return outcome
  }
  const headersOf = ({ headers }: { readonly headers: object }) => headers as Record<string, string>

  it('is signed so that the library takes it, and no change of it', async () => {
    receiver.answer(204)
    const what = telling()
    expect(await send(what)).toEqual({ state: 'sent' })
    const [got] = receiver.received
    if (got === undefined) throw new Error('nothing came')
    const body = got.body.toString()
    const verifier = new Webhook(secret)
    const { recipient, items } = what
    expect(verifier.verify(body, headersOf(got))).toMatchObject({
      type: 'holdfast.notice',
      data: {
        app: 'test-app',
        role: 'owner',
        recipient,
        more: false,
        items: [{ account: items[0]?.account }],
      },
    })
    expect(() => verifier.verify(`${body} `, headersOf(got))).toThrow()
    expect(() => new Webhook(`whsec_${'A'.repeat(32)}`).verify(body, headersOf(got))).toThrow()
  })

  it('has the same id when it is sent again', async () => {
    const what = telling()
    await send(what)
    await send(what)
    const [first, second] = receiver.received.slice(-2).map(({ headers }) => headers['webhook-id'])
    expect(first).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(second).toBe(first)
  })

  it('names to a backend nobody whose contact it tells', async () => {
    const owner = item()
    await send(telling({ role: 'contact', items: [owner] }))
    const body = receiver.received.at(-1)?.body.toString() ?? ''
    expect(body).not.toContain(owner.account)
    expect(body).not.toContain(owner.recovery)
    expect(JSON.parse(body)).toMatchObject({
      data: { role: 'contact', items: [{ account: null, recovery: null }] },
    })
  })

  it.each([
    [410, { reason: 'gone', again: false }],
    [429, { reason: 'throttled', again: true }],
    [500, { reason: 'unreachable', again: true }],
    [404, { reason: 'refused', again: true }],
    [302, { reason: 'refused', again: true }],
  ] as const)('answered %i makes it %j', async (status, outcome) => {
    receiver.answer(status, { location: '/elsewhere' })
    expect(await send()).toEqual({ state: 'failed', ...outcome })
    expect(receiver.received.every(({ path }) => path === '/hook')).toBe(true)
  })

  it('that is never answered is given up within seconds', async () => {
    receiver.answer('silent')
    const began = performance.now()
    expect(await send()).toEqual({ state: 'failed', reason: 'unreachable', again: true })
    expect(performance.now() - began).toBeLessThan(9_000)
  })

  it('goes to a private network in earnest only where its operator says so', async () => {
    receiver.answer(200)
    const before = receiver.received.length
    expect(await send(telling(), open(false))).toEqual({
      state: 'failed',
      reason: 'misconfigured',
      again: true,
    })
    expect(receiver.received).toHaveLength(before)
    expect(await send(telling(), open(false, true))).toEqual({ state: 'sent' })
  })

  it('is offered to its app alone', () => {
    const channels = open()
    expect([...channels.offered('test-app')]).toEqual(['webhook'])
    expect([...channels.offered('other-app')]).toEqual([])
  })
})

describe('public addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '2a00:1450:4001::1'])('%s is one', (address) => {
    expect(isPublic(address)).toBe(true)
  })
  it.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
    ],
    ...[
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '198.18.0.1',
      '::1',
      '::',
      'fe80::1',
      'fd00::1',
      'fc00::1',
    ],
    ...[
      '::ffff:10.0.0.1',
      '::ffff:8.8.8.8',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:db8::1',
      '2001::1',
      'ff02::1',
    ],
    ...['localhost', '', '1.2.3', '127.1'],
  ])('%j is none', (address) => {
    expect(isPublic(address)).toBe(false)
  })
})
