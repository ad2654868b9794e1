/** Ends a device and its sessions. */
import { deviceRevocationBody, readMessage } from '@holdfast/client/protocol'
import { revokeDevice as decide } from '../domain/accounts.ts'
import { deviceOf } from './authorise.ts'
import { signingKeyOf } from './signers.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const revokeDevice: UseCase<'revokeDevice'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { message } = input.body
  const { account } = await transact(deps, { account: caller.account, caller }, async (own, now) => {
    const body = await readMessage('device-revocation', message, deviceRevocationBody, signingKeyOf(own))
    return decide(own, body, now)
  })
  return { revision: account.revision }
}
