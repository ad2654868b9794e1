/**
 * What use cases need in order to reach people who are not connected. Implemented in src/notify; live sockets are not among
 * these channels: they are told at once (ports.ts, `Notices`) and keep nothing.
 */
import type { ChannelName, EventName, SendFailure } from '@holdfast/client/protocol'
import type { RecoveryState } from '../domain/account.ts'

/** Where somebody wants to be told. Sealed at rest; never in a log, a job, an event or a metric. */
export type Destination =
  | { readonly channel: 'mail'; readonly address: string }
  /** As a browser's PushSubscription gives them; `p256dh` and `auth` base64url. */
  | { readonly channel: 'push'; readonly endpoint: string; readonly p256dh: string; readonly auth: string }
  /** The app's backend, as configured for the app. */
  | { readonly channel: 'webhook' }

/** What there is to say, without words: the channel finds those in the person's language. */
export interface Telling {
  /** Unique per notice and destination, and the same when it is sent again (Message-ID, webhook-id, push topic). */
  readonly id: string
  readonly app: string
  /** BCP 47. One that the channel has no words in is told in English. */
  readonly language: string
  readonly role: 'owner' | 'contact'
  /** Whom it is told: account id. */
  readonly recipient: string
  /** One, or a digest's, oldest first. Never empty. */
  readonly items: readonly TellingItem[]
  /** True where a digest had no room for everything: the app shows the rest. */
  readonly more: boolean
}

export interface TellingItem {
  readonly event: EventName
  /** When it happened, Unix ms by the store's clock; for a contact's webhook the beginning of that minute. */
  readonly at: number
  /** The owner's account. Null for a contact's webhook: the app's backend need not learn who is whose contact. */
  readonly account: string | null
  /** Null for a contact's webhook too, where it would show the same. */
  readonly recovery: string | null
  /** Of the request, as of this look: for example which end it came to. Null where there is none, or it was forgotten. */
  readonly state: RecoveryState | null
  /** From the record's own policy, as of this look; null where it says nothing here. */
  readonly waitingSeconds: number | null
  readonly coolingSeconds: number | null
  /** When the request may be released, Unix ms; null unless it waits. */
  readonly releasableAt: number | null
  /** Whether the owner could still stop the request at this look. */
  readonly stoppable: boolean
}

/**
 * `sent`: the other end took it. `again`: worth another try later. `gone`: this destination will never work again. `waiting`: there
 * was no room to try it, and it does not count as a try.
 */
export type SendOutcome =
  | { readonly state: 'sent' }
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly reason: SendFailure; readonly again: boolean }

export interface Channels {
  /** Channels that this service, and for webhook this app, is configured for. */
  offered(app: string): ReadonlySet<ChannelName>
  /** What browsers subscribe with (VAPID, RFC 8292): P-256 public key, 65 bytes base64url. Null where push is not offered. */
  readonly pushKey: string | null
  /**
   * Never throws for what the destination is or the other end does or says; takes less than half a minute. A push endpoint was
   * stated by its owner, and its name may lead anywhere: the channel must refuse to connect to addresses that are not public.
   */
  send(to: Destination, telling: Telling): Promise<SendOutcome>
}
