/**
 * Messages that end a request or pull its release. PROTOCOL.md, "Recover", steps 6 and 7.
 */
import type { IdentityKeys } from './identity.ts'
import { readMessage } from './message.ts'
import {
  cancelBody,
  releaseBody,
  vetoBody,
  type CancelBody,
  type ReleaseBody,
  type VetoBody,
} from './recovery.ts'
import type { Signed } from './schema.ts'
import type { Secret } from './secret.ts'
import { signMessage } from './signing.ts'

/** Stops a request. `seed`: of the identity's signing key, or of the veto key, as `by` says. */
export const signVeto = async (input: {
  readonly account: string
  readonly recovery: string
  readonly by: VetoBody['by']
  readonly seed: Secret
}): Promise<{ readonly message: Signed }> => {
  const { account, recovery, by, seed } = input
  return { message: await signMessage('veto', { account, recovery, by }, seed) }
}

/** `key`: the identity's signing key or the veto key. Throws `signature_rejected` or `malformed`. */
export const readVeto = (message: Signed, key: string): Promise<VetoBody> =>
  readMessage('veto', message, vetoBody, key)

interface OwnRequest {
  readonly account: string
  readonly recovery: string
  readonly requester: IdentityKeys
}

/** Ends a request from its own side. */
export const signCancel = async (input: OwnRequest): Promise<{ readonly message: Signed }> => {
  const { account, recovery, requester } = input
  return { message: await signMessage('cancel', { account, recovery }, requester.signing.seed) }
}

/** Throws `signature_rejected` or `malformed`. */
export const readCancel = (message: Signed, requesterSigning: string): Promise<CancelBody> =>
  readMessage('cancel', message, cancelBody, requesterSigning)

/** Pulls the release. */
export const signRelease = async (input: OwnRequest): Promise<{ readonly message: Signed }> => {
  const { account, recovery, requester } = input
  return { message: await signMessage('release', { account, recovery }, requester.signing.seed) }
}

/** Throws `signature_rejected` or `malformed`. */
export const readRelease = (message: Signed, requesterSigning: string): Promise<ReleaseBody> =>
  readMessage('release', message, releaseBody, requesterSigning)
