/**
 * The request that a requester's token names.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import type { Account, Recovery } from '../domain/account.ts'
import { findRecovery } from '../domain/recovery.ts'
import type { RequesterCaller } from './authorise.ts'

/** Throws `session_expired` once the request is forgotten. */
export const requestOf = (account: Account, { recovery }: RequesterCaller): Recovery => {
  const found = findRecovery(account, recovery)
  if (found === undefined) throw new HoldfastError('session_expired')
  return found
}

/** Refuses a message that one requester signs about another request. Throws `signature_rejected`. */
export const refuseOtherRequest = (
  caller: RequesterCaller,
  said: { readonly account?: string; readonly recovery: string },
): void => {
  const isOwn = said.recovery === caller.recovery && (said.account ?? caller.account) === caller.account
  if (!isOwn) throw new HoldfastError('signature_rejected')
}
