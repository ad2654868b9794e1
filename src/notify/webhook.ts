/**
 * The app's backend, told by a signed POST: Standard Webhooks (standardwebhooks.com), version 1.
 */
import { Webhook } from 'standardwebhooks'
import type { Webhook as WebhookConfig } from '../config-apps.ts'
import type { SendOutcome, Telling, TellingItem } from '../use-cases/channels.ts'
import { SENT, failed } from './outcome.ts'
import type { Poster } from './post.ts'
import { tellingName } from './telling-name.ts'

/** The word by which backends tell this from other webhooks of theirs. */
const TYPE = 'holdfast.notice'

/** Whatever the telling says: who is whose contact is not the backend's to know. */
const itemFor =
  (role: Telling['role']) =>
  ({ event, at, account, recovery, state, releasableAt, stoppable }: TellingItem) =>
    role === 'contact'
      ? { event, at, account: null, recovery: null, state, releasableAt: null, stoppable: false }
      : { event, at, account, recovery, state, releasableAt, stoppable }

export const webhookBody = ({ app, role, recipient, language, items, more }: Telling): string => {
  const at = Math.max(...items.map((item) => item.at))
  const data = { app, role, recipient, language, items: items.map(itemFor(role)), more }
  return JSON.stringify({ type: TYPE, timestamp: new Date(at).toISOString(), data })
}

/** By status. Backends are mended: all but `410 Gone` is worth another try. */
const outcomeOf = (status: number): SendOutcome => {
  if (status >= 200 && status < 300) return SENT
  if (status === 410) return failed('gone', false)
  if (status === 429) return failed('throttled', true)
  return failed(status >= 500 ? 'unreachable' : 'refused', true)
}

export const sendWebhook = async (
  { url, secret }: WebhookConfig,
  telling: Telling,
  poster: Poster,
): Promise<SendOutcome> => {
  const id = tellingName(telling.id)
  const body = webhookBody(telling)
  const now = new Date()
  const outcome = await poster.post({
    url,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret.expose(), { format: 'raw' }).sign(id, now, body),
    },
    body,
  })
  if (outcome === 'forbidden') return failed('misconfigured', true)
  return outcome === 'unreachable' ? failed('unreachable', true) : outcomeOf(outcome)
}
