/**
 * What became of notices, as those see it whom they are for. PROTOCOL.md, "Notices".
 */
import { EVENT_NAMES } from './events.ts'
import { id, instant, signed } from './schema.ts'
import * as shape from './shape.ts'

/** Ways to reach a person who is not connected, in the order in which they are shown. */
export const CHANNEL_NAMES = ['mail', 'push', 'webhook'] as const
export type ChannelName = (typeof CHANNEL_NAMES)[number]

/** Why a channel could not tell somebody: one word of a closed list. */
export const SEND_FAILURES = ['unreachable', 'refused', 'gone', 'throttled', 'misconfigured'] as const
export type SendFailure = (typeof SEND_FAILURES)[number]

/** `skipped`: overtaken by something else before it could be sent, and pointless since. */
export const WAY_STATES = ['queued', 'sent', 'failed', 'skipped'] as const
export type WayStateName = (typeof WAY_STATES)[number]

/** `unaddressed`: the person has not said where to be told. */
const noticeState = shape.oneOf([...WAY_STATES, 'unaddressed'])

const told = {
  event: shape.oneOf(EVENT_NAMES),
  /** When it happened. */
  at: instant,
  recovery: shape.nullable(id),
  /** `sent` if it was on any way, else `queued` if it still is on any. */
  state: noticeState,
}

export const noticesView = shape.strictObject({
  now: instant,
  /** The sequence of the present identity's last statement; 0 before its first. */
  sequence: shape.integer(0, 1_000_000_000),
  /** That statement, as it was signed. Null before the first, and where the service can read it no more. */
  statement: shape.nullable(signed),
  /** Channels that the service offers to this app. */
  offered: shape.array(shape.oneOf(CHANNEL_NAMES)),
  /** What browsers subscribe with (VAPID), base64url; null where push is not offered. */
  pushKey: shape.nullable(shape.string({ maxLength: 100 })),
  /** What this account was to be told, oldest first: all that is under way, and the last that is not. */
  notices: shape.array(
    shape.strictObject({
      ...told,
      role: shape.oneOf(['owner', 'contact']),
      /** The account that it is about. */
      owner: id,
      ways: shape.array(
        shape.strictObject({
          channel: shape.oneOf(CHANNEL_NAMES),
          state: shape.oneOf(WAY_STATES),
          reason: shape.nullable(shape.oneOf(SEND_FAILURES)),
          tries: shape.integer(0, 1000),
          /** When it came to this state; of a queued one, when it is tried next, null for at once. */
          at: shape.nullable(instant),
        }),
      ),
    }),
  ),
  /** What the contacts who hold a share were to be told about this account. */
  contacts: shape.array(
    shape.strictObject({
      contact: id,
      /** Whether they said where to be told. */
      addressed: shape.boolean(),
      notices: shape.array(shape.strictObject(told)),
    }),
  ),
})
export type NoticesView = shape.Infer<typeof noticesView>
