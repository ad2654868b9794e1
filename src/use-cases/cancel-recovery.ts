/** Ends a request from its own side. */
import { readCancel } from '@holdfast/client/protocol'
import { cancelRecovery as decide } from '../domain/recovery-veto.ts'
import { requesterOf } from './authorise.ts'
import { refuseOtherRequest } from './requests.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const cancelRecovery: UseCase<'cancelRecovery'> = async (deps, input) => {
  const caller = requesterOf(input.caller)
  const body = await readCancel(input.body.message, caller.key)
  refuseOtherRequest(caller, body)
  await transact(deps, { account: caller.account, caller }, (own, now) =>
    decide(own, { body }, now, deps.settings),
  )
  // The account's own revision would show a stranger that there is an account with a past.
  return { revision: 0 }
}
