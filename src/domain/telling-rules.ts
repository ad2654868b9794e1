/**
 * Which events are told to people who are not connected, and how soon. The one table; sockets are told of every event.
 */
import type { EventName } from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import type { ToldItem } from './reach.ts'

export interface TellingRule {
  /** Whether the owner is told, which is always at once. */
  readonly owner: boolean
  /**
   * Contacts: `urgent` where their help is needed now, or they alone may notice a thief in time; `digest` where it can wait
   * for the next digest.
   */
  readonly contact: 'urgent' | 'digest' | 'never'
}

const rule = (owner: boolean, contact: TellingRule['contact']): TellingRule => ({ owner, contact })
const OWNER_ALONE = rule(true, 'never')
const NOBODY = rule(false, 'never')

export const TELLING_RULES: Readonly<Record<EventName, TellingRule>> = {
  'invitation-answered': OWNER_ALONE,
  'share-offered': rule(false, 'digest'),
  'share-accepted': OWNER_ALONE,
  'share-declined': OWNER_ALONE,
  // A thief who holds the owner's phone may have asked for it.
  'change-proposed': rule(true, 'urgent'),
  'deletion-proposed': rule(true, 'urgent'),
  'change-cancelled': rule(true, 'digest'),
  'change-delayed': rule(true, 'digest'),
  'epoch-activated': rule(true, 'digest'),
  'circle-deleted': rule(true, 'digest'),
  'device-registered': OWNER_ALONE,
  'device-revoked': OWNER_ALONE,
  'destinations-changed': OWNER_ALONE,
  'recovery-opened': rule(true, 'urgent'),
  // Steps between two people who are talking to each other.
  'session-started': NOBODY,
  'session-answered': NOBODY,
  'session-revealed': NOBODY,
  'session-matched': NOBODY,
  // Not a step but a warning: whoever asked may be an impostor.
  'session-differed': OWNER_ALONE,
  'recovery-answered': OWNER_ALONE,
  'recovery-alarmed': rule(true, 'urgent'),
  'recovery-quorum': rule(true, 'digest'),
  'recovery-below-quorum': rule(true, 'digest'),
  'recovery-half-time': OWNER_ALONE,
  'recovery-day-left': OWNER_ALONE,
  'recovery-hour-left': OWNER_ALONE,
  'recovery-releasable': rule(true, 'digest'),
  // Contacts who know of a theft have until its end to say so.
  'recovery-contested': rule(true, 'urgent'),
  'recovery-resumed': rule(true, 'digest'),
  'recovery-restarted': rule(true, 'digest'),
  'recovery-released': rule(true, 'digest'),
  'recovery-completed': rule(true, 'digest'),
  'recovery-ended': rule(true, 'digest'),
}

/** What is in the outbox for its owner to be told by post, and not among the tellings yet. */
export const itemsForOwner = ({ id: owner, outbox }: Account): readonly ToldItem[] =>
  outbox.notices
    .filter(({ audience, event }) => audience.role === 'owner' && TELLING_RULES[event].owner)
    .filter(({ notice }) => outbox.queued?.includes(notice) !== true)
    .map(({ notice, event, at, recovery }) => ({ notice, event, at, owner, recovery }))
