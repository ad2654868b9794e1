import { describe, expect, it } from 'vitest'
import type { Account, Answer, Recovery } from '../../src/domain/account.ts'
import { answerRequest } from '../../src/domain/recovery-answers.ts'
import {
  contact,
  hash32,
  HOUR,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  protectedOwner,
  relayed,
  signedText,
  T0,
} from '../support/circles.ts'
import {
  answer,
  answered,
  approvedBy,
  at,
  COLLECTING,
  compared,
  CONTEST,
  opened,
  pull,
  request,
  RULES,
  STOLEN_RULE,
  veto,
  WAITING,
} from '../support/requests.ts'

const owner = relayed(opened(protectedOwner()))
const ready = relayed(compared(owner, 1))
const LATER = T0 + 5 * HOUR
const waiting = approvedBy(owner, [1, 2, 3], { now: LATER })
const releasable = at(waiting, LATER + WAITING)
const decide = (
  account: Account,
  ...rest: Parameters<typeof answer> extends [Account, ...infer R] ? R : never
) => answerRequest(account, answer(account, ...rest), T0, RULES)
const withoutRevisions = (one: Recovery): Recovery => ({
  ...one,
  answers: one.answers.map(
    (answer) => JSON.parse(JSON.stringify({ ...answer, revision: undefined })) as Answer,
  ),
})
const erased = (account: Account): readonly string[] =>
  account.outbox.erasures.flatMap((one) => (one.what === 'blob' ? one.hash : []))

describe('an answer', () => {
  it.each([
    ['another owner', { owner: contact(3) }],
    ['another contact', { contact: contact(2) }],
    ['another request', { requestHash: hash32('x') }],
    ['another core', { coreHash: hash32('x') }],
    ['another epoch', { epoch: 2 }],
    ['no share', { shareHash: null }],
  ])('is refused with %s', (_, more) => {
    expect(decide(ready, 1, 'approve', 'a', more)).toEqual({ kind: 'refused', code: 'approval_rejected' })
  })

  it('approves only with a proof, and with codes that matched last', () => {
    const approval = answer(ready, 1)
    const rejected = { kind: 'refused', code: 'approval_rejected' }
    expect(answerRequest(ready, { ...approval, proof: null }, T0, RULES)).toEqual(rejected)
    expect(decide(owner, 1)).toEqual(rejected)
    const [session] = request(ready).sessions
    for (const step of ['started', 'answered', 'revealed', 'differed'] as const) {
      const sessions = [{ ...session!, step }]
      const account = { ...ready, recoveries: [{ ...request(ready), sessions }] }
      expect(decide(account, 1)).toEqual(rejected)
    }
    expect(decide(ready, 1).kind).toBe('changed')
  })

  it('carries a share exactly if it approves', () => {
    const more = { shareHash: hash32('share') }
    expect(decide(owner, 1, 'decline', 'a', more)).toMatchObject({ code: 'approval_rejected' })
    expect(decide(owner, 1, 'alarm', 'a', more)).toMatchObject({ code: 'approval_rejected' })
  })

  it('declines or alarms without a proof or codes', () => {
    for (const decision of ['decline', 'alarm'] as const) {
      const said = { ...answer(owner, 1, decision), proof: null }
      expect(answerRequest(owner, said, T0, RULES).kind).toBe('changed')
    }
  })

  it('is not there for strangers, for a contact in another’s slot, for an unknown request', () => {
    const notFound = { kind: 'refused', code: 'not_found' }
    const approval = answer(ready, 1)
    expect(answerRequest(ready, { ...approval, contact: contact(9) }, T0, RULES)).toEqual(notFound)
    expect(answerRequest(ready, { ...approval, contact: contact(2) }, T0, RULES)).toEqual(notFound)
    expect(decide(ready, 1, 'approve', 'a', { slot: 2 })).toEqual(notFound)
    expect(decide(ready, 1, 'approve', 'a', { recovery: idOf('x') })).toEqual(notFound)
  })

  it('comes too late for a request that has ended', () => {
    const expired = at(ready, T0 + COLLECTING)
    expect(decide(expired, 1)).toEqual({ kind: 'refused', code: 'recovery_ended' })
  })

  it('must exceed the sequence of the one before; the very same is done already', () => {
    const approval = answer(ready, 1, 'approve', 'a', { sequence: 7 })
    const next = nextOf(answerRequest(ready, approval, T0, RULES))
    const same = { kind: 'unchanged', value: ready.revision + 1 }
    expect(answerRequest(ready, approval, T0, RULES)).toMatchObject({ value: same.value })
    expect(answerRequest(relayed(next), approval, LATER, RULES)).toEqual(same)
    const expired = at(relayed(next), T0 + COLLECTING)
    expect(answerRequest(expired, approval, T0 + COLLECTING, RULES), 'also once it is over').toEqual(same)
    const taken = { ...next, recoveries: next.recoveries.map(withoutRevisions) }
    const old = { kind: 'unchanged', value: taken.revision }
    expect(answerRequest(taken, approval, LATER, RULES), 'as an older version took it').toEqual(old)
    expect(answerRequest(at(taken, T0 + COLLECTING), approval, T0 + COLLECTING, RULES)).toMatchObject({
      code: 'recovery_ended',
    })
    expect(answerRequest(expired, { ...approval, contact: contact(2) }, T0 + COLLECTING, RULES)).toEqual({
      kind: 'refused',
      code: 'recovery_ended',
    })
    for (const sequence of [6, 7])
      expect(decide(next, 1, 'decline', 'a', { sequence })).toEqual({
        kind: 'refused',
        code: 'sequence_rejected',
      })
    expect(request(nextOf(decide(next, 1, 'decline', 'a', { sequence: 8 }))).answers).toMatchObject([
      { slot: 1, decision: 'decline', sequence: 8 },
    ])
  })

  it('must be written before collecting, or the contest, is over', () => {
    expect(decide(ready, 1)).toMatchObject({ notAfter: T0 + COLLECTING })
    expect(decide(waiting, 4, 'alarm')).not.toHaveProperty('notAfter')
    const contested = nextOf(veto(relayed(compared(opened(protectedOwner(STOLEN_RULE)), 1))))
    expect(decide(contested, 1)).toMatchObject({ notAfter: T0 + CONTEST })
  })
})

describe('quorum', () => {
  it('is reached by the t-th live approval, whose time counts', () => {
    const two = approvedBy(owner, [1, 2])
    expect(request(two)).toMatchObject({ state: 'collecting', quorumAt: null, answeredAt: null })
    const three = answered(relayed(two), 3, 'approve', { now: LATER })
    expect(request(three)).toMatchObject({ state: 'waiting', quorumAt: LATER, answeredAt: LATER })
    expect(logTypesOf(three).slice(-2)).toEqual(['recovery-answered', 'recovery-quorum'])
    expect(noticesOf(three).filter((one) => one.startsWith('recovery-quorum'))).toHaveLength(6)
    const four = answered(three, 4, 'approve', { now: LATER + HOUR })
    expect(request(four)).toMatchObject({ state: 'waiting', quorumAt: LATER })
  })

  it('keeps its time when an approver approves anew', () => {
    const again = answered(waiting, 2, 'approve', { now: LATER + HOUR })
    expect(request(again)).toMatchObject({ state: 'waiting', quorumAt: LATER })
    expect(request(again).answers.map(({ sequence }) => sequence)).toEqual([1, 2, 1])
    expect(erased(again)).toEqual([hash32('handed a 2 1')])
  })

  it.each(['waiting', 'releasable'])(
    'is lost in %s with the approval that made it, and starts anew',
    (state) => {
      const account = state === 'waiting' ? waiting : releasable
      const now = state === 'waiting' ? LATER + 1 : LATER + WAITING
      const below = answered(relayed(account), 3, 'decline', { now })
      expect(request(below)).toMatchObject({ state: 'collecting', quorumAt: null, reminded: [] })
      expect(request(below).answeredAt).toBe(LATER)
      expect(logTypesOf(below)).toContain('recovery-below-quorum')
      const again = answered(below, 4, 'approve', { now: now + 1 })
      expect(request(again)).toMatchObject({ state: 'waiting', quorumAt: now + 1, reminded: ['quorum'] })
    },
  )

  it('lost after the end of collecting ends the request', () => {
    const slow = protectedOwner({ policy: { collectingSeconds: 3600 } })
    const account = approvedBy(opened(slow), [1, 2, 3])
    const later = at(account, T0 + 2 * HOUR)
    expect(request(later).state).toBe('waiting')
    for (const decision of ['decline', 'alarm'] as const)
      expect(request(answered(later, 1, decision, { now: T0 + 2 * HOUR })).state).toBe('expired')
  })
})

describe('an alarm', () => {
  it('adds one waiting period, once, and tells everyone; the requester sees an answer', () => {
    const next = answered(relayed(waiting), 4, 'alarm', { now: LATER })
    expect(request(next)).toMatchObject({ state: 'waiting', alarmed: true, quorumAt: LATER })
    expect(noticesOf(next)).toEqual([
      'recovery-alarmed owner',
      ...[1, 2, 3, 4, 5].map((slot) => `recovery-alarmed contact ${slot}`),
      'recovery-answered requester',
    ])
    const twice = answered(next, 5, 'alarm', { now: LATER })
    const end = LATER + 2 * WAITING
    expect(pull(at(twice, end - 1), end - 1)).toMatchObject({ code: 'not_releasable' })
    expect(pull(at(twice, end), end)).toMatchObject({ kind: 'changed', notBefore: end })
  })

  it('takes a releasable request back to waiting, unless that long has passed already', () => {
    expect(request(releasable).state).toBe('releasable')
    const now = LATER + WAITING
    const next = answered(releasable, 5, 'alarm', { now })
    expect(request(next)).toMatchObject({ state: 'waiting', reminded: ['quorum'] })
    const late = LATER + 2 * WAITING
    expect(request(answered(at(waiting, late), 5, 'alarm', { now: late })).state).toBe('releasable')
  })

  it('takes the approval of whoever raises it, and stays when that contact comes round', () => {
    const next = answered(waiting, 1, 'alarm', { now: LATER })
    expect(request(next)).toMatchObject({ state: 'collecting', quorumAt: null, alarmed: true })
    const again = answered(next, 1, 'approve', { now: LATER + 1 })
    expect(request(again)).toMatchObject({ state: 'waiting', quorumAt: LATER + 1, alarmed: true })
  })

  it('counts towards the requester’s earliest time like an approval', () => {
    const three = answered(approvedBy(owner, [1, 2]), 3, 'alarm', { now: LATER })
    expect(request(three)).toMatchObject({ state: 'collecting', quorumAt: null, answeredAt: LATER })
  })
})

describe('a decline', () => {
  it('is not noticed by the requester, unless an answer goes away that it had counted', () => {
    const toRequester = (account: Account): number =>
      noticesOf(account).filter((one) => one.endsWith('requester')).length
    expect(toRequester(answered(owner, 1, 'decline'))).toBe(0)
    expect(toRequester(answered(relayed(answered(owner, 1, 'alarm')), 1, 'decline'))).toBe(1)
    expect(toRequester(answered(relayed(answered(owner, 1, 'decline')), 1, 'decline'))).toBe(0)
  })

  it('ends the request once fewer than t can still approve; an alarm does not', () => {
    const two = [1, 2].reduce((next, slot) => answered(next, slot, 'decline'), owner)
    expect(request(two).state).toBe('collecting')
    expect(request(answered(two, 3, 'alarm')).state).toBe('collecting')
    const ended = answered(relayed(two), 3, 'decline')
    expect(request(ended)).toMatchObject({ state: 'declined', endedAt: T0 })
    expect(ended.backOff).toEqual(owner.backOff)
    expect(noticesOf(ended)).toContain('recovery-ended requester')
  })

  it('ends a waiting and a releasable request too, and gives up its shares', () => {
    for (const [account, now] of [
      [waiting, LATER],
      [releasable, LATER + WAITING],
    ] as const) {
      const four = [4, 5].reduce((next, slot) => answered(next, slot, 'decline', { now }), account)
      expect(request(four).state).toBe(account === waiting ? 'waiting' : 'releasable')
      const ended = answered(relayed(four), 1, 'decline', { now })
      expect(request(ended).state).toBe('declined')
      expect([...erased(ended)].toSorted()).toEqual(
        [1, 2, 3].map((slot) => hash32(`handed a ${slot} 1`)).toSorted(),
      )
    }
  })
})

it('keeps the contact’s words as they were signed', () => {
  const approval = answer(ready, 1)
  const next = nextOf(answerRequest(ready, approval, LATER, RULES))
  expect(request(next).answers).toEqual([
    {
      slot: 1,
      contact: contact(1),
      decision: 'approve',
      stolen: false,
      sequence: 1,
      message: signedText(approval.body),
      proof: approval.proof,
      shareHash: approval.body.shareHash,
      displaced: false,
      at: LATER,
      revision: ready.revision + 1,
    },
  ])
})
