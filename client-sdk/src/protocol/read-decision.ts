/**
 * Reading a contact's answer, by the service and by the requester. PROTOCOL.md, "Recover", step 4.
 */
import { fromBase64url } from './bytes.ts'
import { blobHash } from './core-hash.ts'
import { canonicalize } from './encoding.ts'
import { HoldfastError } from './errors.ts'
import { readMessage } from './message.ts'
import { decisionBody, type DecisionBody, type DecisionProofBody } from './recovery.ts'
import type { Signed } from './schema.ts'
import { verifyText } from './signing.ts'

/** The part of an answer that the check key signs. */
export const decisionProofOf = (body: DecisionProofBody): DecisionProofBody => {
  const { requestHash, coreHash, epoch, slot, sequence, decision, stolen, shareHash } = body
  return { requestHash, coreHash, epoch, slot, sequence, decision, stolen, shareHash }
}

/** Whether the check key signed this answer. */
export const verifyDecisionProof = (
  body: DecisionProofBody,
  proof: string,
  checkKey: string,
): Promise<boolean> => verifyText('decision-proof', canonicalize(decisionProofOf(body)), proof, checkKey)

/**
 * The service reads an answer: identity key, check key, and that the sealed share is the one that both signed. Throws
 * `signature_rejected`, `malformed`, or `approval_rejected` when approval, share and proof do not go together. Whether it
 * belongs to an open request, and to this slot, is the domain's to say.
 */
export const readDecision = async (input: {
  readonly message: Signed
  readonly proof: string | null
  readonly sealed: string | null
  readonly contactSigning: string
  /** Of the slot that this contact holds in the request's epoch. */
  readonly checkKey: string
}): Promise<{ readonly body: DecisionBody; readonly sealed: Uint8Array | null }> => {
  const { message, proof, contactSigning, checkKey } = input
  const body = await readMessage('decision', message, decisionBody, contactSigning)
  const approves = body.decision === 'approve'
  const sealed = input.sealed === null ? null : fromBase64url(input.sealed)
  const whole = approves ? sealed !== null && proof !== null : input.sealed === null && !body.stolen
  if (!whole || body.shareHash !== (sealed === null ? null : blobHash(sealed)))
    throw new HoldfastError('approval_rejected')
  if (proof !== null && !(await verifyDecisionProof(body, proof, checkKey)))
    throw new HoldfastError('signature_rejected')
  return { body, sealed }
}
