/**
 * How a request ends, whatever ends it: what it held is erased, and everyone it concerns is told the same.
 */
import type { Account, END_STATES, Recovery } from './account.ts'
import { type BackOffSettings, withVeto } from './back-off.ts'
import { erasingBlobs } from './circle-blobs.ts'
import { erasing, logged, noticed, toRequester } from './journal.ts'
import { isOpen, toCircle, withRecovery } from './recovery.ts'
import { type Command, moved } from './transitions.ts'

/** Ended requests that the account keeps to show; older ones are in its log only. */
export const KEPT_ENDED = 16
/**
 * How long it keeps them. Of every account alike: an unregistered one is forgotten with its last request, and a requester who
 * could still read an ended request elsewhere would see the difference.
 */
export const KEPT_ENDED_MS = 14 * 24 * 3_600_000

/** When an ended request is forgotten, Unix ms; null for an open one. */
export const forgottenAt = ({ endedAt }: Recovery): number | null =>
  endedAt === null ? null : endedAt + KEPT_ENDED_MS

const bounded = (recoveries: readonly Recovery[]): readonly Recovery[] => {
  const ended = recoveries.filter((one) => !isOpen(one))
  const forgotten = new Set(ended.slice(0, Math.max(0, ended.length - KEPT_ENDED)))
  return recoveries.filter((one) => !forgotten.has(one))
}

/** Blobs of shares that were handed over for this request. */
const handedShares = ({ answers }: Recovery): readonly string[] =>
  answers.flatMap(({ shareHash }) => shareHash ?? [])

export interface Ending {
  readonly command: Command
  readonly state: (typeof END_STATES)[number]
}

/**
 * Whether the end is to be known beside the keys as well, where older records do not bring it back. One that nobody answered
 * could release nothing; noting those too, strangers could fill the list.
 */
const isNoted = ({ answers }: Recovery, state: Ending['state']): boolean =>
  state === 'vetoed' || answers.length > 0

/** Puts a request into its end state, its shares marked for erasure, without a word to anyone. `at`: Unix ms. */
export const closeRecovery = (
  account: Account,
  recovery: Recovery,
  { command, state }: Ending,
  at: number,
): Account => {
  const ended = moved(recovery, command, state, { endedAt: at, contestedUntil: null })
  const { recovery: id } = recovery
  const known = isNoted(recovery, state) ? erasing(account, [{ what: 'request', recovery: id }]) : account
  const next = withRecovery(known, ended)
  // Shares are of no use to anyone now; the answers themselves stay for the owner to read.
  return erasingBlobs({ ...next, recoveries: bounded(next.recoveries) }, handedShares(ended))
}

const announcedEnd = (
  account: Account,
  before: Account,
  recovery: Recovery,
  state: Ending['state'],
  at: number,
): Account => {
  const id = recovery.recovery
  const told = [...toCircle(before, recovery), toRequester(before, id)]
  return noticed(
    logged(account, at, 'recovery-ended', { recovery: id, state }),
    at,
    'recovery-ended',
    told,
    id,
  )
}

/**
 * Ends a request at `at` (Unix ms): logged, told to owner, contacts and requester, its shares marked for erasure.
 *
 * [Note: A contested veto counts however the request ends] Otherwise a thief would cancel, or let be evicted, what the owner
 * has vetoed, and go on without back-off.
 */
export const endRecovery = (
  account: Account,
  recovery: Recovery,
  ending: Ending,
  at: number,
  settings: BackOffSettings,
): Account => {
  const isVetoed = ending.state === 'vetoed' || recovery.state === 'contested'
  const backOff = isVetoed
    ? withVeto(account.backOff, recovery.subject, at, settings, ending.command === 'veto-key')
    : account.backOff
  const closed = closeRecovery({ ...account, backOff }, recovery, ending, at)
  return announcedEnd(closed, account, recovery, ending.state, at)
}

/** Ends a request because another one was completed, which clears all back-off: hence none is counted. */
export const supersedeRecovery = (account: Account, recovery: Recovery, at: number): Account =>
  announcedEnd(
    closeRecovery(account, recovery, { command: 'supersede', state: 'superseded' }, at),
    account,
    recovery,
    'superseded',
    at,
  )
