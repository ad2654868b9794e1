/**
 * What people can be told about, by role, and which advice belongs to it. The words are in texts/.
 */
import type { TellingItem } from '../use-cases/channels.ts'

/** `recovery-vetoed` is a recovery-ended that was a veto; `other` stands for what this version has no words for. */
export const OWNER_SUBJECTS = [
  'invitation-answered',
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
  'recovery-vetoed',
  'recovery-ended',
  'other',
] as const
export type OwnerSubject = (typeof OWNER_SUBJECTS)[number]

export const CONTACT_SUBJECTS = [
  'share-offered',
  'change-proposed',
  'deletion-proposed',
  'change-cancelled',
  'change-delayed',
  'epoch-activated',
  'circle-deleted',
  'recovery-opened',
  'recovery-alarmed',
  'recovery-quorum',
  'recovery-below-quorum',
  'recovery-releasable',
  'recovery-contested',
  'recovery-resumed',
  'recovery-restarted',
  'recovery-released',
  'recovery-completed',
  'recovery-vetoed',
  'recovery-ended',
  'other',
] as const
export type ContactSubject = (typeof CONTACT_SUBJECTS)[number]

export const ADVICE = ['stop', 'open', 'change', 'device', 'reach', 'late', 'call'] as const
/**
 * `stop`: by the page behind the link. `open`: stop it in the app, where there is no page. `change`: withdraw it. `device`,
 * `reach`: look what is registered, and where one is told. `late`: it can no longer be stopped. `call`: talk to the person.
 */
export type Advice = (typeof ADVICE)[number]

const isOneOf = <T extends string>(list: readonly T[], text: string): text is T =>
  list.some((one) => one === text)

const named = ({ event, state }: TellingItem): string =>
  event === 'recovery-ended' && state === 'vetoed' ? 'recovery-vetoed' : event

export const ownerSubject = (item: TellingItem): OwnerSubject => {
  const name = named(item)
  return isOneOf(OWNER_SUBJECTS, name) ? name : 'other'
}
export const contactSubject = (item: TellingItem): ContactSubject => {
  const name = named(item)
  return isOneOf(CONTACT_SUBJECTS, name) ? name : 'other'
}

const OWNER_ADVICE: Partial<Record<OwnerSubject, Advice>> = {
  'change-proposed': 'change',
  'deletion-proposed': 'change',
  'device-registered': 'device',
  'device-revoked': 'device',
  'destinations-changed': 'reach',
  'recovery-released': 'late',
  'recovery-completed': 'late',
}
/** What contacts answer by, and what they alone may notice: before either they should have heard the person's voice. */
const CALL_FIRST: readonly ContactSubject[] = [
  'change-proposed',
  'deletion-proposed',
  'recovery-opened',
  'recovery-alarmed',
  'recovery-contested',
]

/** What to advise an owner; null where there is nothing to do. `hasPage`: there is a page that stops requests. */
export const ownerAdvice = (item: TellingItem, hasPage: boolean): Advice | null => {
  if (item.stoppable && item.recovery !== null) return hasPage ? 'stop' : 'open'
  return OWNER_ADVICE[ownerSubject(item)] ?? null
}
export const contactAdvice = (item: TellingItem): Advice | null =>
  CALL_FIRST.includes(contactSubject(item)) ? 'call' : null
