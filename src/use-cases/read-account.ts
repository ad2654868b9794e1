/** Shows an owner the account. */
import { accountView } from '../domain/present-account.ts'
import { activationOf } from './activation.ts'
import { deviceOf } from './authorise.ts'
import { readSettled } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const readAccount: UseCase<'readAccount'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { account, now } = await readSettled(deps, { account: caller.account, caller })
  return accountView(account, now, await activationOf(account, deps.keys))
}
