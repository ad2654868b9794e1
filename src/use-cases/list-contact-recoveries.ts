/** Shows a contact the requests that it may answer. */
import { contactOf } from './contacts.ts'
import { recoveriesFor } from './contact-recoveries.ts'
import type { UseCase } from './use-cases.ts'

export const listContactRecoveries: UseCase<'listContactRecoveries'> = async (deps, { caller }) =>
  recoveriesFor(deps, await contactOf(deps, caller))
