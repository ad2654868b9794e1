/** Accepts a share: proof that it opens, and with the last one needed the epoch is active. */
import {
  acceptanceBody,
  acceptanceProofText,
  HoldfastError,
  readMessage,
  verifyText,
} from '@holdfast/client/protocol'
import { acceptShare as decide, acceptanceKeyOf } from '../domain/circle-acceptance.ts'
import { contactOf, refuseOther } from './contacts.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const acceptShare: UseCase<'acceptShare'> = async (deps, { caller, body: { message, proof } }) => {
  const contact = await contactOf(deps, caller)
  const body = await readMessage('acceptance', message, acceptanceBody, contact.keys.signing)
  refuseOther(contact, body.contact)
  const target = { account: body.owner, app: contact.app }
  const { account } = await transact(deps, target, async (owner, now) => {
    const key = acceptanceKeyOf(owner, body)
    // Under some key in any case: how long a refusal takes does not show who is whose contact.
    const checkKey = key ?? deps.keys.signing.publicKey
    const holds = await verifyText('acceptance-proof', acceptanceProofText(body), proof, checkKey)
    if (key !== null && !holds) throw new HoldfastError('signature_rejected')
    return decide(owner, { body, message, proof }, now, deps.settings)
  })
  return { revision: account.revision }
}
