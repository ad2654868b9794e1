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
import { deviceOf } from './authorise.ts'
import { blobOf } from './blobs.ts'
import { refuseOther, transactAsContact } from './contacts.ts'
import type { UseCase } from './use-cases.ts'

export const decide: UseCase<'decide'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { message, proof, sealed } = input.body
  // Whom it is for; believed only once it is verified, below.
  const body = parseBody(message.body, decisionBody)
  refuseOther(caller, body.contact)
  const share = sealed === null ? null : fromBase64url(sealed)
  if (sealed !== null && share === null) throw new HoldfastError('malformed')
  const { value } = await transactAsContact(
    deps,
    { owner: body.owner, caller },
    async (owner, contact, now) => {
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
