/**
 * Growing back-off after vetoes. It holds for the account only up to a day, so that nobody who provokes vetoes can lock the
 * owner out, and longer for whoever's ticket the vetoed request came with.
 *
 * [Note: Vetoes by a stolen phone] Whoever holds the phone has the identity key, and with the SIM card the very subject of the
 * owner's tickets: it could open requests, veto them itself, and so keep the owner from asking. Where contacts can beat such
 * vetoes, these hold back requests for theft for an hour in a day at most. Vetoes by the veto key count in full.
 */
import type { BackOff, Counted } from './account.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The longest that vetoes keep everyone from opening a request. */
export const ACCOUNT_BACK_OFF_MS = DAY_MS
/** The longest that vetoes keep one ticket subject from it. */
export const SUBJECT_BACK_OFF_MS = 30 * DAY_MS
/** Subjects remembered per account; the one whose back-off ends first is forgotten first. */
export const REMEMBERED_SUBJECTS = 64

export interface BackOffSettings {
  /** First step, in seconds; doubles with each further veto. */
  readonly backOffSeconds: number
}

const NOTHING: Counted = { account: { vetoes: 0, until: 0 }, subjects: [] }
export const NO_BACK_OFF: BackOff = { ...NOTHING, theft: { ...NOTHING, until: 0 } }

const heldUntil = ({ account, subjects }: Counted, subject: string): number =>
  Math.max(account.until, subjects.find((one) => one.subject === subject)?.until ?? 0)

/**
 * Until when a request of this subject may not be opened (Unix ms); 0 if it never was stopped. `theft`: it is for theft, in a
 * circle that has the stolen-phone rule.
 */
export const backingOffUntil = (backOff: BackOff, subject: string, { theft }: { theft: boolean }): number =>
  theft ? Math.max(backOff.theft.until, heldUntil(backOff.theft, subject)) : heldUntil(backOff, subject)

const stepped = (
  { vetoes, until }: { readonly vetoes: number; readonly until: number },
  at: number,
  firstMs: number,
  longestMs: number,
): { readonly vetoes: number; readonly until: number } => ({
  vetoes: vetoes + 1,
  until: Math.max(until, at + Math.min(longestMs, firstMs * 2 ** vetoes)),
})

const counted = ({ account, subjects }: Counted, subject: string, at: number, firstMs: number): Counted => {
  const known = subjects.find((one) => one.subject === subject) ?? { vetoes: 0, until: 0 }
  const next = { subject, ...stepped(known, at, firstMs * 4, SUBJECT_BACK_OFF_MS) }
  const others = subjects
    .filter((one) => one.subject !== subject)
    .toSorted((a, b) => b.until - a.until)
    .slice(0, REMEMBERED_SUBJECTS - 1)
  return {
    account: stepped(account, at, firstMs, ACCOUNT_BACK_OFF_MS),
    subjects: [...others, next],
  }
}

/** One hold in a day: renewed at every veto, it would be as long as the thief likes. */
const shortHold = (until: number, at: number, firstMs: number): number =>
  at < until + DAY_MS - HOUR_MS && until !== 0 ? until : at + Math.min(firstMs, HOUR_MS)

/** Counts one veto at `at` (Unix ms), against the account and against the subject. `byVetoKey`: no phone can give that one. */
export const withVeto = (
  backOff: BackOff,
  subject: string,
  at: number,
  { backOffSeconds }: BackOffSettings,
  byVetoKey: boolean,
): BackOff => {
  const firstMs = backOffSeconds * 1000
  const { theft } = backOff
  return {
    ...counted(backOff, subject, at, firstMs),
    theft: byVetoKey
      ? { ...counted(theft, subject, at, firstMs), until: theft.until }
      : { ...theft, until: shortHold(theft.until, at, firstMs) },
  }
}
