import {
  answerCodes,
  buildCompletion,
  buildRefusal,
  concludeCodes,
  openRelease,
  publicHalf,
  readCancel,
  readDecision,
  readRelease,
  readRequest,
  readSessionAnswer,
  readSessionOutcome,
  readSessionReveal,
  readSessionStart,
  readVeto,
  revealCodes,
  signCancel,
  signRelease,
  signVeto,
  startCodes,
  startDigits,
  verifyCompletion,
} from '@holdfast/client/protocol'
import {
  approved,
  castOf,
  compared,
  contactAt,
  offered,
  releasedTo,
  requestOf,
  transcriptOf,
} from './cast.ts'
import { chanceOf } from './chance.ts'
import type { Flippable } from './flips.ts'

import { selfSigned, signedOf, text, verified, type Parts } from './readers.ts'

/** Recoveries. */
export const recoveryMessages = async (): Promise<Record<string, Flippable>> => {
  const cast = await castOf({ contacts: 2 })
  const asked = await requestOf(cast)
  const { requester, recovery, request } = asked
  const { account, identity } = contactAt(cast, 1)
  const owner = cast.owner
  const contactSigning = publicHalf(identity).signing
  const requesterSigning = publicHalf(requester).signing
  const ownerSigning = publicHalf(owner.identity).signing
  const transcript = transcriptOf(cast, asked, 1)
  const attempt = { recovery, slot: 1, attempt: 1 }
  const start = await startCodes({ ...attempt, transcript, identity, random: chanceOf('start').bytes })
  const digits = await startDigits({ ...attempt, identity })
  const answered = await answerCodes({ ...attempt, commitment: start.commitment, requester })
  const { contactNonce } = start
  const reveal = { ...attempt, transcript, contactNonce, requesterSigning, identity }
  const revealed = await revealCodes({ ...reveal, answer: answered.message })
  const outcome = await concludeCodes({ ...attempt, matched: true, identity })
  const { pin, checkKey } = await offered(cast, 1)
  const approval = await approved(cast, asked, 1, (await compared(cast, asked, 1)).byContact)
  const alarm = await buildRefusal({
    pin,
    request,
    account,
    identity,
    sequence: 2,
    decision: 'alarm',
    checkKey,
  })
  const veto = await signVeto({
    account: owner.account,
    recovery,
    by: 'identity',
    seed: owner.identity.signing.seed,
  })
  const own = { account: owner.account, recovery, requester }
  const cancel = await signCancel(own)
  const release = await signRelease(own)
  const { coreHash } = cast.built
  const device = ownerSigning
  const next = identity
  const completion = await buildCompletion({ ...own, coreHash, identity: owner.identity, next, device })
  const known = { account: owner.account, recovery, coreHash, requester: publicHalf(requester) }
  const completed = { ...known, nextIdentity: publicHalf(next), owner: publicHalf(owner.identity) }
  const decided = (parts: Parts, proof: string | null, sealed: string | null) =>
    readDecision({ message: signedOf(parts), proof, sealed, contactSigning, checkKey: pin.checkKey })
  const rejected = ['signature_rejected']
  return {
    recovery: selfSigned(request, readRequest),
    'session-start (codes)': verified(start.message, (message) => readSessionStart(message, contactSigning)),
    'session-start (digits)': verified(digits.message, (message) =>
      readSessionStart(message, contactSigning),
    ),
    'session-answer': verified(answered.message, (message) => readSessionAnswer(message, requesterSigning)),
    'session-answer (by the contact)': verified(answered.message, (answer) =>
      revealCodes({ ...reveal, answer }),
    ),
    'session-reveal': verified(revealed.message, (message) => readSessionReveal(message, contactSigning)),
    'session-outcome': verified(outcome.message, (message) => readSessionOutcome(message, contactSigning)),
    'decision (approve)': {
      parts: { ...approval.message, proof: approval.proof, sealed: approval.sealed },
      codes: { body: rejected, signature: rejected, proof: rejected, sealed: ['approval_rejected'] },
      read: (parts) => decided(parts, text(parts, 'proof'), text(parts, 'sealed')),
    },
    'decision (alarm)': verified(alarm.message, (message) => decided({ ...message }, alarm.proof, null)),
    veto: verified(veto.message, (message) => readVeto(message, ownerSigning)),
    cancel: verified(cancel.message, (message) => readCancel(message, requesterSigning)),
    release: verified(release.message, (message) => readRelease(message, requesterSigning)),
    completion: {
      parts: { body: completion.body, ...completion.signatures, next: completion.signatures.next ?? '' },
      codes: {
        body: ['malformed', 'signature_rejected'],
        request: rejected,
        identity: rejected,
        next: rejected,
      },
      read({ body = '', request: byRequest = '', identity: byIdentity = '', next: byNext = '' }) {
        const signatures = { request: byRequest, identity: byIdentity, next: byNext }
        return verifyCompletion({ ...completed, completion: { body, signatures } })
      },
    },
    'what is released': await releaseMessage(cast, asked),
  }
}

const releaseMessage = async (
  cast: Awaited<ReturnType<typeof castOf>>,
  asked: Awaited<ReturnType<typeof requestOf>>,
): Promise<Flippable> => {
  const input = await releasedTo(cast, asked, [1, 2])
  const { release } = input
  const [first, ...others] = release.approvals
  return {
    parts: {
      ...release.manifest,
      payload: release.payload,
      factor: release.factor,
      sealed: first?.sealed ?? '',
      proof: first?.proof ?? '',
    },
    codes: {
      body: ['malformed', 'codes_unconfirmed', 'signature_rejected'],
      signature: ['signature_rejected'],
      payload: ['backup_damaged'],
      factor: ['backup_damaged'],
      sealed: ['too_few_shares'],
      proof: ['too_few_shares'],
    },
    read(parts) {
      const approval = { ...first, slot: 1, sequence: 1, stolen: false }
      const changed = { ...approval, sealed: text(parts, 'sealed'), proof: text(parts, 'proof') }
      const view = {
        manifest: signedOf(parts),
        payload: text(parts, 'payload'),
        factor: text(parts, 'factor'),
        approvals: [changed, ...others],
      }
      return openRelease({ ...input, release: view })
    },
  }
}
