/** Asks that the circle ends. It cools like any change, in sight of the contacts. */
import { readDeletion } from '@holdfast/client/protocol'
import { requestDeletion } from '../domain/circle-consent.ts'
import { deviceOf } from './authorise.ts'
import { signingKeyOf } from './signers.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const deleteCircle: UseCase<'deleteCircle'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { message } = input.body
  const { account } = await transact(deps, { account: caller.account, caller }, async (own, now) => {
    const body = await readDeletion(message, signingKeyOf(own))
    return requestDeletion(own, { body, message }, now)
  })
  return { revision: account.revision }
}
