/**
 * The end of a recovery that went well. PROTOCOL.md, "Recover", step 9.
 */
import { HoldfastError } from './errors.ts'
import { canonicalize } from './encoding.ts'
import { publicHalf, type IdentityKeys } from './identity.ts'
import { parseBody } from './message.ts'
import { sameIdentity } from './read-manifest.ts'
import { completionBody, type CompletionBody, type CompletionMessage } from './recovery.ts'
import type { PublicIdentity } from './schema.ts'
import { signText, verifyText } from './signing.ts'

/** One text, signed by the one-use key, the recovered identity key and, after theft, the next identity's key. */
export const buildCompletion = async (input: {
  readonly account: string
  readonly recovery: string
  readonly coreHash: string
  readonly requester: IdentityKeys
  /** The identity that came back. */
  readonly identity: IdentityKeys
  /** After theft: the identity that the request named. Null otherwise. */
  readonly next: IdentityKeys | null
  /** Public signing key of the new device. */
  readonly device: string
}): Promise<CompletionMessage> => {
  const { account, recovery, coreHash, requester, identity, next, device } = input
  const body: CompletionBody = {
    account,
    recovery,
    coreHash,
    recovered: publicHalf(identity),
    next: next === null ? null : publicHalf(next),
    device,
  }
  const text = canonicalize(body)
  const sign = (keys: IdentityKeys): Promise<string> => signText('completion', text, keys.signing.seed)
  return {
    body: text,
    signatures: {
      request: await sign(requester),
      identity: await sign(identity),
      next: next === null ? null : await sign(next),
    },
  }
}

/**
 * Verifies a completion against what was known before: the request's keys, the core's owner, the identity to move to.
 * Throws `malformed`, or `signature_rejected` for any key, name or signature that is not the expected one.
 */
export const verifyCompletion = async (input: {
  readonly completion: CompletionMessage
  readonly account: string
  readonly recovery: string
  readonly coreHash: string
  /** The request's one-use keys and, after theft, its next identity. */
  readonly requester: PublicIdentity
  readonly nextIdentity: PublicIdentity | null
  /** The owner's keys of the core. */
  readonly owner: PublicIdentity
}): Promise<CompletionBody> => {
  const { completion, account, recovery, coreHash, requester, nextIdentity, owner } = input
  const { body: text, signatures } = completion
  const body = parseBody(text, completionBody)
  const same = body.account === account && body.recovery === recovery && body.coreHash === coreHash
  const next =
    body.next === null
      ? nextIdentity === null
      : nextIdentity !== null && sameIdentity(body.next, nextIdentity)
  if (
    !same ||
    !next ||
    !sameIdentity(body.recovered, owner) ||
    (signatures.next === null) !== (body.next === null)
  )
    throw new HoldfastError('signature_rejected')
  const signed = [
    verifyText('completion', text, signatures.request, requester.signing),
    verifyText('completion', text, signatures.identity, owner.signing),
  ]
  if (body.next !== null && signatures.next !== null)
    signed.push(verifyText('completion', text, signatures.next, body.next.signing))
  if ((await Promise.all(signed)).includes(false)) throw new HoldfastError('signature_rejected')
  return body
}
