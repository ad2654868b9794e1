/** Signs in: by a device key, or by the one-use key of a request. */
import { HoldfastError, type SignInBody, readSelfSigned, signInBody } from '@holdfast/client/protocol'
import { isCurrent } from './authorise.ts'
import { readChallenge } from './challenges.ts'
import type { Caller } from './ports.ts'
import { readSettled } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const createSession: UseCase<'createSession'> = async (deps, { body: { message } }) => {
  const { keys, records, tokens } = deps
  const body = await readSelfSigned('sign-in', message, signInBody, ({ key }) => key)
  // An answer that was given to another service, which would pass it on here.
  if (body.service !== keys.signing.publicKey) throw new HoldfastError('signature_rejected')
  const now = await records.now()
  const challenge = readChallenge(body.challenge, body.account, now, keys.challenge)
  const isFirst =
    challenge !== null && (await records.claim(`challenge:${challenge.nonce}`, challenge.expiresAt))
  if (!isFirst) throw new HoldfastError('challenge_rejected')
  const caller = callerOf(body)
  // As time has made it: whether a sweep has come by must not decide who may sign in.
  const { account } = await readSettled(deps, { account: body.account })
  // Unknown account, unknown request and foreign key all look the same.
  if (!isCurrent(account, caller)) throw new HoldfastError('signature_rejected')
  return tokens.issue(caller, now)
}

const callerOf = ({ account, recovery, key }: SignInBody): Caller =>
  recovery === null ? { role: 'device', account, device: key } : { role: 'requester', account, recovery, key }
