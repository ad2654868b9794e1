import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  answerCodes,
  codeCommitment,
  codesOf,
  concludeCodes,
  confirmCode,
  digitsOf,
  fromBase64url,
  isCodeQr,
  openCodes,
  publicHalf,
  readSessionAnswer,
  readSessionOutcome,
  readSessionReveal,
  readSessionStart,
  revealCodes,
  sameCode,
  startCodes,
  startDigits,
  toBase64url,
  transcriptHash,
  type Transcript,
} from '@holdfast/client/protocol'
import { castOf, codeOf, compared, contactAt, requestOf, transcriptOf } from '../support/cast.ts'
import { chanceOf } from '../support/chance.ts'

const nonce = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64url)
const TRANSCRIPT: Transcript = {
  requestHash: toBase64url(new Uint8Array(32).fill(1)),
  coreHash: toBase64url(new Uint8Array(32).fill(2)),
  slot: 1,
  checkKey: toBase64url(new Uint8Array(32).fill(3)),
}
const OTHERS: readonly Transcript[] = [
  { ...TRANSCRIPT, requestHash: TRANSCRIPT.coreHash },
  { ...TRANSCRIPT, coreHash: TRANSCRIPT.requestHash },
  { ...TRANSCRIPT, slot: 2 },
  { ...TRANSCRIPT, checkKey: TRANSCRIPT.coreHash },
]

describe('codes', () => {
  test('both sides derive the same two, and confirm each other', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const transcript = transcriptOf(cast, asked, 1)
    expect(await compared(cast, asked, 1)).toEqual({ byContact: transcript, byRequester: transcript })
  })

  test('are six digits, whatever the nonces', () => {
    fc.assert(
      fc.property(nonce, nonce, (contactNonce, requesterNonce) => {
        const { first, second } = codesOf({ transcript: TRANSCRIPT, contactNonce, requesterNonce })
        expect(first).toMatch(/^\d{6}$/)
        expect(second).toMatch(/^\d{6}$/)
      }),
    )
  })

  test('are spread evenly and independent of each other: χ² over 20,000 of each', () => {
    const chance = chanceOf('codes')
    const contactNonce = toBase64url(chance.bytes(32))
    const counts = {
      first: Array.from({ length: 100 }, () => 0),
      second: Array.from({ length: 100 }, () => 0),
      pair: Array.from({ length: 100 }, () => 0),
    }
    const raise = (bins: number[], bin: number) => (bins[bin] = (bins[bin] as number) + 1)
    for (let i = 0; i < 20_000; i += 1) {
      const requesterNonce = toBase64url(chance.bytes(32))
      const { first, second } = codesOf({ transcript: TRANSCRIPT, contactNonce, requesterNonce })
      raise(counts.first, Number(first.slice(0, 2)))
      raise(counts.second, Number(second.slice(4)))
      raise(counts.pair, Number(first.charAt(5) + second.charAt(5)))
    }
    // 99 degrees of freedom: above 163 once in 20,000 runs. The input is fixed, so that this cannot come by chance later.
    for (const bins of Object.values(counts)) {
      const chiSquare = bins.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
      expect(chiSquare).toBeLessThan(163)
    }
  })

  test('differ for every other transcript, nonce and direction', () => {
    const one = toBase64url(chanceOf('one').bytes(32))
    const two = toBase64url(chanceOf('two').bytes(32))
    const all = [
      codesOf({ transcript: TRANSCRIPT, contactNonce: one, requesterNonce: two }),
      codesOf({ transcript: TRANSCRIPT, contactNonce: two, requesterNonce: one }),
      codesOf({ transcript: TRANSCRIPT, contactNonce: one, requesterNonce: one }),
      ...OTHERS.map((transcript) => codesOf({ transcript, contactNonce: one, requesterNonce: two })),
    ].flatMap(({ first, second }) => [first, second])
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('a service in the middle', () => {
  // Between an honest requester and an honest contact stands somebody with one-use keys of his own.
  test('cannot make both screens agree by trying nonces: its own are fixed before it learns theirs', async () => {
    const honest = TRANSCRIPT
    const forged = OTHERS[0] as Transcript
    const chance = chanceOf('middle')
    let agreed = 0
    for (let session = 0; session < 3_000; session += 1) {
      // To the requester the middle plays the contact: it commits before it sees the requester's nonce.
      const [contactNonce, own, answer, requesterNonce] = Array.from({ length: 4 }, () =>
        toBase64url(chance.bytes(32)),
      ) as [string, string, string, string]
      const commitment = codeCommitment(honest, fromBase64url(own) ?? new Uint8Array(0))
      const shownToRequester = openCodes({
        transcript: honest,
        commitment,
        contactNonce: own,
        requesterNonce,
      })
      const shownToContact = codesOf({ transcript: forged, contactNonce, requesterNonce: answer })
      if (sameCode(shownToRequester.first, shownToContact.first)) agreed += 1
    }
    expect(agreed).toBeLessThanOrEqual(1)
  })

  test('without the commitment six digits would be ground at once', () => {
    const target = codesOf({
      transcript: TRANSCRIPT,
      contactNonce: toBase64url(new Uint8Array(32)),
      requesterNonce: toBase64url(new Uint8Array(32)),
    }).first.slice(0, 3)
    const chance = chanceOf('grinding')
    let tries = 0
    for (let found = false; !found; tries += 1) {
      const guess = { transcript: TRANSCRIPT, contactNonce: toBase64url(chance.bytes(32)) }
      const { first } = codesOf({ ...guess, requesterNonce: toBase64url(new Uint8Array(32)) })
      found = first.startsWith(target)
    }
    // Half of the digits fall in thousands of tries, hence all of them in millions: that is why the commitment is checked.
    expect(tries).toBeLessThan(20_000)
  })

  test('cannot open a commitment with another nonce, or for another transcript', async () => {
    const [own, better, requesterNonce] = ['own', 'better', 'theirs'].map((name) =>
      toBase64url(chanceOf(name).bytes(32)),
    ) as [string, string, string]
    const commitment = codeCommitment(TRANSCRIPT, fromBase64url(own) ?? new Uint8Array(0))
    const opened = { transcript: TRANSCRIPT, commitment, requesterNonce }
    expect(await codeOf(() => openCodes({ ...opened, contactNonce: own }))).toBe('accepted')
    expect(await codeOf(() => openCodes({ ...opened, contactNonce: better }))).toBe('codes_differ')
    for (const transcript of OTHERS)
      expect(await codeOf(() => openCodes({ ...opened, transcript, contactNonce: own }))).toBe('codes_differ')
    expect(await codeOf(() => openCodes({ ...opened, contactNonce: 'short' }))).toBe('malformed')
  })

  test('that shows the contact a request with its own keys ends with codes that differ', async () => {
    const cast = await castOf()
    const honest = await requestOf(cast, 'honest')
    const thief = await requestOf(cast, 'thief')
    const { identity } = contactAt(cast, 1)
    const attempt = { recovery: honest.recovery, slot: 1, attempt: 1 }
    // The contact sees the thief's request; the honest requester sees the contact's commitment.
    const seenByContact = transcriptOf(cast, thief, 1)
    const started = await startCodes({ ...attempt, transcript: seenByContact, identity })
    const answered = await answerCodes({
      ...attempt,
      commitment: started.commitment,
      requester: thief.requester,
    })
    const revealed = await revealCodes({
      ...attempt,
      transcript: seenByContact,
      contactNonce: started.contactNonce,
      requesterSigning: publicHalf(thief.requester).signing,
      answer: answered.message,
      identity,
    })
    const opened = {
      transcript: transcriptOf(cast, honest, 1),
      commitment: started.commitment,
      contactNonce: started.contactNonce,
      requesterNonce: answered.requesterNonce,
    }
    expect(await codeOf(() => openCodes(opened))).toBe('codes_differ')
    const { first } = codesOf(opened)
    const typed = { transcript: seenByContact, typed: first, code: revealed.codes.first }
    expect(await codeOf(() => confirmCode(typed))).toBe('codes_differ')
  })
})

describe('a reveal', () => {
  test('answers only the comparison that was begun, signed by the requester of the transcript', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const other = await requestOf(cast, 'other')
    const { identity } = contactAt(cast, 1)
    const transcript = transcriptOf(cast, asked, 1)
    const attempt = { recovery: asked.recovery, slot: 1, attempt: 1 }
    const { contactNonce, commitment } = await startCodes({ ...attempt, transcript, identity })
    const requesterSigning = publicHalf(asked.requester).signing
    const tried = async (said: object, by = asked.requester) => {
      const { message } = await answerCodes({ ...attempt, commitment, requester: by, ...said })
      const reveal = { ...attempt, transcript, contactNonce, requesterSigning, answer: message, identity }
      return codeOf(() => revealCodes(reveal))
    }
    expect(await tried({})).toBe('accepted')
    expect(await tried({ slot: 2 })).toBe('session_conflict')
    expect(await tried({ attempt: 2 })).toBe('session_conflict')
    expect(await tried({ recovery: other.recovery })).toBe('session_conflict')
    expect(await tried({ commitment: codeCommitment(transcript, new Uint8Array(32)) })).toBe(
      'session_conflict',
    )
    expect(await tried({}, other.requester)).toBe('signature_rejected')
  })

  test('messages come back as they were signed', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const { identity } = contactAt(cast, 1)
    const contact = publicHalf(identity).signing
    const requester = publicHalf(asked.requester).signing
    const transcript = transcriptOf(cast, asked, 1)
    const attempt = { recovery: asked.recovery, slot: 1, attempt: 2 }
    const started = await startCodes({ ...attempt, transcript, identity })
    const { commitment, contactNonce } = started
    expect(await readSessionStart(started.message, contact)).toEqual({
      ...attempt,
      mode: 'codes',
      commitment,
    })
    const digits = await startDigits({ ...attempt, identity })
    expect(await readSessionStart(digits.message, contact)).toEqual({ ...attempt, mode: 'digits' })
    const answered = await answerCodes({ ...attempt, commitment, requester: asked.requester })
    const said = await readSessionAnswer(answered.message, requester)
    expect(said.nonce).toBe(answered.requesterNonce)
    const reveal = {
      ...attempt,
      transcript,
      contactNonce,
      requesterSigning: requester,
      answer: answered.message,
    }
    const revealed = await revealCodes({ ...reveal, identity })
    expect((await readSessionReveal(revealed.message, contact)).nonce).toBe(contactNonce)
    const outcome = await concludeCodes({ ...attempt, matched: false, identity })
    expect(await readSessionOutcome(outcome.message, contact)).toEqual({ ...attempt, matched: false })
    expect(await codeOf(() => readSessionOutcome(outcome.message, requester))).toBe('signature_rejected')
  })
})

describe('digits and QR codes of the whole transcript', () => {
  test('are 60 digits each way, of this transcript only', () => {
    const all = [TRANSCRIPT, ...OTHERS].map(digitsOf)
    for (const { first, second, firstQr, secondQr } of all) {
      expect(first).toMatch(/^\d{60}$/)
      expect(second).toMatch(/^\d{60}$/)
      expect(isCodeQr(firstQr) && isCodeQr(secondQr)).toBe(true)
    }
    expect(new Set(all.flatMap((digits) => Object.values(digits))).size).toBe(4 * all.length)
    expect(new Set([TRANSCRIPT, ...OTHERS].map(transcriptHash)).size).toBe(all.length)
  })
})

describe('what a person types', () => {
  test('may hold spaces and hyphens, and nothing else', () => {
    for (const typed of ['012345', '012 345', ' 012-345\n', '0 1 2 3 4 5'])
      expect(sameCode(typed, '012345')).toBe(true)
    for (const typed of ['12345', '0123450', '01234５', 'O12345', '', '012.345', '012346'])
      expect(sameCode(typed, '012345')).toBe(false)
  })

  test('never throws, and is right only when the digits are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        expect(sameCode(typed, '012345')).toBe(typed.replace(/[\s-]/g, '') === '012345')
      }),
    )
  })

  test('of a wrong code confirms nothing', async () => {
    const confirmed = confirmCode({ transcript: TRANSCRIPT, typed: '000 001', code: '000001' })
    expect(confirmed).toEqual(TRANSCRIPT)
    const wrong = () => confirmCode({ transcript: TRANSCRIPT, typed: '000010', code: '000001' })
    expect(await codeOf(wrong)).toBe('codes_differ')
  })

  test('a QR code counts as it stands', () => {
    const { firstQr, secondQr } = digitsOf(TRANSCRIPT)
    expect(sameCode(firstQr, firstQr)).toBe(true)
    expect(sameCode(secondQr, firstQr)).toBe(false)
    expect(isCodeQr('HF1-CODES:short')).toBe(false)
    expect(isCodeQr('https://example.org')).toBe(false)
  })
})
