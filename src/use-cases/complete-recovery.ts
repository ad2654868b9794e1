/** Ends a recovery that went well: the device registered, the epoch spent. PROTOCOL.md, "Recover", step 9. */
import {
  type BodyOf,
  HoldfastError,
  readDevice,
  readIdentity,
  sameIdentity,
  verifyCompletion,
} from '@holdfast/client/protocol'
import type { Account, Recovery } from '../domain/account.ts'
import { type Completion, completeRecovery as decide, refuseState } from '../domain/recovery-completion.ts'
import { requesterOf } from './authorise.ts'
import { requestOf } from './requests.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const completeRecovery: UseCase<'completeRecovery'> = async (deps, input) => {
  const caller = requesterOf(input.caller)
  const { account } = await transact(deps, { account: caller.account, caller }, async (own, now) => {
    const recovery = requestOf(own, caller)
    // Before the signatures: after theft the identity has changed, and a repeat is to learn that all is done.
    return refuseState(recovery) ?? decide(own, await completionOf(own, recovery, input.body), now)
  })
  return { revision: account.revision }
}

const completionOf = async (
  own: Account,
  { recovery, coreHash, requester, nextIdentity }: Recovery,
  { completion, device, identity }: BodyOf<'completeRecovery'>,
): Promise<Completion> => {
  if (own.identity === null) throw new HoldfastError('not_released')
  const owner = own.identity.keys
  const known = { account: own.id, recovery, coreHash, requester, nextIdentity, owner }
  const body = await verifyCompletion({ completion, ...known })
  if ((identity === null) !== (nextIdentity === null)) throw new HoldfastError('malformed')
  const next = nextIdentity ?? owner
  const stated = identity === null ? null : await readIdentity(identity)
  const isStated = stated === null || (stated.account === own.id && stated.app === own.app)
  if (stated !== null && (!isStated || !sameIdentity(stated.identity, next)))
    throw new HoldfastError('signature_rejected')
  return {
    body,
    identity: stated === null || identity === null ? null : { keys: stated.identity, statement: identity },
    device: { body: await readDevice(device, next.signing), statement: device },
  }
}
