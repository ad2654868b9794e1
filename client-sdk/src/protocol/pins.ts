/**
 * What a contact's device remembers of an owner's circle, so that nobody can show it an older one. PROTOCOL.md, "Accept".
 */
import type { ActivationBody, Core } from './circle.ts'
import { HoldfastError } from './errors.ts'
import type { PublicIdentity } from './schema.ts'

/** One epoch as a contact pinned it: enough to open and use its share, and nothing secret. */
export interface SharePin {
  readonly owner: string
  readonly ownerIdentity: PublicIdentity
  readonly circle: string
  readonly epoch: number
  readonly coreHash: string
  readonly slot: number
  readonly x: number
  readonly checkKey: string
  /** Hash of this contact's own entry. */
  readonly entry: string
}

/** At most one active and one pending epoch per owner. */
export interface OwnerPins {
  readonly active: SharePin | null
  readonly pending: SharePin | null
}

export const NO_PINS: OwnerPins = { active: null, pending: null }

/** Throws `stale_circle` when a core is older than what is pinned, or denies that there was an epoch before. */
export const refuseStale = (pins: OwnerPins, core: Core, coreHash: string): void => {
  if (coreHash === pins.active?.coreHash || coreHash === pins.pending?.coreHash) return
  const highest = Math.max(pins.active?.epoch ?? 0, pins.pending?.epoch ?? 0)
  // Deleting a circle does not make the next one first: `previous` is never null again.
  const restarted = pins.active !== null && core.previous === null
  if (core.epoch <= highest || restarted) throw new HoldfastError('stale_circle')
}

/** The pins once this epoch was accepted: it takes the place of a pending one. Throws `stale_circle` for an older one. */
export const pinPending = (pins: OwnerPins, pin: SharePin): OwnerPins => {
  if (pin.coreHash === pins.active?.coreHash) return pins
  const highest = Math.max(pins.active?.epoch ?? 0, pins.pending?.epoch ?? 0)
  if (pin.coreHash !== pins.pending?.coreHash && pin.epoch <= highest) throw new HoldfastError('stale_circle')
  return { active: pins.active, pending: pin }
}

/** The pins once a verified record made the pending epoch active. Throws `stale_circle` for any other epoch. */
export const pinActive = (pins: OwnerPins, record: ActivationBody): OwnerPins => {
  if (record.coreHash === pins.active?.coreHash) return pins
  if (record.coreHash !== pins.pending?.coreHash) throw new HoldfastError('stale_circle')
  return { active: pins.pending, pending: null }
}
