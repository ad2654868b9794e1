/** Shows a requester its request: no more than it may know before release. */
import { requesterView } from '../domain/present-recovery.ts'
import { requesterOf } from './authorise.ts'
import { requestOf } from './requests.ts'
import { readSettled } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const readRecovery: UseCase<'readRecovery'> = async (deps, input) => {
  const caller = requesterOf(input.caller)
  const { account, now } = await readSettled(deps, { account: caller.account, caller })
  return requesterView(account, requestOf(account, caller), now)
}
