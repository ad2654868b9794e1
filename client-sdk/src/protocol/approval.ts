/**
 * A contact's answer to a request. PROTOCOL.md, "Recover", step 4.
 */
import { toBase64url, utf8 } from './bytes.ts'
import type { CheckKey } from './check-key.ts'
import type { Confirmed } from './codes.ts'
import { blobHash } from './core-hash.ts'
import { canonicalize } from './encoding.ts'
import { HoldfastError } from './errors.ts'
import type { IdentityKeys } from './identity.ts'
import { openShare } from './offer.ts'
import type { SharePin } from './pins.ts'
import { platformRandomness, type Randomness } from './randomness.ts'
import type { DecisionKind, DecisionProofBody } from './recovery.ts'
import { readRequest } from './request.ts'
import type { Signed } from './schema.ts'
import { handedShareContext } from './seal-context.ts'
import { signMessage, signText } from './signing.ts'

/** The body of the operation `decide`. */
export interface SignedDecision {
  readonly message: Signed
  readonly proof: string | null
  /** The share sealed to the requester, base64url; null unless approved. */
  readonly sealed: string | null
}

/** What every answer is about. */
interface Question {
  readonly pin: SharePin
  readonly request: Signed
  readonly account: string
  readonly identity: IdentityKeys
  /** Exceeds that of every answer this contact gave to this request. */
  readonly sequence: number
}

const requestFor = async (request: Signed, pin: SharePin) => {
  const read = await readRequest(request)
  if (read.account !== pin.owner) throw new HoldfastError('approval_rejected')
  return read
}

const signDecision = async (
  { pin, account, identity }: Question,
  recovery: string,
  proofBody: DecisionProofBody,
  checkKey: CheckKey | null,
): Promise<{ readonly message: Signed; readonly proof: string | null }> => {
  const body = { owner: pin.owner, recovery, contact: account, ...proofBody }
  const message = await signMessage('decision', body, identity.signing.seed)
  const text = canonicalize(proofBody)
  return { message, proof: checkKey === null ? null : await signText('decision-proof', text, checkKey.seed) }
}

/**
 * Approves: opens the share, holds it against the pin and seals it to the requester whose code was compared. `confirmed` comes
 * from {@link confirmCode} on this contact's side. Throws `codes_unconfirmed` when that was about another request, core or
 * slot; `share_rejected`, `approval_rejected`, `signature_rejected`, `malformed`.
 */
export const buildApproval = async (
  input: Question & {
    readonly confirmed: Confirmed
    /** The share as the owner sealed it, base64url. */
    readonly sealed: string
    /** "Their phone was stolen": told to this contact by voice. */
    readonly stolen: boolean
    readonly randomness?: Randomness
  },
): Promise<SignedDecision & { readonly proof: string; readonly sealed: string }> => {
  const { pin, confirmed, account, identity, sequence, stolen } = input
  const { coreHash, epoch, slot } = pin
  const { requester, recovery, requestHash } = await requestFor(input.request, pin)
  const compared = confirmed.requestHash === requestHash && confirmed.coreHash === coreHash
  if (!compared || confirmed.slot !== slot || confirmed.checkKey !== pin.checkKey)
    throw new HoldfastError('codes_unconfirmed')
  const opened = await openShare({ pin, sealed: input.sealed, account, identity })
  const share = toBase64url(opened.share.bytes)
  const plaintext = utf8(canonicalize({ share, owner: pin.ownerIdentity, coreHash, epoch }))
  const { seal } = input.randomness ?? platformRandomness
  const sealed = await seal(requester.sealing, plaintext, handedShareContext(coreHash, slot, requestHash))
  opened.share.bytes.fill(0)
  plaintext.fill(0)
  const proofBody: DecisionProofBody = {
    requestHash,
    coreHash,
    epoch,
    slot,
    sequence,
    decision: 'approve',
    stolen,
    shareHash: blobHash(sealed),
  }
  const signed = await signDecision(input, recovery, proofBody, opened.checkKey)
  return { message: signed.message, proof: signed.proof as string, sealed: toBase64url(sealed) }
}

/** Declines, or says "this isn't them". Needs no code and no share; with the check key at hand, it is proven like an approval. */
export const buildRefusal = async (
  input: Question & {
    readonly decision: Exclude<DecisionKind, 'approve'>
    readonly checkKey: CheckKey | null
  },
): Promise<SignedDecision & { readonly sealed: null }> => {
  const { pin, decision, sequence, checkKey } = input
  const { coreHash, epoch, slot } = pin
  const { recovery, requestHash } = await requestFor(input.request, pin)
  const answer = { sequence, decision, stolen: false, shareHash: null }
  const proofBody: DecisionProofBody = { requestHash, coreHash, epoch, slot, ...answer }
  return { ...(await signDecision(input, recovery, proofBody, checkKey)), sealed: null }
}
