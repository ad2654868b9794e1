/**
 * Comparing codes from the contact's side. PROTOCOL.md, "Codes".
 */
import type { Client } from './client.ts'
import { type SoundRequest, type Which, current } from './contact-requests.ts'
import { type RecordOf, changeRecord, readRecord, upsert } from './device-state.ts'
import {
  type Codes,
  type ContactRecoveryView,
  type Digits,
  type ErrorCode,
  HoldfastError,
  codesOf,
  concludeCodes,
  digitsOf,
  parseBody,
  revealCodes,
  sessionAnswerBody,
  startCodes,
  startDigits,
  transcriptHash,
} from './protocol/index.ts'
import { isTypedCode } from './typed-code.ts'

type Comparison = RecordOf<'comparisons'>[number]

/** Codes that may be seen for one request. More would let a service in the middle try until they agree. */
const MAX_ATTEMPTS = 3
/** Comparisons remembered, of all requests that this device ever answered. */
const KEPT_COMPARISONS = 256

const isOf =
  (request: Pick<Comparison, 'owner' | 'recovery' | 'slot'>) =>
  (other: Comparison): boolean =>
    other.owner === request.owner && other.recovery === request.recovery && other.slot === request.slot

// [Note: One transcript] Under one id there is one request, and this device goes by the one whose code it began to compare.
// Otherwise a service could let people compare rightly and then list a request of its own, or look, once it knows both
// nonces, for one with the same code.
const sameOf = (
  all: readonly Comparison[] | null,
  request: SoundRequest,
  otherwise: ErrorCode,
): Comparison | undefined => {
  const found = all?.find(isOf(request))
  if (found !== undefined && found.transcript !== transcriptHash(request.transcript))
    throw new HoldfastError(otherwise)
  return found
}

/**
 * This request's comparison as this device knows it; undefined before the first. Throws `otherwise` if that was about another
 * request than the one that is now shown under its id, or another circle, slot or check key.
 */
export const comparisonOf = async (
  client: Client,
  request: SoundRequest,
  otherwise: ErrorCode = 'session_conflict',
): Promise<Comparison | undefined> =>
  sameOf(await readRecord(client.storage, 'comparisons'), request, otherwise)

const changeComparison = async (
  client: Client,
  request: SoundRequest,
  change: (known: Comparison | undefined) => Comparison,
): Promise<Comparison> => {
  const all = await changeRecord(client.storage, 'comparisons', (before) =>
    upsert(before, change(sameOf(before, request, 'session_conflict')), isOf(request)).slice(
      -KEPT_COMPARISONS,
    ),
  )
  return all.find(isOf(request)) as Comparison
}

/** One that was started and not answered may be started again under the same number; any other takes the next. */
const nextAttempt = ({ session }: ContactRecoveryView): number => {
  if (session === null) return 1
  return session.step === 'started' ? session.attempt : session.attempt + 1
}

const isGoingOn = (known: Comparison | undefined, { session }: ContactRecoveryView): known is Comparison =>
  known?.state === 'open' &&
  known.requesterNonce === null &&
  session?.mode === known.mode &&
  session.attempt === known.attempt &&
  (session.step === 'started' || session.step === 'answered')

const begin = async (
  client: Client,
  request: SoundRequest,
  started: Pick<Comparison, 'mode' | 'attempt' | 'nonce'>,
): Promise<void> => {
  const { owner, recovery, slot } = request
  const place = { owner, recovery, slot, transcript: transcriptHash(request.transcript) }
  await changeComparison(client, request, (before) => {
    const attempts = before?.attempts ?? 0
    if (attempts >= MAX_ATTEMPTS) throw new HoldfastError('codes_exhausted')
    // A code of 6 digits is seen when it is revealed, 60 digits at once.
    const counted = started.mode === 'digits' ? attempts + 1 : attempts
    return { ...started, ...place, attempts: counted, requesterNonce: null, state: 'open' }
  })
}

const numberFor = ({ view }: SoundRequest): number => {
  const attempt = nextAttempt(view)
  if (attempt > MAX_ATTEMPTS) throw new HoldfastError('codes_exhausted')
  return attempt
}

/**
 * Begins to compare 6-digit codes while talking to the person; one that is going on goes on. Three times at most for each
 * request. Throws `codes_exhausted` after that, and `session_conflict` where another request is now shown under this id.
 */
export const compare = async (client: Client, which: Which): Promise<{ readonly slot: number }> => {
  const request = await current(client, which)
  const { owner, recovery, slot, transcript, self, view } = request
  const known = await comparisonOf(client, request)
  if (known?.mode === 'codes' && isGoingOn(known, view)) return { slot }
  const attempt = numberFor(request)
  const place = { recovery, slot, attempt, identity: self.keys }
  const { message, contactNonce } = await startCodes({ ...place, transcript })
  await begin(client, request, { mode: 'codes', attempt, nonce: contactNonce })
  await client.call('startSession', { body: { owner, message } })
  return { slot }
}

/** The 60-digit form, for when both cannot be online together. `show` is for the other's device to type or scan. */
export const compareDigits = async (
  client: Client,
  which: Which,
): Promise<{ readonly slot: number; readonly show: { readonly digits: string; readonly qr: string } }> => {
  const request = await current(client, which)
  const { owner, recovery, slot, transcript, self, view } = request
  const { second, secondQr } = digitsOf(transcript)
  const answer = { slot, show: { digits: second, qr: secondQr } }
  const known = await comparisonOf(client, request)
  if (known?.mode === 'digits' && isGoingOn(known, view)) return answer
  const attempt = numberFor(request)
  const { message } = await startDigits({ recovery, slot, attempt, identity: self.keys })
  // After a lost answer the same comparison is begun again, and counts once.
  const isRepeat = known?.mode === 'digits' && known.state === 'open' && known.attempt === attempt
  if (!isRepeat) await begin(client, request, { mode: 'digits', attempt, nonce: null })
  await client.call('startSession', { body: { owner, message } })
  return answer
}

/**
 * Opens this side's commitment once the requester has answered. Null while it has not; true when the person can now type
 * the code that the caller reads out. Repeating it is harmless.
 */
export const reveal = async (client: Client, which: Which): Promise<true | null> => {
  const request = await current(client, which)
  const known = await comparisonOf(client, request)
  const { session } = request.view
  if (known === undefined || known.nonce === null) throw new HoldfastError('session_conflict')
  const answer = session?.attempt === known.attempt ? session.answer : null
  if (session === null || answer === null) return known.requesterNonce === null ? null : true
  const { recovery, slot, transcript, requesterSigning, self, owner } = request
  const { message } = await revealCodes({
    ...{ recovery, slot, transcript, requesterSigning },
    attempt: known.attempt,
    contactNonce: known.nonce,
    answer,
    identity: self.keys,
  })
  const { nonce } = parseBody(answer.body, sessionAnswerBody)
  // Counted before anything is sent: a crash must not give whoever stands in the middle another try.
  await changeComparison(client, request, (now) => {
    const isFirst = now?.nonce === known.nonce && now.requesterNonce === null
    if (now === undefined || (!isFirst && now.requesterNonce !== nonce))
      throw new HoldfastError('session_conflict')
    if (!isFirst) return now
    if (now.attempts >= MAX_ATTEMPTS) throw new HoldfastError('codes_exhausted')
    return { ...now, requesterNonce: nonce, attempts: now.attempts + 1 }
  })
  if (session.step === 'answered') await client.call('revealSession', { body: { owner, message } })
  return true
}

const codesFor = (known: Comparison, { transcript }: SoundRequest): Codes | Digits => {
  if (known.mode === 'digits') return digitsOf(transcript)
  const { nonce, requesterNonce } = known
  if (nonce === null || requesterNonce === null) throw new HoldfastError('session_conflict')
  return codesOf({ transcript, contactNonce: nonce, requesterNonce })
}

/**
 * Takes the code that the caller read out, and gives the one to read back. One code per comparison, whatever the outcome;
 * after a lost answer it can be called again. Throws `codes_differ`: "this may be an impostor"; the comparison then counts as
 * failed on every device. `malformed` for what is no code at all, which does not count.
 */
export const typeCode = async (
  client: Client,
  { code, ...which }: Which & { readonly code: string },
): Promise<{ readonly readBack: string }> => {
  const request = await current(client, which)
  const known = await comparisonOf(client, request)
  if (known === undefined) throw new HoldfastError('session_conflict')
  const { owner, recovery, slot, transcript, self, view } = request
  const codes = codesFor(known, request)
  const expected = [codes.first, ...('firstQr' in codes ? [codes.firstQr] : [])]
  const isRight = isTypedCode(transcript, known.mode, code, expected)
  const { state, attempt } = await changeComparison(client, request, (now) => {
    const isSame = now?.nonce === known.nonce && now.attempt === known.attempt
    if (now === undefined || !isSame) throw new HoldfastError('session_conflict')
    // A second guess would be a second try for an impostor: what was typed first stands.
    return now.state === 'open' ? { ...now, state: isRight ? 'confirmed' : 'wrong' } : now
  })
  const place = { recovery, slot, attempt, matched: state === 'confirmed', identity: self.keys }
  const { message } = await concludeCodes(place)
  const isSaid = view.session?.step === 'matched' || view.session?.step === 'differed'
  if (!isSaid) await client.call('concludeSession', { body: { owner, message } })
  if (state !== 'confirmed' || !isRight) throw new HoldfastError('codes_differ')
  return { readBack: codes.second }
}
