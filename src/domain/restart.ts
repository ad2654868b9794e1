/**
 * What a restore from a backup does to an account. Older records do not know what was vetoed, withdrawn or told since: whatever
 * waits in them waits anew, in sight of everybody, and nothing takes effect at once. PROTOCOL.md, "Recover", step 5.
 */
import type { Account, Recovery } from './account.ts'
import { coolingUntil } from './circle-change.ts'
import { logged, noticed } from './journal.ts'
import { isOpen, liveApprovals, toCircle, withRecovery } from './recovery.ts'
import { moved } from './transitions.ts'

/** A change that was under way cools for a whole period more: it may have been withdrawn since. */
const cooledAnew = (account: Account, restoredAt: number): Account => {
  const { active, pending, deletion, coolsBy } = account.circle
  const change = deletion ?? pending
  if (change === null || change.coolsAt === null || change.proposedAt >= restoredAt) return account
  const seconds = active?.policy.coolingSeconds ?? coolsBy ?? 0
  const coolsAt = Math.max(change.coolsAt, restoredAt + seconds * 1000)
  return coolsAt === change.coolsAt ? account : coolingUntil(account, restoredAt, { coolsAt })
}

const isConcerned = (recovery: Recovery, restoredAt: number): boolean =>
  isOpen(recovery) &&
  // Without a quorum nothing runs that could be over too soon.
  recovery.state !== 'collecting' &&
  recovery.openedAt < restoredAt &&
  (recovery.restoredAt ?? 0) < restoredAt

/** Released ones too: if that recovery was completed since, or cancelled, what is pulled once more may not be the owner's. */
const waitingAnew = (account: Account, recovery: Recovery, restoredAt: number): Account => {
  const id = recovery.recovery
  const told = (next: Recovery): Account => {
    const entered = logged(withRecovery(account, next), restoredAt, 'recovery-restarted', { recovery: id })
    return noticed(entered, restoredAt, 'recovery-restarted', toCircle(entered, next), id)
  }
  if (recovery.state === 'contested') return told(moved(recovery, 'restore', 'contested', { restoredAt }))
  // Approvals may have moved on after a release; whatever else waits has its quorum.
  const isQuorum =
    recovery.state !== 'released' || liveApprovals(recovery).length >= recovery.policy.threshold
  const fields = { restoredAt, releasedAt: null, reminded: isQuorum ? ['quorum'] : [] }
  return told(
    isQuorum
      ? moved(recovery, 'restore', 'waiting', fields)
      : moved(recovery, 'restore', 'collecting', { ...fields, quorumAt: null }),
  )
}

/**
 * The account as it is to be after the records were restored at `restoredAt` (store's clock, Unix ms; null: never). The very
 * same account where nothing is left to be done: applied to every read, it changes each account once.
 */
export const restarted = (account: Account, restoredAt: number | null): Account =>
  restoredAt === null
    ? account
    : account.recoveries
        .filter((recovery) => isConcerned(recovery, restoredAt))
        .reduce((next, recovery) => waitingAnew(next, recovery, restoredAt), cooledAnew(account, restoredAt))
