/**
 * Comparing codes from the requester's side. Nothing here happens without a person's tap. PROTOCOL.md, "Codes".
 */
import type { Client } from './client.ts'
import { upsert } from './device-state.ts'
import {
  HoldfastError,
  type RequesterSessionView,
  type RequesterView,
  type Transcript,
  answerCodes,
  digitsOf,
  fromBase64url,
  isHoldfastError,
  openCodes,
  randomBytes,
  toBase64url,
} from './protocol/index.ts'
import {
  type RequestRecord,
  changeRequest,
  readRequestRecord,
  requesterKeys,
  status,
} from './requester-request.ts'
import { isTypedCode } from './typed-code.ts'

type Comparison = RequestRecord['comparisons'][number]

/** Codes that may be seen for one slot. */
const MAX_ATTEMPTS = 3

interface Place {
  /** The number that the contact says. */
  readonly slot: number
}

const conflict = (): never => {
  throw new HoldfastError('session_conflict')
}

/** What a comparison with this slot is about. Throws `session_conflict` before the request was opened. */
export const transcriptOf = (record: RequestRecord, { slot, checkKey }: Comparison): Transcript => {
  if (record.opened === null || record.coreHash === null) return conflict()
  return { requestHash: record.opened.requestHash, coreHash: record.coreHash, slot, checkKey }
}

const comparisonOf = (record: RequestRecord, slot: number): Comparison | undefined =>
  record.comparisons.find((comparison) => comparison.slot === slot)

const withComparison = (record: RequestRecord, comparison: Comparison): RequestRecord => ({
  ...record,
  comparisons: upsert(record.comparisons, comparison, ({ slot }) => slot === comparison.slot),
})

const sessionOf = ({ sessions }: RequesterView, slot: number): RequesterSessionView =>
  sessions.find((other) => other.slot === slot) ?? conflict()

const begun = (record: RequestRecord, session: RequesterSessionView, nonce: string | null): RequestRecord => {
  const { slot, checkKey, mode, attempt, commitment } = session
  const earlier = comparisonOf(record, slot)
  // Before anything is compared this device knows what about: the service must not choose H(core) after the nonces.
  if (record.coreHash === null || earlier?.state === 'confirmed') return conflict()
  const attempts = (earlier?.attempts ?? 0) + 1
  if (attempts > MAX_ATTEMPTS) throw new HoldfastError('codes_exhausted')
  return withComparison(record, { slot, checkKey, mode, attempt, attempts, commitment, nonce, state: 'open' })
}

// One at a time: as long as another could still be confirmed, this one waits. What the service says is over stays over here.
const withoutOthers = (record: RequestRecord, view: RequesterView, slot: number): RequestRecord => ({
  ...record,
  comparisons: record.comparisons.map((other) => {
    if (other.slot === slot || other.mode !== 'codes' || other.state !== 'open') return other
    const session = view.sessions.find((one) => one.slot === other.slot)
    const isOver = session?.attempt !== other.attempt || session.step === 'differed'
    return isOver ? { ...other, state: 'dropped' } : conflict()
  }),
})

/**
 * "I'm talking to someone": answers the comparison that this slot's contact began. Call it only after that tap, one contact
 * at a time, at most three times for each: a service in the middle must not get a second try. Repeating it after a lost
 * answer is harmless. Throws `session_conflict`, also while another comparison is open ({@link abandon} it first), and
 * `codes_exhausted`.
 */
export const answer = async (client: Client, { slot }: Place): Promise<void> => {
  const view = await status(client)
  const session = sessionOf(view, slot)
  const { commitment, attempt, mode, step } = session
  if (mode !== 'codes' || commitment === null) return conflict()
  const nonce = toBase64url(randomBytes(32))
  // Counted and kept before anything is sent: to one commitment this device gives one nonce.
  const record = await changeRequest(client, await readRequestRecord(client), (now) => {
    const known = comparisonOf(now, slot)
    const isRepeat =
      known?.state === 'open' &&
      known.attempt === attempt &&
      known.commitment === commitment &&
      known.nonce !== null
    if (isRepeat) return now
    return step === 'started' ? begun(withoutOthers(now, view, slot), session, nonce) : conflict()
  })
  if (step !== 'started') return
  const kept = fromBase64url(comparisonOf(record, slot)?.nonce ?? '') ?? conflict()
  const requester = await requesterKeys(record)
  const place = { recovery: record.recovery, slot, attempt }
  const { message } = await answerCodes({ ...place, commitment, requester, random: () => kept })
  await client.call('answerSession', { body: { message } })
}

/** Gives up a comparison that is going on, for example when the call was cut off. It cannot be confirmed any more. */
export const abandon = async (client: Client, { slot }: Place): Promise<void> => {
  await changeRequest(client, await readRequestRecord(client), (now) => {
    const known = comparisonOf(now, slot)
    return known?.state === 'open' ? withComparison(now, { ...known, state: 'dropped' }) : now
  })
}

/** Settles an open comparison; one that is settled stays as it is. */
const settle = async (
  client: Client,
  record: RequestRecord,
  comparison: Comparison,
  state: 'confirmed' | 'wrong',
): Promise<Comparison['state']> => {
  const { slot, nonce, attempt } = comparison
  const settled = await changeRequest(client, record, (now) => {
    const known = comparisonOf(now, slot)
    if (known?.nonce !== nonce || known.attempt !== attempt) return conflict()
    return known.state === 'open' ? withComparison(now, { ...known, state }) : now
  })
  return comparisonOf(settled, slot)?.state ?? conflict()
}

/** Both codes, once the contact has opened its commitment; null while it has not. */
const shownCodes = async (client: Client, record: RequestRecord, comparison: Comparison) => {
  const { commitment, nonce, slot } = comparison
  if (commitment === null || nonce === null) return conflict()
  const { contactNonce, attempt } = sessionOf(await status(client), slot)
  if (contactNonce === null || attempt !== comparison.attempt) return null
  const transcript = transcriptOf(record, comparison)
  try {
    return openCodes({ transcript, commitment, contactNonce, requesterNonce: nonce })
  } catch (error) {
    if (isHoldfastError(error) && error.code === 'codes_differ')
      await settle(client, record, comparison, 'wrong')
    throw error
  }
}

/**
 * The code to read out, once the contact has opened its commitment; null while it has not. Throws `codes_differ` when the
 * service shows another nonce than was committed to: "this may be an impostor".
 */
export const readOut = async (client: Client, { slot }: Place): Promise<string | null> => {
  const record = await readRequestRecord(client)
  const comparison = comparisonOf(record, slot)
  if (comparison?.mode !== 'codes' || comparison.state === 'dropped') return conflict()
  return (await shownCodes(client, record, comparison))?.first ?? null
}

/** The 60-digit form, for when both cannot be online together: what the contact's device types or scans. */
export const showDigits = async (
  client: Client,
  { slot }: Place,
): Promise<{ readonly digits: string; readonly qr: string }> => {
  const session = sessionOf(await status(client), slot)
  if (session.mode !== 'digits') return conflict()
  const record = await changeRequest(client, await readRequestRecord(client), (now) => {
    const known = comparisonOf(now, slot)
    const isRepeat = known?.mode === 'digits' && known.attempt === session.attempt
    return isRepeat ? now : begun(now, session, null)
  })
  const comparison = comparisonOf(record, slot) ?? conflict()
  const { first, firstQr } = digitsOf(transcriptOf(record, comparison))
  return { digits: first, qr: firstQr }
}

const expectedFrom = async (
  client: Client,
  record: RequestRecord,
  comparison: Comparison,
): Promise<readonly string[]> => {
  if (comparison.mode === 'digits') {
    const { second, secondQr } = digitsOf(transcriptOf(record, comparison))
    return [second, secondQr]
  }
  return [((await shownCodes(client, record, comparison)) ?? conflict()).second]
}

/**
 * Takes the code that the contact read back. From then on this slot counts as confirmed both ways. One code per comparison:
 * what was typed first stands. Throws `codes_differ`: "this may be an impostor"; the contact must then begin anew.
 * `malformed` for what is no code at all, which does not count.
 */
export const typeCode = async (
  client: Client,
  { slot, code }: Place & { readonly code: string },
): Promise<void> => {
  const record = await readRequestRecord(client)
  const comparison = comparisonOf(record, slot)
  if (comparison === undefined || comparison.state === 'dropped') return conflict()
  const expected = await expectedFrom(client, record, comparison)
  const isRight = isTypedCode(transcriptOf(record, comparison), comparison.mode, code, expected)
  const state = await settle(client, record, comparison, isRight ? 'confirmed' : 'wrong')
  if (!isRight || state !== 'confirmed') throw new HoldfastError('codes_differ')
}
