/**
 * Changes of a circle: consenting, withdrawing, ending. PROTOCOL.md, "Change".
 */
import {
  changeCancelBody,
  countersignBody,
  deletionBody,
  type ChangeCancelBody,
  type CountersignBody,
  type DeletionBody,
} from './circle.ts'
import type { IdentityKeys } from './identity.ts'
import { readMessage } from './message.ts'
import type { Signed } from './schema.ts'
import type { Secret } from './secret.ts'
import { signMessage } from './signing.ts'

/** A current contact's consent to a change before it has cooled. The body of `countersignChange`. */
export const countersign = async (input: {
  readonly owner: string
  readonly activeCoreHash: string
  /** The contact's slot in the active epoch. */
  readonly slot: number
  /** H(core) of the pending epoch. */
  readonly coreHash: string
  readonly account: string
  readonly identity: IdentityKeys
}): Promise<{ readonly message: Signed }> => {
  const { owner, activeCoreHash, slot, coreHash, account, identity } = input
  const body = { owner, contact: account, activeCoreHash, slot, coreHash }
  return { message: await signMessage('countersign', body, identity.signing.seed) }
}

/** Throws `signature_rejected` or `malformed`. */
export const readCountersign = (message: Signed, contactSigning: string): Promise<CountersignBody> =>
  readMessage('countersign', message, countersignBody, contactSigning)

/** Withdraws a pending epoch or deletion. `seed`: of the identity's signing key or of the veto key. */
export const signChangeCancel = async (input: {
  readonly account: string
  /** H(core) of the pending epoch; of the active one for a pending deletion. */
  readonly coreHash: string
  readonly seed: Secret
}): Promise<{ readonly message: Signed }> => {
  const { account, coreHash, seed } = input
  return { message: await signMessage('change-cancel', { account, coreHash }, seed) }
}

/** `key`: the identity's signing key or the veto key. Throws `signature_rejected` or `malformed`. */
export const readChangeCancel = (message: Signed, key: string): Promise<ChangeCancelBody> =>
  readMessage('change-cancel', message, changeCancelBody, key)

/** Asks that the circle ends. */
export const signDeletion = async (input: {
  readonly account: string
  readonly circle: string
  readonly epoch: number
  readonly coreHash: string
  readonly identity: IdentityKeys
}): Promise<{ readonly message: Signed }> => {
  const { account, circle, epoch, coreHash, identity } = input
  const body = { account, circle, epoch, coreHash }
  return { message: await signMessage('deletion', body, identity.signing.seed) }
}

/** Throws `signature_rejected` or `malformed`. */
export const readDeletion = (message: Signed, ownerSigning: string): Promise<DeletionBody> =>
  readMessage('deletion', message, deletionBody, ownerSigning)
