/**
 * Live events. They carry ids and revisions only: whoever is told fetches the rest, and is authorised there.
 */
import * as shape from './shape.ts'
import { id, revision } from './schema.ts'

export const EVENT_NAMES = [
  'invitation-answered',
  'share-offered',
  'share-accepted',
  'share-declined',
  'change-proposed',
  'deletion-proposed',
  'change-cancelled',
  'change-delayed',
  'epoch-activated',
  'circle-deleted',
  'device-registered',
  'device-revoked',
  'destinations-changed',
  'recovery-opened',
  'session-started',
  'session-answered',
  'session-revealed',
  'session-matched',
  'session-differed',
  'recovery-answered',
  'recovery-alarmed',
  'recovery-quorum',
  'recovery-below-quorum',
  'recovery-half-time',
  'recovery-day-left',
  'recovery-hour-left',
  'recovery-releasable',
  'recovery-contested',
  'recovery-resumed',
  'recovery-restarted',
  'recovery-released',
  'recovery-completed',
  'recovery-ended',
] as const
export type EventName = (typeof EVENT_NAMES)[number]

/** The one message that the service sends over a socket, under the name `changed`. */
export const changedEvent = shape.strictObject({
  event: shape.oneOf(EVENT_NAMES),
  /** The account whose record changed: the owner's. */
  account: id,
  recovery: shape.nullable(id),
  revision,
})
export type ChangedEvent = shape.Infer<typeof changedEvent>
