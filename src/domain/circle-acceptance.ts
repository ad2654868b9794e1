/**
 * A contact's answer to a share that was offered. PROTOCOL.md, "Accept". The caller has verified the message under the
 * contact's identity key and an acceptance's proof under the slot's check key.
 */
import type { AcceptanceBody, Signed, SlotDeclineBody } from '@holdfast/client/protocol'
import type { Account, Epoch, Slot } from './account.ts'
import { withCircle } from './circle-audience.ts'
import { type CircleSettings, settleCircle } from './circle-change.ts'
import { cancelPending } from './circle-end.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed, toOwner } from './journal.ts'

export interface Acceptance {
  readonly body: AcceptanceBody
  readonly message: Signed
  /** The check key's signature over the acceptance proof. */
  readonly proof: string
}

export interface SlotDecline {
  readonly body: SlotDeclineBody
  readonly message: Signed
}

interface Place {
  readonly stage: 'active' | 'pending'
  readonly epoch: Epoch
  readonly slot: Slot
}

/** Where this contact stands in the pending and in the active epoch, in that order. */
const placesOf = ({ circle }: Account, contact: string): readonly Place[] =>
  (['pending', 'active'] as const).flatMap((stage) => {
    const epoch = circle[stage]
    const slot = epoch?.slots.find((one) => one.contact === contact)
    return epoch === null || slot === undefined ? [] : [{ stage, epoch, slot }]
  })

type Answer = Pick<AcceptanceBody, 'owner' | 'contact' | 'coreHash' | 'slot'>

/** `not_found` for whoever is no contact; `acceptance_rejected` for a contact whose message names another epoch or slot. */
const placeOf = (account: Account, body: Answer): Place | 'not_found' | 'acceptance_rejected' => {
  const places = body.owner === account.id ? placesOf(account, body.contact) : []
  if (places.length === 0) return 'not_found'
  const isMeant = ({ epoch, slot }: Place): boolean =>
    epoch.coreHash === body.coreHash && slot.slot === body.slot
  return places.find(isMeant) ?? 'acceptance_rejected'
}

/**
 * The check key (base64url) that an acceptance's proof must verify under, or null where {@link acceptShare} refuses anyway.
 */
export const acceptanceKeyOf = (account: Account, body: AcceptanceBody): string | null => {
  const place = placeOf(account, body)
  return typeof place === 'string' ? null : place.slot.checkKey
}

const withSlot = (account: Account, { stage, epoch, slot }: Place, fields: Partial<Slot>): Account => {
  const slots = epoch.slots.map((one) => (one.slot === slot.slot ? { ...one, ...fields } : one))
  const { pending, active } = account.circle
  return stage === 'pending'
    ? withCircle(account, { pending: pending && { ...pending, slots } })
    : withCircle(account, { active: active && { ...active, slots } })
}

/**
 * Keeps an acceptance; if the rule is met and nothing cools, the epoch is active with the same write. An active epoch takes
 * late acceptances too. The same again is unchanged. Refuses `not_found`, `acceptance_rejected` (another epoch or slot, or
 * declined before: the owner was told, and proposes anew).
 */
export const acceptShare = (
  account: Account,
  { body, message, proof }: Acceptance,
  now: number,
  settings: CircleSettings,
): Decision => {
  const place = placeOf(account, body)
  if (typeof place === 'string') return refused(place)
  const { epoch, slot } = place
  const isOpen = slot.state !== 'declined' && body.epoch === epoch.epoch && body.circle === epoch.circle
  if (!isOpen) return refused('acceptance_rejected')
  if (slot.state === 'accepted') return unchanged()
  let next = withSlot(account, place, { state: 'accepted', acceptance: { message, proof } })
  next = logged(next, now, 'share-accepted', { epoch: epoch.epoch, slot: slot.slot })
  next = noticed(next, now, 'share-accepted', [toOwner(next)])
  const settled = settleCircle(next, now, settings)
  return changed(
    settled.account,
    undefined,
    settled.notBefore === null ? {} : { notBefore: settled.notBefore },
  )
}

/**
 * Keeps a decline and tells the owner. One that leaves too few contacts for the acceptance rule ends the pending epoch. What
 * was accepted can still be declined while it is pending, not in an active epoch, where others rely on it. The same again is
 * unchanged. Refuses `not_found`, `acceptance_rejected`.
 */
export const declineShare = (account: Account, { body }: SlotDecline, now: number): Decision => {
  const place = placeOf(account, body)
  if (typeof place === 'string') return refused(place)
  const { stage, epoch, slot } = place
  if (slot.state === 'declined') return unchanged()
  if (stage === 'active' && slot.state === 'accepted') return refused('acceptance_rejected')
  let next = withSlot(account, place, { state: 'declined', acceptance: null })
  next = logged(next, now, 'share-declined', { epoch: epoch.epoch, slot: slot.slot })
  next = noticed(next, now, 'share-declined', [toOwner(next)])
  const left = epoch.slots.filter((one) => one.state !== 'declined' && one.slot !== slot.slot)
  const isHopeless = stage === 'pending' && left.length < epoch.policy.acceptances
  return changed(isHopeless ? cancelPending(next, now, 'declined') : next)
}
