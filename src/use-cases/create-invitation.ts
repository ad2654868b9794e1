/** Opens an invitation. Its secret stays in the link. */
import { invitationBody, readMessage } from '@holdfast/client/protocol'
import { refused } from '../domain/decision.ts'
import { createInvitation as decide } from '../domain/invitations.ts'
import { deviceOf } from './authorise.ts'
import { signingKeyOf } from './signers.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const createInvitation: UseCase<'createInvitation'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { message } = input.body
  const { value } = await transact(deps, { account: caller.account, caller }, async (own, now) => {
    const body = await readMessage('invitation', message, invitationBody, signingKeyOf(own))
    return body.account === own.id ? decide(own, body, now) : refused('signature_rejected')
  })
  return { invitation: value.invitation, expiresAt: value.expiresAt, answer: value.answer }
}
