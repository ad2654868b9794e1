/**
 * The record that makes an epoch active for its contacts. PROTOCOL.md, "Accept", step 6.
 */
import { acceptanceProofText } from './acceptance.ts'
import { activationBody, type ActivationBody, type Core } from './circle.ts'
import { coreHash } from './core-hash.ts'
import { HoldfastError } from './errors.ts'
import { readMessage } from './message.ts'
import type { Signed } from './schema.ts'
import type { Secret } from './secret.ts'
import { signMessage, verifyText } from './signing.ts'

/** The service's record. `activatedAt`: Unix ms of the store's clock. */
export const signActivation = (body: ActivationBody, serviceSeed: Secret): Promise<Signed> =>
  signMessage('activation', body, serviceSeed)

/**
 * Verifies a record: the service's signature, and acceptances by as many check keys as the policy asks, so that the service
 * cannot activate an epoch that its contacts never accepted. Throws `signature_rejected`, `malformed`, or
 * `activation_rejected` when the record is about another epoch or shows too few.
 */
export const verifyActivation = async (input: {
  readonly record: Signed
  readonly core: Core
  /** The service's signing key. */
  readonly service: string
}): Promise<ActivationBody> => {
  const { record, core, service } = input
  const body = await readMessage('activation', record, activationBody, service)
  const hash = coreHash(core)
  const same = body.account === core.account && body.circle === core.circle && body.epoch === core.epoch
  const slots = new Set(body.proofs.map((proof) => proof.slot))
  const enough = slots.size === body.proofs.length && slots.size >= core.policy.acceptances
  if (!same || body.coreHash !== hash || !enough) throw new HoldfastError('activation_rejected')
  const sound = await Promise.all(
    body.proofs.map(async ({ slot, signature }) => {
      const key = core.slots[slot - 1]?.checkKey
      const text = acceptanceProofText({ coreHash: hash, epoch: core.epoch, slot })
      return key !== undefined && (await verifyText('acceptance-proof', text, signature, key))
    }),
  )
  if (sound.includes(false)) throw new HoldfastError('activation_rejected')
  return body
}
