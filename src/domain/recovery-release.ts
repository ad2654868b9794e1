/**
 * Release, which nothing but a pull brings about, and the one write in whose condition every rule stands.
 * PROTOCOL.md, "Recover", step 7.
 */
import type { ReleaseBody } from '@holdfast/client/protocol'
import type { Account, Recovery } from './account.ts'
import { changed, type Decision, refused, type Refused, unchanged } from './decision.ts'
import { logged, noticed, toRequester } from './journal.ts'
import {
  circleOf,
  findRecovery,
  isOpen,
  liveApprovals,
  releasableAt,
  toCircle,
  withRecovery,
} from './recovery.ts'
import { moved } from './transitions.ts'

/**
 * The earliest time of release as far as the requester may know (Unix ms): one waiting period after the t-th answer of any
 * kind. Null before that answer.
 */
export const earliestAt = ({ answeredAt, policy }: Recovery): number | null =>
  answeredAt === null ? null : answeredAt + policy.waitingSeconds * 1000

/** How much longer than the requester already knows is not said: it would tell an alarm from an approval. */
const notYet = (recovery: Recovery, now: number): Refused => {
  const at = earliestAt(recovery)
  return at === null || at <= now ? refused('not_releasable') : refused('not_releasable', at - now)
}

/**
 * Releases a request on its requester's pull; verified under its one-use key. The value is the request, whose live approvals
 * are to be handed out. A repeat is unchanged. The write holds only at or after `notBefore`, on the store's clock.
 * Refuses `recovery_ended`, `already_completed`, `not_releasable`.
 */
export const releaseRecovery = (
  account: Account,
  { body }: { readonly body: ReleaseBody },
  now: number,
): Decision<Recovery> => {
  const recovery = findRecovery(account, body.recovery)
  if (body.account !== account.id || recovery === undefined) return refused('recovery_ended')
  if (recovery.state === 'completed') return refused('already_completed')
  if (!isOpen(recovery)) return refused('recovery_ended')
  if (recovery.state === 'released') return unchanged(recovery)
  const notBefore = releasableAt(recovery)
  const isDue =
    (recovery.state === 'waiting' || recovery.state === 'releasable') &&
    notBefore !== null &&
    notBefore <= now &&
    // Both follow from the state. They stand here for the day on which something else is wrong.
    liveApprovals(recovery).length >= recovery.policy.threshold &&
    circleOf(account, recovery) !== null
  if (!isDue) return notYet(recovery, now)
  const released = moved(recovery, 'release', 'released', { releasedAt: now })
  const id = recovery.recovery
  const next = logged(withRecovery(account, released), now, 'recovery-released', { recovery: id })
  const told = [...toCircle(next, released), toRequester(next, id)]
  return changed(noticed(next, now, 'recovery-released', told, id), released, { notBefore })
}
