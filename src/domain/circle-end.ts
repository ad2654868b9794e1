/**
 * How an epoch ends: withdrawn while pending, deleted, spent by a recovery, or followed by the next. With each end goes what
 * could open it. PROTOCOL.md, "Accept" and "Recover", step 9.
 */
import type { Account, PendingEpoch, Recovery } from './account.ts'
import type { BackOffSettings } from './back-off.ts'
import { toContactsOf, withCircle } from './circle-audience.ts'
import { blobsOf, erasingBlobs } from './circle-blobs.ts'
import { erasing, logged, noticed, toOwner } from './journal.ts'
import { circleOf, isOpen } from './recovery.ts'
import { endRecovery } from './recovery-ending.ts'

/** Why a pending change ended without taking effect. */
export type CancelReason =
  /** Withdrawn by identity key or veto key. */
  | 'withdrawn'
  /** Too many contacts declined for the acceptance rule to be met. */
  | 'declined'
  /** The owner proposed a newer epoch. */
  | 'replaced'
  /** A recovery was completed. */
  | 'recovered'
  /** Contacts stated that the phone was stolen. */
  | 'stolen'

/** Open requests of the active epoch, oldest first. Those of a spent epoch, and decoys, belong to none. */
export const openRequestsOf = (account: Account): readonly Recovery[] =>
  account.recoveries.filter((recovery) => isOpen(recovery) && circleOf(account, recovery) !== null)

/** Ends the open requests of the active epoch, which is about to go; their requesters, the contacts and the owner are told. */
export const supersedeRequests = (account: Account, now: number, settings: BackOffSettings): Account =>
  openRequestsOf(account).reduce(
    (next, recovery) =>
      endRecovery(next, recovery, { command: 'supersede', state: 'superseded' }, now, settings),
    account,
  )

/**
 * Takes a pending epoch and a pending deletion away and puts `successor` in their place. Ciphertexts that the successor names
 * too are kept.
 */
export const replacePending = (
  account: Account,
  successor: PendingEpoch | null,
  now: number,
  reason: CancelReason,
): Account => {
  const { active, pending, deletion } = account.circle
  let next = withCircle(account, { pending: successor, deletion: null })
  if (pending !== null) {
    const { epoch, coreHash } = pending
    next = logged(next, now, 'change-cancelled', { kind: 'epoch', epoch, coreHash, reason })
    next = erasing(next, [{ what: 'factor', epoch }])
    next = erasingBlobs(next, blobsOf(pending))
  }
  if (deletion !== null) next = logged(next, now, 'change-cancelled', { kind: 'deletion', reason })
  if (pending === null && deletion === null) return next
  return noticed(next, now, 'change-cancelled', [toOwner(account), ...toContactsOf(active, pending)])
}

/** Takes a pending epoch and a pending deletion away, as far as there are any; the same account otherwise. */
export const cancelPending = (account: Account, now: number, reason: CancelReason): Account =>
  account.circle.pending === null && account.circle.deletion === null
    ? account
    : replacePending(account, null, now, reason)

/** Takes the active epoch away, with its factor's key and its ciphertexts. The next epoch still follows it in the chain. */
const withoutActive = (account: Account, coolsBy: number | null): Account => {
  const { active } = account.circle
  if (active === null) return account
  const next = withCircle(account, { active: null, deletion: null, coolsBy })
  return erasingBlobs(erasing(next, [{ what: 'factors-below', epoch: active.epoch + 1 }]), blobsOf(active))
}

/**
 * Ends the circle because a recovery was completed: the epoch is spent, pending changes go, and the recovered owner's next
 * epoch cools no more than a first one. The caller has ended the open requests and tells people of the recovery.
 */
export const endCircle = (account: Account, now: number): Account => {
  const { active } = account.circle
  const cancelled = cancelPending(account, now, 'recovered')
  if (active === null) return cancelled
  const { epoch, coreHash } = active
  return logged(withoutActive(cancelled, null), now, 'epoch-spent', { epoch, coreHash })
}

/** Ends the circle because its owner asked to and the request has cooled. The next epoch cools as this one's would have. */
export const deleteCircle = (account: Account, now: number, settings: BackOffSettings): Account => {
  const { active } = account.circle
  if (active === null) return account
  const { epoch, coreHash, policy } = active
  const gone = withoutActive(supersedeRequests(account, now, settings), policy.coolingSeconds)
  const told = [toOwner(account), ...toContactsOf(active)]
  return noticed(logged(gone, now, 'circle-deleted', { epoch, coreHash }), now, 'circle-deleted', told)
}
