/**
 * Under which keys a message counts. Every check is made against the account as it is when the change is made.
 */
import { HoldfastError, type Signed, type SignedType, verifyText } from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import type { ServiceKeys } from './ports.ts'

/** The identity's signing key. Throws `signature_rejected` for an account that nobody registered. */
export const signingKeyOf = ({ identity }: Account): string => {
  if (identity === null) throw new HoldfastError('signature_rejected')
  return identity.keys.signing
}

/**
 * Throws `signature_rejected` unless `message` is signed by one of `keys`. Where a key is missing, another is tried in its
 * place and its answer ignored: how long a refusal takes does not show which accounts there are, or who has a veto key.
 */
export const requireSignature = async (
  type: SignedType,
  message: Signed,
  keys: readonly (string | null)[],
  { signing }: ServiceKeys,
): Promise<void> => {
  const checks = keys.map(async (key) => {
    const holds = await verifyText(type, message.body, message.signature, key ?? signing.publicKey)
    return key !== null && holds
  })
  if (!(await Promise.all(checks)).includes(true)) throw new HoldfastError('signature_rejected')
}
