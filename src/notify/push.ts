/**
 * Web push (RFC 8030), encrypted to the subscription (RFC 8291), signed by the service's key (RFC 8292). It says in ids what
 * happened; the app's worker finds the words.
 */
import type { EventName } from '@holdfast/client/protocol'
import webPush from 'web-push'
import type { PushConfig } from '../config-notices.ts'
import type { Destination, SendOutcome, Telling } from '../use-cases/channels.ts'
import { SENT, failed } from './outcome.ts'
import type { Poster } from './post.ts'
import { contactAdvice, ownerAdvice } from './subjects.ts'
import { tellingName } from './telling-name.ts'
import type { VapidKeys } from './vapid.ts'

type Subscription = Extract<Destination, { channel: 'push' }>

const HOUR_SECONDS = 3600
const DAY_SECONDS = 24 * HOUR_SECONDS
/** How long a push service keeps it for a device that is off: as long as it is worth knowing. */
const TTL: Partial<Record<EventName, number>> = {
  'recovery-hour-left': HOUR_SECONDS,
  'recovery-day-left': DAY_SECONDS,
}
const OTHER_TTL = 14 * DAY_SECONDS
/** Push services take 4,096 bytes, of which the encryption needs some. */
const MOST_BYTES = 3_000

/** The latest that fit, oldest first. */
export const pushPayload = ({ app, role, recipient, items, more }: Telling): string => {
  const ids = items.map(({ event, at, account, recovery }) => ({ event, at, account, recovery }))
  for (let from = 0; ; from += 1) {
    const left = ids.slice(from)
    const text = JSON.stringify({ app, role, recipient, items: left, more: more || from > 0 })
    if (text.length <= MOST_BYTES || left.length <= 1) return text
  }
}

/** `high` wakes a sleeping phone: for what its owner can still do something about. */
const urgencyOf = ({ role, items }: Telling): 'high' | 'normal' =>
  items.some((item) => (role === 'owner' ? ownerAdvice(item, true) : contactAdvice(item)) !== null)
    ? 'high'
    : 'normal'

const outcomeOf = (status: number): SendOutcome => {
  if (status >= 200 && status < 300) return SENT
  if (status === 404 || status === 410) return failed('gone', false)
  if (status === 429) return failed('throttled', true)
  if (status >= 500) return failed('unreachable', true)
  // It does not take this service's signature: nothing that the subscriber could mend.
  return status === 401 || status === 403 ? failed('misconfigured', true) : failed('refused', false)
}

export const sendPush = async (
  { endpoint, p256dh, auth }: Subscription,
  telling: Telling,
  {
    config,
    keys,
    poster,
  }: { readonly config: PushConfig; readonly keys: VapidKeys; readonly poster: Poster },
): Promise<SendOutcome> => {
  const last = telling.items.at(-1)
  let details: ReturnType<typeof webPush.generateRequestDetails>
  try {
    details = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, pushPayload(telling), {
      vapidDetails: { subject: config.subject, ...keys },
      contentEncoding: 'aes128gcm',
      TTL: (last && TTL[last.event]) ?? OTHER_TTL,
      urgency: urgencyOf(telling),
      topic: tellingName(telling.id),
    })
  } catch {
    // Keys that are no point of the curve, for example.
    return failed('refused', false)
  }
  const headers = details.headers as Record<string, string | number>
  const outcome = await poster.post({ url: endpoint, headers, body: details.body ?? '' })
  if (outcome === 'forbidden') return failed('refused', false)
  return outcome === 'unreachable' ? failed('unreachable', true) : outcomeOf(outcome)
}
