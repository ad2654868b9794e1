/**
 * Tellings for tests of the channels.
 */
import { randomBytes } from 'node:crypto'
import { Secret } from '@holdfast/client/protocol'
import type { NoticesConfig } from '../../src/config-notices.ts'
import type { Telling, TellingItem } from '../../src/use-cases/channels.ts'

const id = (): string => randomBytes(16).toString('base64url')

export const item = (fields: Partial<TellingItem> = {}): TellingItem => ({
  event: 'recovery-opened',
  at: Date.UTC(2026, 10, 25, 9, 30),
  account: id(),
  recovery: id(),
  state: 'collecting',
  waitingSeconds: 7 * 86_400,
  coolingSeconds: 2 * 86_400,
  releasableAt: null,
  stoppable: true,
  ...fields,
})

export const telling = (fields: Partial<Telling> = {}): Telling => {
  const recipient = id()
  return {
    id: `${recipient}.7.0.1.0`,
    app: 'test-app',
    language: 'en',
    role: 'owner',
    recipient,
    items: [item({ account: recipient })],
    more: false,
    ...fields,
  }
}

export const NO_CHANNELS: NoticesConfig = { publicUrl: null, mail: null, push: null, development: true }

export const vapidSeed = Secret.of(new Uint8Array(32).fill(7))
