/** Takes the requester's nonce for a comparison of codes, given after its user's tap. */
import { readSessionAnswer } from '@holdfast/client/protocol'
import { requesterView } from '../domain/present-recovery.ts'
import { answerSession as decide } from '../domain/recovery-sessions.ts'
import { requesterOf } from './authorise.ts'
import { refuseOtherRequest, requestOf } from './requests.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const answerSession: UseCase<'answerSession'> = async (deps, input) => {
  const caller = requesterOf(input.caller)
  const { message } = input.body
  const body = await readSessionAnswer(message, caller.key)
  refuseOtherRequest(caller, body)
  const target = { account: caller.account, caller }
  const { account, now } = await transact(deps, target, (own, at) => decide(own, { body, message }, at))
  return requesterView(account, requestOf(account, caller), now)
}
