import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { NO_BACK_OFF, REMEMBERED_SUBJECTS, withVeto } from '../../src/domain/back-off.ts'
import { answerRequest } from '../../src/domain/recovery-answers.ts'
import { cancelRecovery, vetoRecovery } from '../../src/domain/recovery-veto.ts'
import {
  accepted,
  contact,
  hash32,
  HOUR,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  OWNER,
  proposed,
  protectedOwner,
  relayed,
  T0,
  VETO_KEY,
} from '../support/circles.ts'
import {
  answer,
  answered,
  approvedBy,
  at,
  complete,
  CONTEST,
  opened,
  pull,
  request,
  RULES,
  STOLEN_RULE,
  veto,
  WAITING,
} from '../support/requests.ts'

const LATER = T0 + HOUR
const plain = relayed(opened(protectedOwner({ vetoKey: VETO_KEY })))
const contestable = relayed(opened(protectedOwner({ ...STOLEN_RULE, vetoKey: VETO_KEY })))
const waiting = approvedBy(contestable, [1, 2, 3], { theft: true })
const VETOED = { outcome: 'vetoed', until: null }
const cancel = (account: Account, name = 'a') =>
  cancelRecovery(account, { body: { account: OWNER, recovery: idOf(name) } }, LATER, RULES)

const stages = (account: Account): readonly (readonly [string, Account, number])[] => {
  const approved = approvedBy(account, [1, 2, 3])
  return [
    ['collecting', account, T0],
    ['waiting', approved, T0],
    ['releasable', at(approved, T0 + WAITING), T0 + WAITING],
  ]
}

describe('a veto', () => {
  it.each(stages(plain))('by the identity key ends a %s request', (_, account, now) => {
    const decision = veto(account, 'identity', now)
    expect(decision).toMatchObject({ kind: 'changed', value: VETOED })
    const next = nextOf(decision)
    expect(request(next)).toMatchObject({ state: 'vetoed', endedAt: now })
    expect(next.backOff.account).toEqual({ vetoes: 1, until: now + HOUR })
    expect(veto(next)).toEqual({ kind: 'unchanged', value: VETOED })
    expect(pull(at(next, now + 9 * WAITING), now + 9 * WAITING)).toMatchObject({ code: 'recovery_ended' })
  })

  it.each([...stages(plain), ...stages(contestable)])(
    'by the veto key ends a %s request, whatever the rule',
    (_, account, now) => {
      expect(request(nextOf(veto(account, 'veto-key', now))).state).toBe('vetoed')
    },
  )

  it('tells owner, contacts and requester the same as any other end, and gives up the shares', () => {
    const next = nextOf(veto(relayed(approvedBy(plain, [1]))))
    expect(noticesOf(next)).toEqual([
      'recovery-ended owner',
      ...[1, 2, 3, 4, 5].map((slot) => `recovery-ended contact ${slot}`),
      'recovery-ended requester',
    ])
    expect(next.outbox.erasures[0]).toEqual({ what: 'request', recovery: idOf('a') })
    expect(next.outbox.erasures.slice(1)).toEqual([{ what: 'blob', hash: hash32('handed a 1 1') }])
  })

  it('by a veto key needs a circle that has one', () => {
    const none = opened(protectedOwner())
    expect(veto(none, 'veto-key')).toEqual({ kind: 'refused', code: 'signature_rejected' })
  })

  it('is for this account and a request that is known', () => {
    const body = { account: contact(1), recovery: idOf('a'), by: 'identity' as const }
    expect(vetoRecovery(plain, { body }, T0, RULES)).toMatchObject({ code: 'signature_rejected' })
    expect(veto(plain, 'identity', T0, 'unknown')).toMatchObject({ code: 'recovery_ended' })
  })

  it('comes too late after release, and says that the request has ended when it has', () => {
    const now = T0 + WAITING
    const released = nextOf(pull(at(approvedBy(plain, [1, 2, 3]), now), now))
    for (const by of ['identity', 'veto-key'] as const)
      expect(veto(released, by, now)).toEqual({ kind: 'refused', code: 'veto_too_late' })
    const completed = nextOf(complete(released, now))
    const cancelled = nextOf(cancel(plain))
    for (const account of [completed, cancelled])
      expect(veto(account, 'identity', now)).toEqual({ kind: 'refused', code: 'recovery_ended' })
  })
})

describe('the stolen-phone rule', () => {
  const contested = nextOf(veto(waiting))
  const until = T0 + CONTEST

  it.each(stages(contestable))('makes a %s request contested', (_, account, now) => {
    const decision = veto(account, 'identity', now)
    expect(decision).toMatchObject({ value: { outcome: 'contested', until: now + CONTEST } })
    const next = nextOf(decision)
    expect(request(next)).toMatchObject({ state: 'contested', contestedUntil: now + CONTEST })
    expect(next.backOff).toEqual(NO_BACK_OFF)
    expect(noticesOf(next)).not.toContain('recovery-contested requester')
    expect(veto(next, 'identity', now + 1)).toEqual({
      kind: 'unchanged',
      value: { outcome: 'contested', until: now + CONTEST },
    })
  })

  it('keeps a contested request from being released, however long it waited', () => {
    const long = { ...RULES, contestSeconds: 10 * (WAITING / 1000) }
    const body = { account: OWNER, recovery: idOf('a'), by: 'identity' as const }
    const account = nextOf(vetoRecovery(waiting, { body }, T0, long))
    expect(pull(at(account, T0 + 2 * WAITING), T0 + 2 * WAITING)).toMatchObject({ code: 'not_releasable' })
  })

  it('ends it vetoed when its time is over, counted from then', () => {
    expect(at(contested, until - 1)).toBe(contested)
    const ended = at(contested, until + 5)
    expect(request(ended)).toMatchObject({ state: 'vetoed', endedAt: until, contestedUntil: null })
    expect(ended.backOff.account).toEqual({ vetoes: 1, until: until + HOUR })
  })

  it('resumes it with s live statements, one waiting period later, and clears the back-off', () => {
    const before = { ...contested, backOff: withVeto(NO_BACK_OFF, 'x', T0, RULES, false) }
    const unstated = answered(before, 4, 'approve', { now: LATER })
    expect(request(unstated).state).toBe('contested')
    const next = answered(relayed(unstated), 4, 'approve', { now: LATER, theft: true })
    expect(request(next)).toMatchObject({
      state: 'waiting',
      overriddenAt: LATER,
      contestedUntil: null,
      quorumAt: T0,
      reminded: ['quorum'],
    })
    expect(next.backOff).toEqual(NO_BACK_OFF)
    expect(logTypesOf(next)).toContain('recovery-resumed')
    const end = Math.max(T0 + WAITING, LATER) + WAITING
    expect(pull(at(next, end - 1), end - 1)).toMatchObject({ code: 'not_releasable' })
    expect(pull(at(next, end), end).kind).toBe('changed')
  })

  it('counts neither a statement that was taken back, nor one that was displaced', () => {
    const less = answered(contested, 1, 'alarm', { now: LATER })
    expect(request(answered(less, 4, 'approve', { now: LATER, theft: true })).state).toBe('contested')
    const other = approvedBy(opened(contested, 'b', LATER), [1], { name: 'b', now: LATER })
    expect(request(answered(other, 4, 'approve', { now: LATER, theft: true })).state).toBe('contested')
  })

  it('leaves a whole waiting period after a contest that lasted longer than that', () => {
    const short = opened(protectedOwner({ policy: { stolenQuorum: 4, waitingSeconds: 3600 } }))
    const account = nextOf(veto(approvedBy(short, [1, 2, 3], { theft: true })))
    const now = T0 + 3 * HOUR
    const resumed = answered(at(account, now), 4, 'approve', { now, theft: true })
    expect(request(resumed).state).toBe('waiting')
    expect(pull(at(resumed, now + HOUR - 1), now + HOUR - 1)).toMatchObject({ code: 'not_releasable' })
    expect(pull(at(resumed, now + HOUR), now + HOUR).kind).toBe('changed')
  })

  it('lets an identity veto no longer count, but the veto key', () => {
    const resumed = answered(contested, 4, 'approve', { now: LATER, theft: true })
    expect(veto(resumed, 'identity', LATER)).toEqual({ kind: 'refused', code: 'veto_overruled' })
    expect(request(nextOf(veto(resumed, 'veto-key', LATER))).state).toBe('vetoed')
    expect(request(nextOf(veto(contested, 'veto-key', LATER))).state).toBe('vetoed')
  })

  it.each([
    ['waiting', T0],
    ['releasable', T0 + WAITING],
    ['releasable', T0 + 2 * WAITING],
  ])('resumes a %s request at once where s have stated the theft before', (from, now) => {
    const stated = at(approvedBy(waiting, [4], { theft: true }), now)
    expect(request(stated).state).toBe(from)
    const decision = veto(relayed(stated), 'identity', now)
    expect(decision).toMatchObject({ kind: 'changed', value: { outcome: 'contested', until: null } })
    const next = nextOf(decision)
    expect(request(next)).toMatchObject({ state: 'waiting', overriddenAt: now, contestedUntil: null })
    expect(logTypesOf(next)).toEqual(['recovery-contested', 'recovery-resumed'])
    expect(veto(next, 'identity', now)).toMatchObject({ code: 'veto_overruled' })
  })

  it('withdraws a pending change of the circle', () => {
    const changing = accepted(proposed(contested, STOLEN_RULE))
    expect(changing.circle.pending).not.toBeNull()
    const resumed = answered(changing, 4, 'approve', { now: LATER, theft: true })
    expect(resumed.circle.pending).toBeNull()
    expect(logTypesOf(resumed)).toContain('change-cancelled')
  })

  it('does not let collecting expire while it is contested', () => {
    const account = opened(protectedOwner({ policy: { stolenQuorum: 4, collectingSeconds: 3600 } }))
    const held = nextOf(veto(account))
    const now = T0 + 2 * HOUR
    const resumed = approvedBy(at(held, now), [1, 2, 3, 4], { now, theft: true })
    expect(request(resumed)).toMatchObject({ state: 'waiting', quorumAt: now, overriddenAt: now })
  })

  it('ends it declined once fewer than t can still approve, and counts the veto', () => {
    const two = [1, 2, 3].reduce((next, slot) => answered(next, slot, 'decline', { now: LATER }), contested)
    expect(request(two).state).toBe('declined')
    expect(two.backOff.account.vetoes).toBe(1)
  })

  it('counts the veto of a request that is cancelled instead', () => {
    expect(nextOf(cancel(contested)).backOff.account).toEqual({ vetoes: 1, until: LATER + HOUR })
  })
})

describe('cancelling', () => {
  it.each([...stages(plain), ['contested', nextOf(veto(waiting)), T0] as const])(
    'ends a %s request',
    (state, account) => {
      expect(request(account).state).toBe(state)
      const next = nextOf(cancel(account))
      expect(request(next)).toMatchObject({ state: 'cancelled', endedAt: LATER })
      expect(cancel(next)).toEqual({ kind: 'unchanged', value: undefined })
      expect(answerRequest(next, answer(next, 5, 'alarm'), LATER, RULES)).toMatchObject({
        code: 'recovery_ended',
      })
    },
  )

  it('ends a released request, without back-off', () => {
    const now = T0 + WAITING
    const next = nextOf(cancel(nextOf(pull(at(approvedBy(plain, [1, 2, 3]), now), now))))
    expect(request(next).state).toBe('cancelled')
    expect(next.backOff).toEqual(NO_BACK_OFF)
  })

  it('comes too late for one that has ended, or is not known', () => {
    const ended = { kind: 'refused', code: 'recovery_ended' }
    expect(cancel(nextOf(veto(plain)))).toEqual(ended)
    expect(cancel(plain, 'unknown')).toEqual(ended)
    const body = { account: contact(1), recovery: idOf('a') }
    expect(cancelRecovery(plain, { body }, T0, RULES)).toEqual(ended)
  })
})

describe('withVeto', () => {
  it('forgets the subject that is free first', () => {
    let backOff = NO_BACK_OFF
    for (let index = 0; index <= REMEMBERED_SUBJECTS; index += 1)
      backOff = withVeto(backOff, `${index}`, T0 + index, RULES, false)
    expect(backOff.subjects).toHaveLength(REMEMBERED_SUBJECTS)
    expect(backOff.subjects.some(({ subject }) => subject === '0')).toBe(false)
    expect(backOff.subjects.some(({ subject }) => subject === '1')).toBe(true)
  })

  it('never shortens what was said before', () => {
    const before = { ...NO_BACK_OFF, account: { vetoes: 0, until: T0 + 9 * HOUR } }
    expect(withVeto(before, 'x', T0, RULES, false).account).toEqual({ vetoes: 1, until: T0 + 9 * HOUR })
  })
})
