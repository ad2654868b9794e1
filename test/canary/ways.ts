/**
 * Where people are told: a mail server and the backend of an app, which keep all that they get, and a push service that cannot be
 * reached: no statement may name one on this machine. What is pushed, test/notify/push.test.ts opens.
 */
import { createECDH, randomBytes } from 'node:crypto'
import { vi } from 'vitest'
import type { Destinations } from '@holdfast/client/notices'
import { openPostOffice } from '../support/post-office.ts'
import { openReceiver } from '../support/receiver.ts'
import type { TestApp } from '../support/test-app.ts'
import type { Secrets } from './secrets.ts'

export interface Ways {
  /** What processes are to be started with. */
  readonly env: Readonly<Record<string, string>>
  /** The app, with a backend that is told. */
  appsSetting(app: TestApp): string
  /** Somebody's, of all kinds. */
  newDestinations(): Partial<Destinations>
  /** Resolves once something has come by every way. */
  told(): Promise<void>
  /** What was sent, by way. */
  sent(): Promise<readonly (readonly [string, Buffer])[]>
  close(): Promise<void>
}

/** Addresses are noted in `reached`, keys of the ways themselves in `secrets`. */
export const openWays = async (reached: Secrets, secrets: Secrets): Promise<Ways> => {
  const password = randomBytes(18).toString('base64url')
  const webhookKey = randomBytes(32)
  secrets.noteText('password of the mail server', password)
  secrets.note('key of the webhook', webhookKey)
  const office = await openPostOffice({ login: { user: 'holdfast', password } })
  const backend = await openReceiver()
  const said = (
    received: readonly { readonly path: string; readonly headers: object; readonly body: Buffer }[],
  ) =>
    Buffer.concat(
      received.flatMap(({ path, headers, body }) => [
        Buffer.from(`\n${path} ${JSON.stringify(headers)}\n`),
        body,
      ]),
    )
  let people = 0
  return {
    env: {
      HOLDFAST_SMTP_URL: `smtp://holdfast:${password}@127.0.0.1:${office.port}`,
      HOLDFAST_MAIL_FROM: 'Holdfast <notices@app.example>',
      HOLDFAST_PUBLIC_URL: 'http://127.0.0.1:8080',
      HOLDFAST_VAPID_SUBJECT: 'mailto:push@app.example',
    },
    appsSetting: ({ app, ticketKey }) => {
      const webhook = {
        url: `http://127.0.0.1:${backend.port}/hook`,
        secret: `whsec_${webhookKey.toString('base64')}`,
        private: true,
      }
      return JSON.stringify([{ app, ticketKey, name: 'Letters', webhook }])
    },
    newDestinations() {
      people += 1
      const [name, path, auth] = [randomBytes(9), randomBytes(16), randomBytes(16)]
      const mail = `${name.toString('hex')}@people.example`
      reached.noteText(`mail address ${people}`, mail)
      reached.noteText(`push address ${people}`, path.toString('base64url'))
      reached.note(`push key ${people}`, auth)
      const p256dh = createECDH('prime256v1').generateKeys('base64url')
      const endpoint = `https://push.people.example/${path.toString('base64url')}`
      return {
        mail,
        push: [{ endpoint, keys: { p256dh, auth: auth.toString('base64url') } }],
        webhook: true,
      }
    },
    told: () =>
      vi.waitFor(
        () => {
          const counts = [office.raw.length, backend.received.length]
          if (counts.some((count) => count < 4)) throw new Error(`mails, webhooks: ${counts.join(', ')}`)
        },
        { timeout: 30_000, interval: 200 },
      ),
    async sent() {
      // As they travel, and as they are read: what is encoded on the way is broken into lines.
      const read = (await office.read()).map(
        ({ text, html, subject }) => `${subject}\n${text}\n${String(html)}`,
      )
      return [
        [
          'mails',
          Buffer.concat([Buffer.from(office.raw.join('\n'), 'latin1'), Buffer.from(read.join('\n'))]),
        ],
        ['webhooks', said(backend.received)],
      ]
    },
    async close() {
      await office.close()
      backend.close()
    },
  }
}
