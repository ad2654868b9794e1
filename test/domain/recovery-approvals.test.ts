/**
 * What becomes of approvals when their contacts approve elsewhere, and after release.
 */
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { answerRequest } from '../../src/domain/recovery-answers.ts'
import { hash32, HOUR, nextOf, protectedOwner, relayed, T0 } from '../support/circles.ts'
import {
  answer,
  answered,
  approvedBy,
  at,
  opened,
  pull,
  request,
  RULES,
  WAITING,
} from '../support/requests.ts'

const owner = relayed(opened(protectedOwner()))
const LATER = T0 + 5 * HOUR
const waiting = approvedBy(owner, [1, 2, 3], { now: LATER })
const releasable = at(waiting, LATER + WAITING)
const decide = (
  account: Account,
  ...rest: Parameters<typeof answer> extends [Account, ...infer R] ? R : never
) => answerRequest(account, answer(account, ...rest), T0, RULES)
const erased = (account: Account): readonly string[] =>
  account.outbox.erasures.flatMap((one) => (one.what === 'blob' ? one.hash : []))

describe('one live approval per contact', () => {
  const both = opened(waiting, 'b', LATER)
  const now = LATER + HOUR

  it('withdraws the first when another request is approved, and its share with it', () => {
    const next = answered(relayed(both), 3, 'approve', { name: 'b', now })
    expect(request(next)).toMatchObject({ state: 'collecting', quorumAt: null })
    expect(request(next).answers[2]).toMatchObject({ displaced: true, shareHash: null, sequence: 1 })
    expect(erased(next)).toEqual([hash32('handed a 3 1')])
    expect(request(next, 'b').answers).toMatchObject([{ slot: 3, displaced: false }])
  })

  it('leaves quorum where there are enough others', () => {
    const four = answered(both, 4, 'approve', { now })
    const next = answered(four, 3, 'approve', { name: 'b', now })
    expect(request(next)).toMatchObject({ state: 'waiting', quorumAt: LATER })
  })

  it('does not let the displaced approval be replayed; a newer one takes it back', () => {
    const first = request(both).answers[2]!
    const next = answered(both, 3, 'approve', { name: 'b', now })
    const replay = { ...answer(next, 3, 'approve', 'a', { sequence: 1 }), message: first.message }
    expect(answerRequest(next, replay, now, RULES)).toEqual({ kind: 'refused', code: 'sequence_rejected' })
    const back = answered(next, 3, 'approve', { now: now + 1 })
    expect(request(back)).toMatchObject({ state: 'waiting', quorumAt: now + 1 })
    expect(request(back, 'b').answers[0]?.displaced).toBe(true)
  })

  it('touches neither alarms, nor other contacts, nor ended or released requests', () => {
    const alarmed = answered(both, 4, 'alarm', { now })
    const next = answered(alarmed, 4, 'approve', { name: 'b', now })
    expect(request(next)).toEqual(request(alarmed))
    const released = nextOf(pull(releasable, LATER + WAITING))
    const late = { name: 'b', now: LATER + WAITING }
    const moved = answered(opened(released, 'b', late.now), 1, 'approve', late)
    expect(request(moved)).toMatchObject({ state: 'released', quorumAt: LATER })
    expect(request(moved).answers[0]).toMatchObject({ displaced: true })
  })

  it('ends a request that is past collecting and loses its quorum', () => {
    const account = opened(protectedOwner({ policy: { collectingSeconds: 3600 } }))
    const late = at(approvedBy(account, [1, 2, 3]), T0 + 2 * HOUR)
    const moved = answered(opened(late, 'b', T0 + 2 * HOUR), 1, 'approve', { name: 'b', now: T0 + 2 * HOUR })
    expect(request(moved).state).toBe('expired')
  })
})

describe('after release', () => {
  const now = LATER + WAITING
  const released = nextOf(pull(releasable, now))

  it('approvals of further slots are taken, so that a liar strands nobody', () => {
    const next = answered(released, 4, 'approve', { now })
    expect(request(next)).toMatchObject({ state: 'released', quorumAt: LATER })
    expect(request(next).answers).toHaveLength(4)
  })

  it.each([
    ['a decline', 1, 'decline'],
    ['an alarm', 4, 'alarm'],
    ['a second approval', 1, 'approve'],
  ] as const)('%s is not', (_, slot, decision) => {
    expect(decide(released, slot, decision)).toEqual({ kind: 'refused', code: 'not_collecting' })
  })

  it('an approval that was displaced can be given again', () => {
    const moved = answered(opened(released, 'b', now), 1, 'approve', { name: 'b', now })
    const back = answered(moved, 1, 'approve', { now })
    expect(request(back).answers[0]).toMatchObject({ displaced: false, sequence: 2 })
    expect(request(back).state).toBe('released')
  })
})
