/**
 * What hastens, withdraws or asks for a change of the circle. PROTOCOL.md, "Accept". Messages are verified by the caller.
 */
import type { ChangeCancelBody, CountersignBody, DeletionBody, Signed } from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import { toContactsOf, withCircle } from './circle-audience.ts'
import { type CircleSettings, settleCircle } from './circle-change.ts'
import { cancelPending } from './circle-end.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed, toOwner } from './journal.ts'

/**
 * A current contact's consent to the pending epoch, signed by that contact's identity key. With enough of them the epoch need
 * not cool; a deletion cools in any case. The same again is unchanged. Refuses `not_found`, `change_not_pending`.
 */
export const countersignChange = (
  account: Account,
  body: CountersignBody,
  now: number,
  settings: CircleSettings,
): Decision => {
  const { active, pending } = account.circle
  const isContact = active?.slots.some(({ contact, slot }) => contact === body.contact && slot === body.slot)
  if (body.owner !== account.id || active === null || isContact !== true) return refused('not_found')
  if (body.activeCoreHash !== active.coreHash || body.coreHash !== pending?.coreHash)
    return refused('change_not_pending')
  if (pending.countersigned.includes(body.slot)) return unchanged()
  const countersigned = [...pending.countersigned, body.slot].toSorted((a, b) => a - b)
  let next = withCircle(account, { pending: { ...pending, countersigned } })
  next = logged(next, now, 'change-countersigned', { epoch: pending.epoch, slot: body.slot })
  const settled = settleCircle(next, now, settings)
  return changed(
    settled.account,
    undefined,
    settled.notBefore === null ? {} : { notBefore: settled.notBefore },
  )
}

/** The keys (base64url) under any of which a `change-cancel` counts: the identity key and the active epoch's veto key. */
export const cancelKeysOf = ({ identity, circle }: Account): readonly string[] =>
  [identity?.keys.signing, circle.active?.vetoKey].filter((key) => typeof key === 'string')

/** Withdraws the pending epoch, or deletion, that `body` names. Refuses `change_not_pending`. */
export const cancelChange = (account: Account, body: ChangeCancelBody, now: number): Decision => {
  const { active, pending, deletion } = account.circle
  const coreHash = deletion === null ? pending?.coreHash : active?.coreHash
  const isMeant = body.account === account.id && coreHash !== undefined && body.coreHash === coreHash
  return isMeant ? changed(cancelPending(account, now, 'withdrawn')) : refused('change_not_pending')
}

/**
 * Asks that the circle ends once the active policy's cooling period is over, in sight of the contacts. The same again is
 * unchanged. Refuses `no_circle`, `epoch_rejected` (names another than the active epoch), `change_pending` (an epoch is).
 */
export const requestDeletion = (
  account: Account,
  { body, message }: { readonly body: DeletionBody; readonly message: Signed },
  now: number,
): Decision => {
  const { active, pending, deletion } = account.circle
  if (active === null) return refused('no_circle')
  const isActive =
    body.account === account.id &&
    body.circle === active.circle &&
    body.epoch === active.epoch &&
    body.coreHash === active.coreHash
  if (!isActive) return refused('epoch_rejected')
  if (deletion !== null) return unchanged()
  if (pending !== null) return refused('change_pending')
  const coolsAt = now + active.policy.coolingSeconds * 1000
  let next = withCircle(account, {
    deletion: { statement: message, proposedAt: now, coolsAt, delayed: false },
  })
  next = logged(next, now, 'deletion-requested', { epoch: active.epoch, coreHash: active.coreHash, coolsAt })
  return changed(noticed(next, now, 'deletion-proposed', [toOwner(account), ...toContactsOf(active)]))
}
