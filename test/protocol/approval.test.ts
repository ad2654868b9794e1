import { describe, expect, test } from 'vitest'
import {
  buildApproval,
  buildRefusal,
  buildRequest,
  decisionProofOf,
  keyHash,
  makeRequester,
  publicHalf,
  readDecision,
  readRequest,
  requestHash as hashOfRequest,
  signMessage,
  subjectHash,
  ticketHash,
  toBase64url,
  verifyDecisionProof,
} from '@holdfast/client/protocol'
import {
  APP,
  approved,
  castOf,
  codeOf,
  compared,
  contactAt,
  offered,
  personOf,
  requestOf,
  type Asked,
  type Cast,
} from '../support/cast.ts'

const questionOf = async (cast: Cast, asked: Asked, slot: number) => {
  const { account, identity } = contactAt(cast, slot)
  const { pin, checkKey } = await offered(cast, slot)
  return { pin, checkKey, request: asked.request, account, identity, sequence: 1 }
}

const approving = async (cast: Cast, asked: Asked, slot: number) => {
  const { byContact } = await compared(cast, asked, slot)
  const sealed = cast.built.shares[slot - 1]?.sealed ?? ''
  return { ...(await questionOf(cast, asked, slot)), confirmed: byContact, sealed, stolen: false }
}

const readingOf = (cast: Cast, slot: number) => ({
  contactSigning: publicHalf(contactAt(cast, slot).identity).signing,
  checkKey: cast.built.core.slots[slot - 1]?.checkKey ?? '',
})

describe('a request', () => {
  test('names its keys, and is bound to its ticket', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const read = await readRequest(asked.request)
    expect(read.requester).toEqual(publicHalf(asked.requester))
    expect(read.ticketHash).toBe(ticketHash('ticket of request'))
    expect(read.requestHash).toBe(asked.requestHash)
    expect(hashOfRequest(asked.request)).toBe(asked.requestHash)
  })

  test('of two requesters never share an id, a key or a ticket’s keys', async () => {
    const [one, other] = await Promise.all([makeRequester(), makeRequester()])
    expect(one.recovery).not.toBe(other.recovery)
    expect(one.ticketKeys).not.toBe(other.ticketKeys)
    expect(one.ticketKeys).toBe(keyHash(publicHalf(one.requester)))
    expect(subjectHash('ab', 'c')).not.toBe(subjectHash('a', 'bc'))
  })

  test('names a next identity after theft, and only then', async () => {
    const { requester, recovery } = await makeRequester()
    const { account, identity } = await personOf('owner')
    const input = { app: APP, account, recovery, requester, ticket: 't' }
    const nextIdentity = publicHalf(identity)
    expect(await codeOf(() => buildRequest({ ...input, cause: 'stolen', nextIdentity: null }))).toBe(
      'malformed',
    )
    expect(await codeOf(() => buildRequest({ ...input, cause: 'lost', nextIdentity }))).toBe('malformed')
    const { request } = await buildRequest({ ...input, cause: 'stolen', nextIdentity })
    expect((await readRequest(request)).nextIdentity).toEqual(nextIdentity)
    const body = {
      app: APP,
      account,
      recovery,
      requester: publicHalf(requester),
      ticketHash: ticketHash('t'),
    }
    const odd = { ...body, cause: 'lost', nextIdentity }
    const signed = await signMessage('recovery', odd, requester.signing.seed)
    expect(await codeOf(() => readRequest(signed))).toBe('malformed')
  })

  test('with a key that fits more than its own messages is refused', async () => {
    const { requester, recovery } = await makeRequester()
    const { account } = await personOf('owner')
    const weak = { signing: publicHalf(requester).signing, sealing: toBase64url(new Uint8Array(32)) }
    const body = { app: APP, account, recovery, requester: weak, cause: 'lost', nextIdentity: null }
    const request = await signMessage(
      'recovery',
      { ...body, ticketHash: ticketHash('t') },
      requester.signing.seed,
    )
    expect(await codeOf(() => readRequest(request))).toBe('key_rejected')
  })
})

describe('an approval', () => {
  test('is read by the service, and its proof by the requester', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const decision = await buildApproval({ ...(await approving(cast, asked, 1)), stolen: true })
    const { body, sealed } = await readDecision({ ...decision, ...readingOf(cast, 1) })
    expect(body).toMatchObject({ decision: 'approve', stolen: true, slot: 1, sequence: 1 })
    expect(toBase64url(sealed ?? new Uint8Array(0))).toBe(decision.sealed)
    const { checkKey } = readingOf(cast, 1)
    expect(await verifyDecisionProof(body, decision.proof, checkKey)).toBe(true)
    for (const change of [
      { requestHash: body.coreHash },
      { coreHash: body.requestHash },
      { epoch: 2 },
      { slot: 2 },
      { sequence: 2 },
      { decision: 'alarm' as const },
      { stolen: false },
      { shareHash: body.coreHash },
    ])
      expect(
        await verifyDecisionProof({ ...decisionProofOf(body), ...change }, decision.proof, checkKey),
      ).toBe(false)
  })

  test('does not show the requester who the contact is', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const { message } = await approved(cast, asked, 1, (await compared(cast, asked, 1)).byContact)
    const proof = JSON.stringify(decisionProofOf(JSON.parse(message.body)))
    expect(proof).not.toContain(contactAt(cast, 1).account)
  })

  test('of a request that was not compared by voice', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const other = await requestOf(cast, 'other')
    const input = await approving(cast, asked, 1)
    expect(await codeOf(() => buildApproval({ ...input, request: other.request }))).toBe('codes_unconfirmed')
    for (const change of [{ slot: 2 }, { coreHash: asked.requestHash }, { checkKey: asked.requestHash }]) {
      const confirmed = { ...input.confirmed, ...change }
      expect(await codeOf(() => buildApproval({ ...input, confirmed }))).toBe('codes_unconfirmed')
    }
  })

  test('of a request about somebody else, or not signed by its own keys', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const input = await approving(cast, asked, 1)
    const foreign = await requestOf(await castOf({ name: 'foreign' }))
    expect(await codeOf(() => buildApproval({ ...input, request: foreign.request }))).toBe(
      'approval_rejected',
    )
    const forged = { ...asked.request, signature: foreign.request.signature }
    expect(await codeOf(() => buildApproval({ ...input, request: forged }))).toBe('signature_rejected')
  })

  test('with a share that is not the pinned one', async () => {
    const cast = await castOf()
    const input = await approving(cast, await requestOf(cast), 1)
    const other = cast.built.shares[1]?.sealed ?? ''
    expect(await codeOf(() => buildApproval({ ...input, sealed: other }))).toBe('share_rejected')
    const later = await castOf({ epoch: 2, previous: cast.built.coreHash })
    expect(await codeOf(() => buildApproval({ ...input, sealed: later.built.shares[0]?.sealed ?? '' }))).toBe(
      'share_rejected',
    )
  })

  test('whose parts do not go together is not taken by the service', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const decision = await buildApproval(await approving(cast, asked, 1))
    const other = await buildApproval(await approving(cast, asked, 2))
    const reading = readingOf(cast, 1)
    const tried = (change: object) => codeOf(() => readDecision({ ...decision, ...reading, ...change }))
    expect(await tried({ sealed: null })).toBe('approval_rejected')
    expect(await tried({ proof: null })).toBe('approval_rejected')
    expect(await tried({ sealed: other.sealed })).toBe('approval_rejected')
    expect(await tried({ sealed: `${decision.sealed}=` })).toBe('approval_rejected')
    expect(await tried({ proof: other.proof })).toBe('signature_rejected')
    expect(await tried({ checkKey: readingOf(cast, 2).checkKey })).toBe('signature_rejected')
    expect(await tried({ contactSigning: readingOf(cast, 2).contactSigning })).toBe('signature_rejected')
    expect(await tried({ message: other.message })).toBe('signature_rejected')
  })
})

describe('a refusal', () => {
  test.each(['decline', 'alarm'] as const)('%s: with and without the check key', async (kind) => {
    const cast = await castOf()
    const question = await questionOf(cast, await requestOf(cast), 1)
    for (const checkKey of [question.checkKey, null]) {
      const refusal = await buildRefusal({ ...question, checkKey, decision: kind })
      const { body, sealed } = await readDecision({ ...refusal, ...readingOf(cast, 1) })
      expect(body).toMatchObject({ decision: kind, stolen: false, shareHash: null })
      expect(sealed).toBeNull()
    }
  })

  test('carries no share and no statement about the phone', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const question = await questionOf(cast, asked, 1)
    const refusal = await buildRefusal({ ...question, decision: 'decline' as const })
    const reading = readingOf(cast, 1)
    expect(await codeOf(() => readDecision({ ...refusal, ...reading, sealed: 'AAAA' }))).toBe(
      'approval_rejected',
    )
    const said = { ...JSON.parse(refusal.message.body), stolen: true }
    const message = await signMessage('decision', said, question.identity.signing.seed)
    expect(await codeOf(() => readDecision({ ...refusal, ...reading, message }))).toBe('approval_rejected')
  })

  test('of a request about somebody else', async () => {
    const cast = await castOf()
    const foreign = await requestOf(await castOf({ name: 'foreign' }))
    const question = await questionOf(cast, foreign, 1)
    expect(await codeOf(() => buildRefusal({ ...question, decision: 'alarm' }))).toBe('approval_rejected')
  })
})
