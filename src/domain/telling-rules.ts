/**
 * Which events are told to people who are not connected, and how soon. The one table; sockets are told of every event.
 */
import type { EventName } from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import type { ToldItem } from './reach.ts'

export interface TellingRule {
  /**
   * The owner: `each` where every request's is told at once and by itself; `few` where that holds for some in an hour, whichever
   * request they are about, and further ones wait for its end together (told-held.ts): strangers and single contacts can make any
   * number of these.
   */
  readonly owner: 'each' | 'few' | 'never'
  /**
   * Contacts: `warning` where they alone may notice a thief in time; `urgent` where their help is needed now; `digest` where it
   * can wait for the next digest.
   */
  readonly contact: 'warning' | 'urgent' | 'digest' | 'never'
}

const rule = (owner: TellingRule['owner'], contact: TellingRule['contact']): TellingRule => ({
  owner,
  contact,
})
const OWNER_ALONE = rule('few', 'never')
const REMINDER = rule('each', 'never')
const NOBODY = rule('never', 'never')

export const TELLING_RULES: Readonly<Record<EventName, TellingRule>> = {
  'invitation-answered': OWNER_ALONE,
  'share-offered': rule('never', 'digest'),
  'share-accepted': OWNER_ALONE,
  'share-declined': OWNER_ALONE,
  // A thief who holds the owner's phone may have asked for it.
  'change-proposed': rule('few', 'warning'),
  'deletion-proposed': rule('few', 'warning'),
  'change-cancelled': rule('few', 'digest'),
  'change-delayed': rule('few', 'digest'),
  'epoch-activated': rule('few', 'digest'),
  'circle-deleted': rule('few', 'digest'),
  'device-registered': OWNER_ALONE,
  'device-revoked': OWNER_ALONE,
  'destinations-changed': OWNER_ALONE,
  'recovery-opened': rule('few', 'urgent'),
  // Steps between two people who are talking to each other.
  'session-started': NOBODY,
  'session-answered': NOBODY,
  'session-revealed': NOBODY,
  'session-matched': NOBODY,
  // Not a step but a warning: whoever asked may be an impostor.
  'session-differed': OWNER_ALONE,
  'recovery-answered': OWNER_ALONE,
  'recovery-alarmed': rule('each', 'warning'),
  'recovery-quorum': rule('each', 'digest'),
  'recovery-below-quorum': rule('each', 'digest'),
  'recovery-half-time': REMINDER,
  'recovery-day-left': REMINDER,
  'recovery-hour-left': REMINDER,
  'recovery-releasable': rule('each', 'digest'),
  // Contacts who know of a theft have until its end to say so.
  'recovery-contested': rule('each', 'warning'),
  'recovery-resumed': rule('each', 'digest'),
  'recovery-restarted': rule('each', 'digest'),
  'recovery-released': rule('each', 'digest'),
  'recovery-completed': rule('each', 'digest'),
  'recovery-ended': rule('few', 'digest'),
}

/** What is in the outbox for its owner to be told by post, and not among the tellings yet. */
export const itemsForOwner = ({ id: owner, outbox }: Account): readonly ToldItem[] =>
  outbox.notices
    .filter(({ audience, event }) => audience.role === 'owner' && TELLING_RULES[event].owner !== 'never')
    .filter(({ notice }) => outbox.queued?.includes(notice) !== true)
    .map(({ notice, event, at, recovery }) => ({ notice, event, at, owner, recovery }))
