/** Withdraws a pending epoch or deletion, by identity key or by the active epoch's veto key. */
import { changeCancelBody, parseBody } from '@holdfast/client/protocol'
import { cancelChange as decide, cancelKeysOf } from '../domain/circle-consent.ts'
import { requireSignature } from './signers.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const cancelChange: UseCase<'cancelChange'> = async (deps, { body: { message } }) => {
  const body = parseBody(message.body, changeCancelBody)
  const { account } = await transact(deps, { account: body.account }, async (own, now) => {
    const [first = null, second = null] = cancelKeysOf(own)
    await requireSignature('change-cancel', message, [first, second], deps.keys)
    return decide(own, body, now)
  })
  return { revision: account.revision }
}
