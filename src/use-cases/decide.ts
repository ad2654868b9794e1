/** Takes a contact's answer to a request: approve, decline, or alarm. PROTOCOL.md, "Recover", step 4. */
import {
  HoldfastError,
  decisionBody,
  fromBase64url,
  parseBody,
  readDecision,
  readMessage,
  verifyDecisionProof,
} from '@holdfast/client/protocol'
import { answerRequest } from '../domain/recovery-answers.ts'
import { findRecovery, slotOf } from '../domain/recovery.ts'
import { blobOf } from './blobs.ts'
import { contactOf, refuseOther } from './contacts.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const decide: UseCase<'decide'> = async (deps, { caller, body: { message, proof, sealed } }) => {
  const contact = await contactOf(deps, caller)
  // Whom it is for; believed only once it is verified, below.
  const body = parseBody(message.body, decisionBody)
  refuseOther(contact, body.contact)
  const share = sealed === null ? null : fromBase64url(sealed)
  if (sealed !== null && share === null) throw new HoldfastError('malformed')
  const { value } = await transact(
    deps,
    { account: body.owner, app: contact.app },
    async (owner, now) => {
      const recovery = findRecovery(owner, body.recovery)
      const slot = recovery === undefined ? null : slotOf(owner, recovery, contact.account)
      const contactSigning = contact.keys.signing
      if (slot === null) {
        await readMessage('decision', message, decisionBody, contactSigning)
        // Refused below in any case; the same work, so that its time does not show who is whose contact.
        await verifyDecisionProof(body, proof ?? message.signature, deps.keys.signing.publicKey)
      } else {
        await readDecision({ message, proof, sealed, contactSigning, checkKey: slot.checkKey })
      }
      return answerRequest(owner, { body, message, proof, contact: contact.account }, now, deps.settings)
    },
    share === null ? [] : [blobOf(body.owner, share)],
  )
  return { revision: value }
}
