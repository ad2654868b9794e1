/**
 * A real service, a real mail server and an app's real backend: what a person reads who never opened the app while somebody
 * recovered their account, and what they read when their mail server was away for a day.
 */
import { contact, owner, requester } from '@holdfast/client'
import { readNotices, setDestinations } from '@holdfast/client/notices'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { LANGUAGES } from '../../src/notify/texts/languages.ts'
import { onEmbedded } from '../support/engine.ts'
import { openPostOffice, type PostOffice, type Refusal } from '../support/post-office.ts'
import { openReceiver, type Receiver } from '../support/receiver.ts'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, talk, untilTrue } from '../support/sdk-recovery.ts'
import { startService, TEST_APP, TEST_APPS, type TestService } from '../support/service.ts'

const HOUR = 3_600_000
const WAITING = 72
const SECRET = `whsec_${Buffer.from(new Uint8Array(32).map((_, index) => 3 * index)).toString('base64')}`
/** The last one that there are words in: what is told must not be English by accident. */
const TEXTS = LANGUAGES.at(-1)!
const onTimedEmbedded = onEmbedded('days pass by a clock that the test moves, and MongoDB’s is the server’s')

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
})

interface Told {
  readonly service: TestService
  readonly office: PostOffice
  readonly backend: Receiver
  pass(ms: number): void
}

const start = async (refusal?: Refusal): Promise<Told> => {
  const [office, backend] = [await openPostOffice(refusal ? { refusal } : {}), await openReceiver()]
  opened.push(office, backend)
  backend.answer(204)
  let ahead = 0
  const webhook = { url: `http://127.0.0.1:${backend.port}/holdfast`, secret: SECRET }
  const apps = (JSON.parse(TEST_APPS) as { app: string }[]).map((app) =>
    app.app === TEST_APP ? { ...app, name: 'Letters', webhook } : app,
  )
  const service = await startService({
    queue: 'none',
    clock: { wall: () => Date.now() + ahead, monotonic: () => performance.now() + ahead },
    env: {
      HOLDFAST_APPS: JSON.stringify(apps),
      HOLDFAST_SMTP_URL: `smtp://127.0.0.1:${office.port}`,
      HOLDFAST_MAIL_FROM: 'Letters <notices@letters.example>',
    },
  })
  opened.push(service)
  return { service, office, backend, pass: (ms) => void (ahead += ms) }
}

const subjectsTo = async ({ office }: Told, address: string): Promise<readonly string[]> =>
  (await office.read())
    .filter(({ to }) => [to ?? []].flat().some((one) => one.text === address))
    .map(({ subject }) => (subject ?? '').replace('Letters: ', ''))
const title = (subject: keyof typeof TEXTS.owner): string => TEXTS.owner[subject][0]

/** Owner and first contact say where; the owner's own past is told first. */
const reachable = async (told: Told) => {
  const circle = await openSdkCircle(told.service, { contacts: 3, input: { waitingSeconds: WAITING * 3600 } })
  const { client } = circle.owner
  await setDestinations(client, { mail: 'ada@example.org', webhook: true, language: TEXTS.language })
  await setDestinations(at(circle, 1), { mail: 'ben@example.org', webhook: true })
  return circle
}

/** Until no notice of the owner is on its way. */
const settled = (client: Parameters<typeof readNotices>[0]): Promise<void> =>
  untilTrue(async () => (await readNotices(client)).notices.every(({ state }) => state !== 'queued'))

describe('told', () => {
  onTimedEmbedded(
    'the whole schedule of one recovery reaches the owner by mail and webhook, in their language, with every state to see',
    async () => {
      const told = await start()
      const circle = await reachable(told)
      const { client, account } = circle.owner
      await settled(client)
      const before = (await subjectsTo(told, 'ada@example.org')).length
      const calls = told.backend.received.length

      const device = await ask(told.service, account)
      for (const slot of [1, 2])
        await contact.approve(at(circle, slot), await talk(device, at(circle, slot), account))
      await settled(client)
      for (const hours of [36, 12, 23, 1]) {
        told.pass(hours * HOUR)
        const due = { 36: 'half-time', 12: 'day-left', 23: 'hour-left', 1: 'releasable' }[hours]
        await untilTrue(async () =>
          (await readNotices(client)).notices.some(
            ({ event, state }) => event === `recovery-${due}` && state === 'sent',
          ),
        )
      }
      await requester.recover(device)
      const expected = [
        title('recovery-opened'),
        title('recovery-answered'),
        title('recovery-answered'),
        title('recovery-quorum'),
        title('recovery-half-time'),
        title('recovery-day-left'),
        title('recovery-hour-left'),
        title('recovery-releasable'),
        title('recovery-released'),
        title('recovery-completed'),
        title('device-registered'),
      ]
      const since = async () => (await subjectsTo(told, 'ada@example.org')).slice(before)
      await untilTrue(async () => (await since()).length >= expected.length)
      const mails = await since()
      expect(mails.toSorted()).toEqual(expected.toSorted())
      const hooks = told.backend.received.slice(calls).map(({ headers, body }) => {
        const verified = new Webhook(SECRET).verify(body.toString(), headers as Record<string, string>)
        return (
          verified as {
            data: { role: string; recipient: string; items: { event: string; account: string | null }[] }
          }
        ).data
      })
      const ownHooks = hooks.filter(({ role }) => role === 'owner')
      expect(ownHooks.flatMap(({ items }) => items.map(({ event }) => event))).toHaveLength(mails.length)
      const contactHooks = hooks.filter(({ role }) => role === 'contact')
      expect(contactHooks.length).toBeGreaterThan(0)
      expect(contactHooks.every(({ items }) => items.every((one) => one.account === null))).toBe(true)
      // A contact's help is asked for at once; what came after fits into digests.
      const toContact = await subjectsTo(told, 'ben@example.org')
      expect(toContact.length).toBeLessThan(mails.length)
      expect(told.service.lines.join('\n')).not.toMatch(/example\.org/)
    },
    60_000,
  )

  onTimedEmbedded(
    'a mail server that is away for a day: the recovery is not a moment late, and the owner still hears of it',
    async () => {
      const refusal: { at: Refusal['at']; code: number } = { at: 'sender', code: 451 }
      const told = await start(refusal)
      const circle = await reachable(told)
      const { client, account } = circle.owner
      const device = await ask(told.service, account)
      for (const slot of [1, 2])
        await contact.approve(at(circle, slot), await talk(device, at(circle, slot), account))
      const isQueued = async (): Promise<boolean> =>
        (await readNotices(client)).notices.some(
          ({ event, ways }) =>
            event === 'recovery-opened' &&
            ways.some(({ channel, state, tries }) => channel === 'mail' && state === 'queued' && tries > 0),
        )
      await untilTrue(isQueued)
      const { recoveries } = await owner.status(client)
      expect(recoveries[0]?.state, 'nothing waits for the post').toBe('waiting')
      told.pass(24 * HOUR)
      await untilTrue(async () => (await requester.status(device)).state === 'waiting')
      expect(await subjectsTo(told, 'ada@example.org')).toEqual([])
      refusal.at = 'login'
      told.pass(7 * HOUR)
      await untilTrue(async () =>
        (await subjectsTo(told, 'ada@example.org')).includes(title('recovery-opened')),
      )
      await settled(client)
      told.pass(41 * HOUR)
      await untilTrue(async () => (await owner.status(client)).recoveries[0]?.state === 'releasable')
      await requester.recover(device)
    },
    60_000,
  )

  it('in a few seconds, by whatever processes there are: each event once, and no mail twice', async () => {
    const told = await start()
    const circle = await openSdkCircle(told.service, { contacts: 3, input: { waitingSeconds: 4 } })
    const { client, account } = circle.owner
    await setDestinations(client, { mail: 'ada@example.org', language: TEXTS.language })
    await untilTrue(async () => (await subjectsTo(told, 'ada@example.org')).length > 0)
    const device = await ask(told.service, account)
    for (const slot of [1, 2])
      await contact.approve(at(circle, slot), await talk(device, at(circle, slot), account))
    await requester.recoverWhenReady(device, { signal: AbortSignal.timeout(30_000) })
    const expected = ['opened', 'quorum', 'half-time', 'released', 'completed'] as const
    await untilTrue(async () => {
      const subjects = await subjectsTo(told, 'ada@example.org')
      return expected.every((step) => subjects.includes(title(`recovery-${step}`)))
    })
    const mails = await told.office.read()
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length)
    const subjects = await subjectsTo(told, 'ada@example.org')
    for (const step of expected)
      expect(subjects.filter((one) => one === title(`recovery-${step}`))).toHaveLength(1)
  }, 90_000)
})
