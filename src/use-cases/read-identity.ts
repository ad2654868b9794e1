/** Shows another account's identity statement, to compare safety numbers with. */
import { HoldfastError } from '@holdfast/client/protocol'
import { contactOf } from './contacts.ts'
import { readSettled } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const readIdentity: UseCase<'readIdentity'> = async (deps, { caller, params }) => {
  const { app } = await contactOf(deps, caller)
  const { account } = await readSettled(deps, { account: params.account, app })
  if (account.identity === null) throw new HoldfastError('not_found')
  return { account: account.id, statement: account.identity.statement }
}
