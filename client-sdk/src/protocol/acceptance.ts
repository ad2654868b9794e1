/**
 * Accepting and declining shares. PROTOCOL.md, "Accept", step 4.
 */
import type { CheckKey } from './check-key.ts'
import { acceptanceBody, slotDeclineBody, type AcceptanceBody, type SlotDeclineBody } from './circle.ts'
import { canonicalize } from './encoding.ts'
import { HoldfastError } from './errors.ts'
import type { IdentityKeys } from './identity.ts'
import { readMessage } from './message.ts'
import type { SharePin } from './pins.ts'
import type { Signed } from './schema.ts'
import { signMessage, signText, verifyText } from './signing.ts'

/** The text that the check key signs: the same for service, contacts and owner, without the contact's name. */
export const acceptanceProofText = (place: {
  readonly coreHash: string
  readonly epoch: number
  readonly slot: number
}): string => canonicalize({ coreHash: place.coreHash, epoch: place.epoch, slot: place.slot })

/** "I hold a share that opens." The body of `acceptShare`. */
export const signAcceptance = async (input: {
  readonly pin: SharePin
  readonly checkKey: CheckKey
  readonly account: string
  readonly identity: IdentityKeys
}): Promise<{ readonly message: Signed; readonly proof: string }> => {
  const { pin, checkKey, account, identity } = input
  const { owner, circle, epoch, coreHash, slot } = pin
  const body = { owner, circle, epoch, coreHash, slot, contact: account }
  return {
    message: await signMessage('acceptance', body, identity.signing.seed),
    proof: await signText('acceptance-proof', acceptanceProofText(pin), checkKey.seed),
  }
}

/**
 * Verifies an acceptance for the slot it names. Throws `signature_rejected`, `malformed`, or `acceptance_rejected` when it is
 * about another circle, epoch, slot or contact.
 */
export const verifyAcceptance = async (input: {
  readonly message: Signed
  readonly proof: string
  readonly owner: string
  readonly circle: string
  readonly epoch: number
  readonly coreHash: string
  readonly slot: number
  readonly checkKey: string
  readonly contact: string
  /** The contact's signing key. */
  readonly contactSigning: string
}): Promise<AcceptanceBody> => {
  const { message, proof, contactSigning, checkKey } = input
  const body = await readMessage('acceptance', message, acceptanceBody, contactSigning)
  for (const field of ['owner', 'circle', 'epoch', 'coreHash', 'slot', 'contact'] as const)
    if (body[field] !== input[field]) throw new HoldfastError('acceptance_rejected')
  if (!(await verifyText('acceptance-proof', acceptanceProofText(input), proof, checkKey)))
    throw new HoldfastError('signature_rejected')
  return body
}

/** "I do not want this share." The body of `declineShare`. */
export const signSlotDecline = async (input: {
  readonly owner: string
  readonly coreHash: string
  readonly slot: number
  readonly account: string
  readonly identity: IdentityKeys
}): Promise<{ readonly message: Signed }> => {
  const { owner, coreHash, slot, account, identity } = input
  const body = { owner, coreHash, slot, contact: account }
  return { message: await signMessage('slot-decline', body, identity.signing.seed) }
}

/** Verifies a decline under the contact's signing key. Throws `signature_rejected` or `malformed`. */
export const readSlotDecline = (message: Signed, contactSigning: string): Promise<SlotDeclineBody> =>
  readMessage('slot-decline', message, slotDeclineBody, contactSigning)
