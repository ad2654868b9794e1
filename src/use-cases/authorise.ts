/**
 * Whether whoever a session token names may still act: asked on every call, every join of a room and every event.
 */
import { HoldfastError } from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import type { Caller, Records } from './ports.ts'

export type DeviceCaller = Extract<Caller, { readonly role: 'device' }>
export type RequesterCaller = Extract<Caller, { readonly role: 'requester' }>

/** Whether `account` still knows the device, or the request, that the token was issued for. */
export const isCurrent = (account: Account, caller: Caller): boolean =>
  caller.role === 'device'
    ? account.identity !== null && account.devices.some(({ device }) => device === caller.device)
    : account.recoveries.some(
        ({ recovery, requester }) => recovery === caller.recovery && requester.signing === caller.key,
      )

/**
 * The account of a caller who is still what the token says: a registered device (a recovery for theft drops all of them), or
 * a request that is still known, open or ended. Throws `session_expired`.
 */
export const currentCaller = async (
  { records }: { readonly records: Records },
  caller: Caller,
): Promise<Account> => {
  const loaded = await records.load(caller.account)
  if (loaded === null || !isCurrent(loaded.account, caller)) throw new HoldfastError('session_expired')
  return loaded.account
}

/** The signed-in device of an operation that asks for one. Throws `sign_in_required`. */
export const deviceOf = (caller: Caller | null): DeviceCaller => {
  if (caller?.role !== 'device') throw new HoldfastError('sign_in_required')
  return caller
}

/** The signed-in requester of an operation that asks for one. Throws `sign_in_required`. */
export const requesterOf = (caller: Caller | null): RequesterCaller => {
  if (caller?.role !== 'requester') throw new HoldfastError('sign_in_required')
  return caller
}
