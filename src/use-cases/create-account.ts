/** Registers an account: the identity that it will be known by, and its first device. */
import { HoldfastError, keyHash, readDevice, readIdentity } from '@holdfast/client/protocol'
import { registerAccount } from '../domain/accounts.ts'
import { refused } from '../domain/decision.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const createAccount: UseCase<'createAccount'> = async (deps, { body }) => {
  const identity = await readIdentity(body.identity)
  const device = await readDevice(body.device, identity.identity.signing)
  const { app, account: id } = identity
  const claims = await deps.tickets.read(body.ticket, await deps.records.now())
  // Bound to these very keys, so that a ticket that leaked registers nobody else under the account's id.
  const isMeant =
    claims !== null &&
    claims.purpose === 'register' &&
    claims.iss === app &&
    claims.account === id &&
    claims.keys === keyHash(identity.identity)
  if (!isMeant) throw new HoldfastError('ticket_rejected')
  const registration = {
    identity: { body: identity, statement: body.identity },
    device: { body: device, statement: body.device },
  }
  const { account } = await transact(deps, { account: id }, (known, now) => {
    if (known.identity !== null && known.app !== app) return refused('account_exists')
    return registerAccount({ ...known, app }, registration, now)
  })
  return { revision: account.revision }
}
