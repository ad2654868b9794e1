/**
 * Opening a request for recovery. PROTOCOL.md, "Recover", step 1.
 */
import { toBase64url } from './bytes.ts'
import { requestHash } from './core-hash.ts'
import { HoldfastError } from './errors.ts'
import { acceptableIdentity, identityFromSeed, publicHalf, type IdentityKeys } from './identity.ts'
import { readSelfSigned } from './message.ts'
import { platformRandomness } from './randomness.ts'
import { recoveryBody, type RecoveryBody } from './recovery.ts'
import type { PublicIdentity, Signed } from './schema.ts'
import { Secret } from './secret.ts'
import { signMessage } from './signing.ts'
import { keyHash, ticketHash } from './ticket-hash.ts'

/**
 * One-use keys of a requester, to be kept until the recovery is complete. `ticketKeys` goes to the app's backend, which puts
 * it into the ticket.
 */
export const makeRequester = async (
  random: (length: number) => Uint8Array = platformRandomness.bytes,
): Promise<{
  readonly recovery: string
  readonly requesterSeed: Secret
  readonly requester: IdentityKeys
  readonly ticketKeys: string
}> => {
  const recovery = toBase64url(random(16))
  const requesterSeed = Secret.of(random(32))
  const requester = await identityFromSeed(requesterSeed)
  return { recovery, requesterSeed, requester, ticketKeys: keyHash(publicHalf(requester)) }
}

/**
 * The signed request, and the hash that everything later is bound to. `nextIdentity`: after theft, the identity that the
 * account moves to; null otherwise. Throws `malformed` if that does not fit the cause.
 */
export const buildRequest = async (input: {
  readonly app: string
  readonly account: string
  readonly recovery: string
  readonly requester: IdentityKeys
  readonly cause: 'lost' | 'stolen'
  readonly nextIdentity: PublicIdentity | null
  readonly ticket: string
}): Promise<{ readonly request: Signed; readonly requestHash: string }> => {
  const { app, account, recovery, requester, cause, nextIdentity, ticket } = input
  const body: RecoveryBody = {
    app,
    account,
    recovery,
    requester: publicHalf(requester),
    cause,
    nextIdentity,
    ticketHash: ticketHash(ticket),
  }
  if (!fitsCause(body)) throw new HoldfastError('malformed')
  const request = await signMessage('recovery', body, requester.signing.seed)
  return { request, requestHash: requestHash(request) }
}

const fitsCause = ({ cause, nextIdentity }: RecoveryBody): boolean =>
  (cause === 'stolen') === (nextIdentity !== null)

/**
 * Reads a request. It proves only that its sender holds the keys it names. Throws `malformed`, `signature_rejected`, or
 * `key_rejected` for keys that may not be registered.
 */
export const readRequest = async (
  request: Signed,
): Promise<RecoveryBody & { readonly requestHash: string }> => {
  const body = await readSelfSigned('recovery', request, recoveryBody, (said) => said.requester.signing)
  if (!fitsCause(body)) throw new HoldfastError('malformed')
  const { requester, nextIdentity } = body
  if (!acceptableIdentity(requester)) throw new HoldfastError('key_rejected')
  if (nextIdentity !== null && !acceptableIdentity(nextIdentity)) throw new HoldfastError('key_rejected')
  return { ...body, requestHash: requestHash(request) }
}
