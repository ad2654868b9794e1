/**
 * When a pending change of the circle takes effect. PROTOCOL.md, "Accept".
 */
import type { ActivationBody } from '@holdfast/client/protocol'
import type { Account, Epoch, PendingEpoch } from './account.ts'
import type { BackOffSettings } from './back-off.ts'
import { toContactsOf, withCircle } from './circle-audience.ts'
import { blobsOf, erasingBlobs } from './circle-blobs.ts'
import { deleteCircle, openRequestsOf, supersedeRequests } from './circle-end.ts'
import { erasing, logged, noticed, toOwner } from './journal.ts'
import { liveApprovals } from './recovery.ts'

/** What an operator may set about circles; a part of the service's settings. */
export interface CircleSettings extends BackOffSettings {
  readonly waitingSeconds: { readonly min: number; readonly max: number }
  readonly coolingSeconds: { readonly min: number; readonly max: number }
  readonly collectingSeconds: { readonly min: number; readonly max: number }
  /** By how much a request without an approval may delay a change, once. */
  readonly delaySeconds: number
}

export interface SettledCircle {
  readonly account: Account
  /** The instant without which this would not hold (Unix ms); null if time had no part in it. */
  readonly notBefore: number | null
}

/** Whether the acceptances that the policy asks for are in. */
const isAccepted = ({ slots, policy }: PendingEpoch): boolean =>
  slots.filter(({ state }) => state === 'accepted').length >= policy.acceptances

/**
 * Whether the contacts' consent spares the change its cooling: t current contacts who hold a share, and each contact whom the
 * change removes. A contact who never accepted counts among the removed, but not among the t.
 */
const isConsented = (active: Epoch, { slots, countersigned }: PendingEpoch): boolean => {
  const stay = new Set(slots.map(({ contact }) => contact))
  const consents = ({ slot }: { readonly slot: number }): boolean => countersigned.includes(slot)
  const holders = active.slots.filter((one) => one.state === 'accepted' && consents(one))
  const removed = active.slots.filter(({ contact }) => !stay.has(contact))
  return holders.length >= active.policy.threshold && removed.every(consents)
}

type Gate = 'open' | 'delayed' | 'blocked'

/** What unended requests of the active epoch do to a change: with a live approval they block it. */
const gateOf = (account: Account): Gate => {
  const requests = openRequestsOf(account)
  if (requests.some((request) => liveApprovals(request).length > 0)) return 'blocked'
  return requests.length > 0 ? 'delayed' : 'open'
}

/** From when on the change may take effect, requests aside; null while acceptances are missing. */
const readyAt = ({ circle }: Account): number | null => {
  const { active, pending, deletion } = circle
  if (deletion !== null) return deletion.coolsAt
  if (pending === null || !isAccepted(pending)) return null
  const { coolsAt, delayed, proposedAt } = pending
  if (coolsAt === null) return proposedAt
  // Consent ends cooling, not the delay that an open request has got.
  return !delayed && active !== null && isConsented(active, pending) ? proposedAt : coolsAt
}

/**
 * The instant at which time alone moves the pending change on (Unix ms; perhaps past: then at once). Null if there is none, if
 * acceptances are missing, or while an approved request blocks it: then only another decision can move it.
 */
export const changeDueAt = (account: Account): number | null => {
  const at = readyAt(account)
  // A delay once given stands, also when the request that caused it is over: a thief could evict that one with its own.
  return at === null || gateOf(account) === 'blocked' ? null : at
}

/** The pending change with another end of cooling, in sight of owner and contacts. */
export const coolingUntil = (
  account: Account,
  now: number,
  change: { readonly coolsAt: number; readonly delayed?: true },
): Account => {
  const { active, pending, deletion } = account.circle
  const next =
    deletion === null
      ? withCircle(account, { pending: pending && { ...pending, ...change } })
      : withCircle(account, { deletion: { ...deletion, ...change } })
  const kind = deletion === null ? 'epoch' : 'deletion'
  const told = [toOwner(account), ...toContactsOf(active)]
  const { coolsAt } = change
  return noticed(logged(next, now, 'change-delayed', { kind, coolsAt }), now, 'change-delayed', told)
}

const activated = (
  account: Account,
  pending: PendingEpoch,
  now: number,
  settings: CircleSettings,
): Account => {
  const { active } = account.circle
  const { coolsAt: _coolsAt, delayed: _delayed, countersigned: _countersigned, ...proposed } = pending
  const { circle, epoch, coreHash } = pending
  let next = withCircle(supersedeRequests(account, now, settings), {
    active: { ...proposed, activatedAt: now },
    pending: null,
    lastCoreHash: coreHash,
    coolsBy: null,
  })
  // [Note: The old factor goes with activation] Who was removed still has a share; without the factor it opens nothing.
  next = erasing(next, [{ what: 'factors-below', epoch }])
  if (active !== null) next = erasingBlobs(next, blobsOf(active))
  next = logged(next, now, 'epoch-activated', { circle, epoch, coreHash })
  return noticed(next, now, 'epoch-activated', [toOwner(account), ...toContactsOf(pending, active)])
}

/**
 * Lets the pending epoch or deletion take effect if all that it needs is there at `now`, or delays it once. The write must
 * hold `notBefore`, and the revision: an approval that comes in between makes it void.
 */
export const settleCircle = (account: Account, now: number, settings: CircleSettings): SettledCircle => {
  const { pending, deletion } = account.circle
  const change = deletion ?? pending
  const dueAt = changeDueAt(account)
  if (change === null || dueAt === null || dueAt > now) return { account, notBefore: null }
  const byTime = dueAt === change.coolsAt
  if (gateOf(account) === 'delayed' && !change.delayed) {
    // From the moment at which it would otherwise take effect, which the last acceptance or consent may have chosen: counted
    // from the end of cooling, whoever holds that back could end a request that has just been opened.
    const until = now + settings.delaySeconds * 1000
    const delayed = coolingUntil(account, now, { coolsAt: until, delayed: true })
    if (until > now) return { account: delayed, notBefore: byTime ? dueAt : null }
  }
  const next =
    deletion === null && pending !== null
      ? activated(account, pending, now, settings)
      : deleteCircle(account, now, settings)
  return { account: next, notBefore: byTime ? dueAt : null }
}

/**
 * The record that an active epoch is active, to be signed by the service. Follows from the stored epoch alone; acceptances
 * that come in later add to its proofs. Throws a RangeError for a pending epoch: whoever signed that would lie.
 */
export const activationBodyOf = (account: Account, epoch: Epoch): ActivationBody => {
  if (epoch.activatedAt === null) throw new RangeError('The epoch is not active.')
  return {
    account: account.id,
    circle: epoch.circle,
    epoch: epoch.epoch,
    coreHash: epoch.coreHash,
    activatedAt: epoch.activatedAt,
    proofs: epoch.slots.flatMap(({ slot, acceptance }) =>
      acceptance === null ? [] : [{ slot, signature: acceptance.proof }],
    ),
  }
}
