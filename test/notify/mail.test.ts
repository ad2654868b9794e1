/**
 * Mail as a mail server gets it: what is in it, what is not, and what becomes of refusals.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '@holdfast/client/protocol'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { MailConfig } from '../../src/config-notices.ts'
import { openChannels } from '../../src/notify/channels.ts'
import type { SendOutcome, Telling } from '../../src/use-cases/channels.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type PostOffice, type PostOfficeOptions, openPostOffice } from '../support/post-office.ts'
import { NO_CHANNELS, item, telling, vapidSeed } from '../support/tellings.ts'

const tls = makeCertificate()
const ADDRESS = 'ada@people.example'
const PUBLIC_URL = 'https://holdfast.example'

const opened: { close(): void | Promise<void> }[] = []
const closeAll = async (): Promise<void> => {
  for (const one of opened.splice(0)) await one.close()
}
afterEach(closeAll)
afterAll(closeAll)

const open = async (options: PostOfficeOptions = {}, config: Partial<MailConfig> = {}) => {
  const office = await openPostOffice(options)
  const mail: MailConfig = {
    host: '127.0.0.1',
    port: office.port,
    tls: 'none',
    login: null,
    from: { name: 'Müller & Söhne', address: 'notices@app.example' },
    ...config,
  }
  const apps = [{ app: 'test-app', ticketKey: '', name: 'Example Chat', url: 'https://chat.example/' }]
  const channels = openChannels({ ...NO_CHANNELS, publicUrl: PUBLIC_URL, mail }, apps, {
    vapidSeed,
    ca: tls.cert,
  })
  opened.push(channels, office)
  const send = (what: Telling, address = ADDRESS): Promise<SendOutcome> =>
    channels.send({ channel: 'mail', address }, what)
  return { office, send }
}

const only = async (office: PostOffice) => {
  const mails = await office.read()
  expect(mails).toHaveLength(1)
  return mails[0] as NonNullable<(typeof mails)[0]>
}

describe('a mail', () => {
  it('says the same in text and HTML, names itself, and has one link and nothing to fetch', async () => {
    const { office, send } = await open()
    const what = telling()
    expect(await send(what)).toEqual({ state: 'sent' })
    const mail = await only(office)
    const [{ account, recovery } = item()] = what.items
    const link = `${PUBLIC_URL}/stop#${account}.${recovery}`
    expect(mail.subject).toBe('Example Chat: Somebody asked to recover your account')
    expect(mail.from?.value).toEqual([{ name: 'Müller & Söhne', address: 'notices@app.example' }])
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail.headers.get('content-language')).toBe('en')
    expect(mail.messageId).toMatch(/^<[A-Za-z0-9_-]{32}@app\.example>$/)
    expect(mail.attachments).toEqual([])
    const html = String(mail.html)
    for (const body of [mail.text ?? '', html]) {
      expect(body).toContain(link)
      expect(body.match(/https?:\/\//g)).toHaveLength(1)
      expect(body).toContain('7 days')
      expect(body).toContain('Wednesday, November 25, 2026')
      expect(body).toContain('UTC')
      expect(body).toContain('Nobody will ever ask you for a key, a share, a password')
    }
    expect(html).toContain('<html lang="en" dir="ltr">')
    expect(html.match(/<a /g)).toHaveLength(1)
    expect(html).not.toMatch(/<img|<script|<link|url\(|@import|@font-face|src=/i)
    // Whoever carries the mail learns no more of the recipient than the address.
    const { recipient } = what
    expect(office.raw[0]?.split('\r\n\r\n')[0]).not.toContain(recipient)
  })

  it('has the same Message-ID when it is sent again, and another for another telling', async () => {
    const { office, send } = await open()
    const what = telling()
    for (const one of [what, what, telling()]) await send(one)
    const ids = (await office.read()).map(({ messageId }) => messageId)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[0])
    // All over one connection.
    expect(office.connections()).toBe(1)
  })

  it('tells a contact to call first, and leads to no page that stops anything', async () => {
    const { office, send } = await open()
    await send(telling({ role: 'contact' }))
    const { text = '' } = await only(office)
    expect(text).toContain('call the person on a number that you already know')
    expect(text).toContain('https://chat.example/')
    expect(text).not.toContain('/stop')
  })

  it('offers no stop where nothing can be stopped any more', async () => {
    const { office, send } = await open()
    await send(
      telling({ items: [item({ event: 'recovery-released', state: 'released', stoppable: false })] }),
    )
    const { text = '' } = await only(office)
    expect(text).not.toContain('/stop')
    expect(text).toContain('it can no longer be stopped here')
  })

  it('lists what a digest has, in order, and says that there is more', async () => {
    const { office, send } = await open()
    const items = [item({ event: 'share-offered', recovery: null }), item({ event: 'recovery-quorum' })]
    await send(telling({ role: 'contact', items, more: true }))
    const { text = '', subject } = await only(office)
    expect(subject).toBe('Example Chat: News from circles that you belong to: 2')
    expect(text.indexOf('- Somebody chose you')).toBeGreaterThan(0)
    expect(text.indexOf('- Enough contacts agreed')).toBeGreaterThan(text.indexOf('- Somebody chose you'))
    expect(text).toContain('shows what else there is')
  })

  it.each([
    'ada@people.example\r\nBcc: thief@evil.example',
    'ada@people.example, thief@evil.example',
    '"ada" <ada@people.example>',
    'ada@people.example>',
    'ada people@x.example',
    '',
  ])('is not sent to %j', async (address) => {
    const { office, send } = await open()
    expect(await send(telling(), address)).toEqual({ state: 'failed', reason: 'refused', again: false })
    expect(office.raw).toEqual([])
  })

  it('cannot be given another header by a language, an id or an app', async () => {
    const { office, send } = await open()
    const planted = 'x\r\nBcc: thief@evil.example\r\n\r\nplanted'
    await send(telling({ language: planted, id: planted, app: planted }))
    const mail = await only(office)
    expect(mail.bcc).toBeUndefined()
    expect(office.raw[0]?.split('\r\n\r\n')[0]).not.toMatch(/^bcc:/im)
    expect(mail.headers.get('content-language')).toBe('en')
  })
})

describe('a mail server that', () => {
  it.each([
    [
      { at: 'recipient', code: 450 },
      { reason: 'throttled', again: true },
    ],
    [
      { at: 'message', code: 452 },
      { reason: 'throttled', again: true },
    ],
    [
      { at: 'connect', code: 421 },
      { reason: 'throttled', again: true },
    ],
    [
      { at: 'recipient', code: 550 },
      { reason: 'refused', again: false },
    ],
    [
      { at: 'recipient', code: 550, text: '5.1.1 no such user' },
      { reason: 'refused', again: false },
    ],
    [
      { at: 'recipient', code: 550, text: '5.4.5 daily quota exceeded' },
      { reason: 'refused', again: true },
    ],
    [
      { at: 'recipient', code: 552, text: '5.2.2 mailbox full' },
      { reason: 'refused', again: true },
    ],
    [
      { at: 'message', code: 554, text: '5.7.1 rejected by policy' },
      { reason: 'refused', again: true },
    ],
    [
      { at: 'message', code: 554 },
      { reason: 'refused', again: true },
    ],
    [
      { at: 'sender', code: 550 },
      { reason: 'misconfigured', again: true },
    ],
    [
      { at: 'connect', code: 554 },
      { reason: 'misconfigured', again: true },
    ],
  ] as const)('answers %j makes it %j', async (refusal, outcome) => {
    const { send } = await open({ refusal })
    expect(await send(telling())).toEqual({ state: 'failed', ...outcome })
  })

  it('is slow gets every mail once: who found no connection in time has not been tried', async () => {
    const { office, send } = await open({ tookMs: { message: 4_000 } })
    const outcomes = await Promise.all(Array.from({ length: 24 }, () => send(telling())))
    const of = (state: SendOutcome['state']) => outcomes.filter((one) => one.state === state).length
    // Four connections, and four turns begin within the fifteen seconds that anybody waits.
    expect([of('sent'), of('waiting')]).toEqual([16, 8])
    await pause(5_000)
    expect(office.raw).toHaveLength(16)
  }, 40_000)

  it('answers in time but never comes to an end is hung up on, and gets no mail later', async () => {
    const { office, send } = await open({ tookMs: { connect: 5_000, sender: 5_000, recipient: 5_000 } })
    const began = performance.now()
    expect(await send(telling())).toEqual({ state: 'failed', reason: 'unreachable', again: true })
    expect(performance.now() - began).toBeLessThan(14_000)
    await pause(5_000)
    expect(office.raw).toEqual([])
  }, 40_000)

  it('is not there makes it unreachable', async () => {
    const { office, send } = await open()
    await office.close()
    expect(await send(telling())).toEqual({ state: 'failed', reason: 'unreachable', again: true })
  })

  it('wants another password makes it misconfigured, and takes the right one', async () => {
    const login = { user: 'holdfast', password: 'right' }
    const given = (password: string) => ({
      tls: 'required' as const,
      host: 'localhost',
      login: { user: 'holdfast', password: Secret.of(new TextEncoder().encode(password)) },
    })
    const wrong = await open({ tls, login }, given('wrong'))
    expect(await wrong.send(telling())).toEqual({ state: 'failed', reason: 'misconfigured', again: true })
    const right = await open({ tls, login }, given('right'))
    expect(await right.send(telling())).toEqual({ state: 'sent' })
  })

  it('offers no TLS gets nothing where TLS is required', async () => {
    const { office, send } = await open({}, { tls: 'required' })
    expect(await send(telling())).toMatchObject({ state: 'failed', again: true })
    expect(office.raw).toEqual([])
  })
})
