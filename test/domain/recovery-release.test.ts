import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { NO_BACK_OFF } from '../../src/domain/back-off.ts'
import { completeRecovery } from '../../src/domain/recovery-completion.ts'
import { releaseRecovery } from '../../src/domain/recovery-release.ts'
import {
  accepted,
  contact,
  hash32,
  HOUR,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  proposed,
  protectedOwner,
  registered,
  relayed,
  signedText,
  T0,
} from '../support/circles.ts'
import {
  answered,
  approvedBy,
  at,
  complete,
  completion,
  NEXT_IDENTITY,
  opened,
  pull,
  request,
  REQUESTER,
  STOLEN_RULE,
  stolen,
  veto,
  WAITING,
} from '../support/requests.ts'

const END = T0 + WAITING
const owner = protectedOwner()
const waiting = relayed(approvedBy(opened(owner), [1, 2, 3]))
const due = at(waiting, END)
const released = relayed(nextOf(pull(due, END)))
const notReleasable = { kind: 'refused', code: 'not_releasable' }

describe('a pull', () => {
  it('releases at the end of the waiting period, to the millisecond, on the store’s clock', () => {
    expect(pull(waiting, END - 1)).toEqual({ ...notReleasable, retryAfterMs: 1 })
    const decision = pull(relayed(due), END)
    expect(decision).toMatchObject({ kind: 'changed', notBefore: END })
    const next = nextOf(decision)
    expect(request(next)).toMatchObject({ state: 'released', releasedAt: END })
    expect(logTypesOf(next)).toEqual(['recovery-released'])
    expect(noticesOf(next)).toEqual([
      'recovery-released owner',
      ...[1, 2, 3, 4, 5].map((slot) => `recovery-released contact ${slot}`),
      'recovery-released requester',
    ])
  })

  it('needs no mark by a job before it', () => {
    expect(request(waiting).state).toBe('waiting')
    expect(pull(waiting, END)).toMatchObject({ kind: 'changed', notBefore: END })
  })

  it('can be repeated', () => {
    expect(pull(released, END + 1)).toEqual({ kind: 'unchanged', value: request(released) })
  })

  it('does not say how long an alarm makes it wait', () => {
    const alarmed = answered(waiting, 5, 'alarm')
    expect(pull(alarmed, T0 + 1)).toEqual({ ...notReleasable, retryAfterMs: WAITING - 1 })
    expect(pull(at(alarmed, END), END)).toEqual(notReleasable)
    expect(pull(opened(owner), T0)).toEqual(notReleasable)
  })

  it.each([
    ['collecting', opened(owner)],
    ['contested', nextOf(veto(approvedBy(opened(protectedOwner(STOLEN_RULE)), [1, 2, 3])))],
  ])('is refused while %s', (state, account) => {
    expect(request(account).state).toBe(state)
    expect(pull(account, END)).toMatchObject(notReleasable)
  })

  it('is refused for another epoch than the active one, and without the approvals', () => {
    const [recovery] = due.recoveries
    for (const changed of [
      { ...recovery!, epoch: 7 },
      { ...recovery!, coreHash: hash32('other') },
      { ...recovery!, answers: recovery!.answers.slice(1) },
    ])
      expect(pull({ ...due, recoveries: [changed] }, END)).toEqual(notReleasable)
    expect(pull({ ...due, circle: { ...due.circle, active: null } }, END)).toEqual(notReleasable)
  })

  it('is refused after the end, for others, and for what is not known', () => {
    const ended = { kind: 'refused', code: 'recovery_ended' }
    expect(pull(nextOf(veto(due, 'identity', END)), END)).toEqual(ended)
    expect(pull(due, END, 'unknown')).toEqual(ended)
    const body = { account: contact(1), recovery: idOf('a') }
    expect(releaseRecovery(due, { body }, END)).toEqual(ended)
    const completed = nextOf(complete(released, END))
    expect(pull(completed, END)).toEqual({ kind: 'refused', code: 'already_completed' })
  })
})

describe('completion', () => {
  const rejected = (account: Account, more: Parameters<typeof completion>[2]) =>
    completeRecovery(account, completion(account, 'a', more), END)
  const malformed = { kind: 'refused', code: 'malformed' }

  it('spends the epoch, erases its factor, adds the device and clears the back-off', () => {
    const next = nextOf(
      complete({ ...released, backOff: { ...NO_BACK_OFF, account: { vetoes: 3, until: 9 } } }, END),
    )
    expect(request(next)).toMatchObject({ state: 'completed', endedAt: END, releasedAt: END })
    expect(next.circle).toMatchObject({ active: null, lastCoreHash: owner.circle.lastCoreHash })
    expect(next.outbox.erasures).toContainEqual({ what: 'factors-below', epoch: 2 })
    for (const slot of [1, 2, 3])
      expect(next.outbox.erasures).toContainEqual({ what: 'blob', hash: hash32(`handed a ${slot} 1`) })
    expect(next.backOff).toEqual(NO_BACK_OFF)
    expect(next.devices.map(({ device }) => device)).toEqual([hash32('new device')])
    expect(next.identity).toEqual(released.identity)
    expect(next.replaced).toEqual([])
    expect(logTypesOf(next)).toEqual(['recovery-completed', 'epoch-spent', 'device-registered'])
    expect(noticesOf(next)).toContain('recovery-completed requester')
    expect(noticesOf(next)).toContain('recovery-completed contact 5')
  })

  it('happens once', () => {
    const next = nextOf(complete(released, END))
    expect(complete(next, END)).toEqual({ kind: 'refused', code: 'already_completed' })
  })

  it('keeps the other devices after a loss', () => {
    const device = { device: hash32('old'), statement: signedText({}), registeredAt: T0 }
    const next = nextOf(complete({ ...released, devices: [device] }, END))
    expect(next.devices.map((one) => one.device)).toEqual([hash32('old'), hash32('new device')])
  })

  it('ends other requests, released ones too, and pending changes', () => {
    const many = opened(opened(accepted(proposed(released, {}, END), END), 'b', END), 'c', END)
    const next = nextOf(complete(many, END))
    expect(request(next, 'b')).toMatchObject({ state: 'superseded', endedAt: END })
    expect(request(next, 'c').state).toBe('superseded')
    expect(noticesOf(next)).toContain('recovery-ended contact 3')
    expect(next.circle.pending).toBeNull()
    expect(next.backOff).toEqual(NO_BACK_OFF)
  })

  it.each([
    ['collecting', opened(owner), 'not_released'],
    ['waiting', waiting, 'not_released'],
    ['releasable', due, 'not_released'],
    ['vetoed', nextOf(veto(waiting)), 'recovery_ended'],
  ])('of a %s request is refused', (state, account, code) => {
    expect(request(account).state).toBe(state)
    expect(complete(account, END)).toEqual({ kind: 'refused', code })
  })

  it('is refused for another account, request or spent epoch', () => {
    const ended = { kind: 'refused', code: 'recovery_ended' }
    expect(rejected(released, { body: { account: contact(1) } })).toEqual(ended)
    expect(rejected(released, { body: { recovery: idOf('unknown') } })).toEqual(ended)
    const spent = { ...released, circle: { ...released.circle, active: null } }
    expect(complete(spent, END)).toEqual({ kind: 'refused', code: 'not_released' })
  })

  it('is refused for another identity than the account’s', () => {
    const rejection = { kind: 'refused', code: 'signature_rejected' }
    const { signing } = REQUESTER
    const recovered = { ...registered().identity!.keys }
    expect(rejected(released, { body: { recovered: REQUESTER } })).toEqual(rejection)
    expect(rejected(released, { body: { recovered: { ...recovered, signing } } })).toEqual(rejection)
    const { sealing } = REQUESTER
    expect(rejected(released, { body: { recovered: { ...recovered, sealing } } })).toEqual(rejection)
  })

  it.each([
    ['another core', { body: { coreHash: hash32('x') } }],
    ['another device', { body: { device: hash32('x') } }],
    ['a next identity that was not asked for', { body: { next: NEXT_IDENTITY } }],
    [
      'a next identity’s statement that was not asked for',
      { rest: { identity: { keys: NEXT_IDENTITY, statement: signedText({}) } } },
    ],
  ])('is refused with %s', (_, more) => {
    expect(rejected(released, more)).toEqual(malformed)
  })

  it('is refused with a device of another account', () => {
    const { device } = completion(released)
    const body = { ...device.body, account: contact(1) }
    expect(rejected(released, { rest: { device: { ...device, body } } })).toEqual(malformed)
  })
})

describe('completion after theft', () => {
  const device = { device: hash32('thief’s'), statement: signedText({}), registeredAt: T0 }
  const account = { ...opened(owner, 'a', T0, stolen), devices: [device] }
  const freed = nextOf(pull(at(approvedBy(account, [1, 2, 3]), END), END))

  it('moves to the next identity, refuses the old key, and ends all devices', () => {
    const next = nextOf(complete(freed, END))
    expect(next.identity).toEqual({ keys: NEXT_IDENTITY, statement: signedText({ next: 'statement' }) })
    expect(next.replaced).toEqual([registered().identity?.keys.signing])
    expect(next.devices.map((one) => one.device)).toEqual([hash32('new device')])
    expect(logTypesOf(next)).toContain('identity-replaced')
    const again = nextOf(complete(freed, END + HOUR))
    expect(again.identity).toEqual(next.identity)
  })

  it.each([
    ['without its statement', { rest: { identity: null } }],
    ['with another', { body: { next: REQUESTER } }],
    ['with none', { body: { next: null } }],
    ['with another’s statement', { rest: { identity: { keys: REQUESTER, statement: signedText({}) } } }],
  ])('is refused %s', (_, more) => {
    expect(completeRecovery(freed, completion(freed, 'a', more), END)).toEqual({
      kind: 'refused',
      code: 'malformed',
    })
  })

  it('is refused with a key that the account has, or had', () => {
    const { identity } = freed
    const replaced = { ...freed, replaced: [NEXT_IDENTITY.signing] }
    expect(complete(replaced, END)).toMatchObject({ code: 'malformed' })
    const same = { ...request(freed), nextIdentity: identity!.keys }
    const circular = { ...freed, recoveries: [same] }
    expect(complete(circular, END)).toMatchObject({ code: 'malformed' })
  })
})
