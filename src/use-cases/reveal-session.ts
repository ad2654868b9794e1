/** Opens the contact's commitment of a comparison. */
import { readSessionReveal } from '@holdfast/client/protocol'
import { revealSession as decide } from '../domain/recovery-sessions.ts'
import { recoveriesFor } from './contact-recoveries.ts'
import { contactOf } from './contacts.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const revealSession: UseCase<'revealSession'> = async (deps, { caller, body: { owner, message } }) => {
  const contact = await contactOf(deps, caller)
  const body = await readSessionReveal(message, contact.keys.signing)
  await transact(deps, { account: owner, app: contact.app }, (account, now) =>
    decide(account, { body, message, contact: contact.account }, now),
  )
  return recoveriesFor(deps, contact)
}
