/**
 * The messages of a comparison of codes. PROTOCOL.md, "Codes".
 */
import { toBase64url } from './bytes.ts'
import { codeCommitment, codesOf, type Codes } from './codes.ts'
import { HoldfastError } from './errors.ts'
import type { IdentityKeys } from './identity.ts'
import { readMessage } from './message.ts'
import { platformRandomness } from './randomness.ts'
import {
  sessionAnswerBody,
  sessionOutcomeBody,
  sessionRevealBody,
  sessionStartBody,
  type SessionAnswerBody,
  type SessionOutcomeBody,
  type SessionRevealBody,
  type SessionStartBody,
  type Transcript,
} from './recovery.ts'
import type { Signed } from './schema.ts'
import { bytesOf32 } from './seal-context.ts'
import { signMessage } from './signing.ts'

/** Which comparison: request, slot, and the how-manieth try of that slot (1…3). */
export interface Attempt {
  readonly recovery: string
  readonly slot: number
  readonly attempt: number
}

type Random = (length: number) => Uint8Array

const attemptOf = ({ recovery, slot, attempt }: Attempt): Attempt => ({ recovery, slot, attempt })

/** The contact begins. `contactNonce` (base64url) stays on this device until the answer is there. */
export const startCodes = async (
  input: Attempt & {
    readonly transcript: Transcript
    readonly identity: IdentityKeys
    readonly random?: Random
  },
): Promise<{ readonly message: Signed; readonly contactNonce: string; readonly commitment: string }> => {
  const nonce = (input.random ?? platformRandomness.bytes)(32)
  const commitment = codeCommitment(input.transcript, nonce)
  const body = { ...attemptOf(input), mode: 'codes', commitment }
  return {
    message: await signMessage('session-start', body, input.identity.signing.seed),
    contactNonce: toBase64url(nonce),
    commitment,
  }
}

/** The contact begins with 60 digits or QR codes instead: there is nothing to answer or reveal. */
export const startDigits = async (
  input: Attempt & { readonly identity: IdentityKeys },
): Promise<{ readonly message: Signed }> => {
  const body = { ...attemptOf(input), mode: 'digits' }
  return { message: await signMessage('session-start', body, input.identity.signing.seed) }
}

/** The requester answers, only after its user said "I'm talking to someone". It keeps `requesterNonce` (base64url). */
export const answerCodes = async (
  input: Attempt & {
    readonly commitment: string
    readonly requester: IdentityKeys
    readonly random?: Random
  },
): Promise<{ readonly message: Signed; readonly requesterNonce: string }> => {
  const requesterNonce = toBase64url((input.random ?? platformRandomness.bytes)(32))
  const body = { ...attemptOf(input), commitment: input.commitment, nonce: requesterNonce }
  return {
    message: await signMessage('session-answer', body, input.requester.signing.seed),
    requesterNonce,
  }
}

/**
 * The contact opens its commitment and learns the codes. Once per start: a second answer to the same commitment would be a
 * second try for whoever stands in the middle. Throws `signature_rejected` unless the requester of the transcript signed the
 * answer, `session_conflict` when it answers another comparison, or `malformed`.
 */
export const revealCodes = async (
  input: Attempt & {
    readonly transcript: Transcript
    readonly contactNonce: string
    /** The requester's one-use signing key, from the request that the transcript names. */
    readonly requesterSigning: string
    readonly answer: Signed
    readonly identity: IdentityKeys
  },
): Promise<{ readonly message: Signed; readonly codes: Codes }> => {
  const { transcript, contactNonce, requesterSigning, answer, identity } = input
  const said = await readMessage('session-answer', answer, sessionAnswerBody, requesterSigning)
  const mine = codeCommitment(transcript, bytesOf32(contactNonce))
  const sameTry = said.recovery === input.recovery && said.slot === input.slot
  if (!sameTry || said.attempt !== input.attempt || said.commitment !== mine)
    throw new HoldfastError('session_conflict')
  const body = { ...attemptOf(input), nonce: contactNonce }
  return {
    message: await signMessage('session-reveal', body, identity.signing.seed),
    codes: codesOf({ transcript, contactNonce, requesterNonce: said.nonce }),
  }
}

/** The contact says whether the code it typed was right. */
export const concludeCodes = async (
  input: Attempt & { readonly matched: boolean; readonly identity: IdentityKeys },
): Promise<{ readonly message: Signed }> => {
  const body = { ...attemptOf(input), matched: input.matched }
  return { message: await signMessage('session-outcome', body, input.identity.signing.seed) }
}

/** Readers for the service: each throws `signature_rejected` or `malformed`. */
export const readSessionStart = (message: Signed, contactSigning: string): Promise<SessionStartBody> =>
  readMessage('session-start', message, sessionStartBody, contactSigning)
export const readSessionAnswer = (message: Signed, requesterSigning: string): Promise<SessionAnswerBody> =>
  readMessage('session-answer', message, sessionAnswerBody, requesterSigning)
export const readSessionReveal = (message: Signed, contactSigning: string): Promise<SessionRevealBody> =>
  readMessage('session-reveal', message, sessionRevealBody, contactSigning)
export const readSessionOutcome = (message: Signed, contactSigning: string): Promise<SessionOutcomeBody> =>
  readMessage('session-outcome', message, sessionOutcomeBody, contactSigning)
