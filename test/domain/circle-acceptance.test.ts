import { verifyLog } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { acceptanceKeyOf, acceptShare, declineShare } from '../../src/domain/circle-acceptance.ts'
import { activationBodyOf, settleCircle } from '../../src/domain/circle-change.ts'
import {
  acceptanceOf,
  accepted,
  contact,
  COOLING,
  hash32,
  idOf,
  logTypesOf,
  nextOf,
  PROOF,
  noticesOf,
  proposed,
  protectedOwner,
  registered,
  relayed,
  SETTINGS,
  signedText,
  T0,
} from '../support/circles.ts'

const declineOf = (account: Account, slot: number) => {
  const { contact: by, coreHash } = acceptanceOf(account, slot).body
  const body = { owner: account.id, coreHash, slot, contact: by }
  return { body, message: signedText(body) }
}
const declined = (account: Account, ...slots: readonly number[]): Account =>
  slots.reduce((next, slot) => nextOf(declineShare(next, declineOf(account, slot), T0)), account)

const states = (account: Account): readonly string[] =>
  (account.circle.pending ?? account.circle.active)?.slots.map(({ state }) => state) ?? []

describe('acceptances', () => {
  it('are kept, logged and told to the owner', () => {
    const account = relayed(proposed(registered()))
    const next = accepted(account, T0 + 7, [2])
    const { message, proof } = acceptanceOf(account, 2)
    expect(next.circle.pending?.slots[1]).toMatchObject({ state: 'accepted', acceptance: { message, proof } })
    expect(next.outbox.entries).toMatchObject([
      { type: 'share-accepted', at: T0 + 7, details: { epoch: 1, slot: 2 } },
    ])
    expect(noticesOf(next)).toEqual(['share-accepted owner'])
  })

  it('make the first epoch active with the last that the rule needs, at once', () => {
    const account = relayed(proposed(registered()))
    const almost = accepted(account, T0, [1, 2, 3, 4])
    expect(almost.circle.active).toBeNull()
    const decision = acceptShare(almost, acceptanceOf(almost, 5), T0 + 9, SETTINGS)
    expect(decision).not.toHaveProperty('notBefore')
    const { circle, outbox } = nextOf(decision)
    expect(circle.pending).toBeNull()
    expect(circle.active).toMatchObject({ epoch: 1, activatedAt: T0 + 9, coreHash: circle.lastCoreHash })
    expect(Object.keys(circle.active!)).not.toContain('coolsAt')
    expect(outbox.erasures).toEqual([{ what: 'factors-below', epoch: 1 }])
    expect(logTypesOf(nextOf(decision)).slice(-2)).toEqual(['share-accepted', 'epoch-activated'])
    expect(noticesOf(nextOf(decision)).slice(-6)).toEqual([
      'epoch-activated owner',
      ...[1, 2, 3, 4, 5].map((number) => `epoch-activated contact ${number}`),
    ])
  })

  it('may be fewer than all, where the owner settles for t + 1, and come in late', () => {
    const account = proposed(registered(), { policy: { acceptances: 4 } })
    expect(accepted(account, T0, [5, 4, 3]).circle.active).toBeNull()
    const active = accepted(account, T0, [5, 4, 3, 1])
    expect(active.circle.active?.slots.map(({ state }) => state)).toEqual([
      'accepted',
      'offered',
      'accepted',
      'accepted',
      'accepted',
    ])
    const before = activationBodyOf(active, active.circle.active!)
    expect(before.proofs.map(({ slot }) => slot)).toEqual([1, 3, 4, 5])
    const late = accepted(active, T0 + 99, [2])
    expect(activationBodyOf(late, late.circle.active!)).toEqual({
      ...before,
      proofs: [1, 2, 3, 4, 5].map((slot) => ({ slot, signature: PROOF })),
    })
  })

  it('are unchanged when repeated, before activation and after', () => {
    const account = accepted(proposed(registered()), T0, [1])
    expect(acceptShare(account, acceptanceOf(account, 1), T0, SETTINGS).kind).toBe('unchanged')
    const active = protectedOwner()
    expect(acceptShare(active, acceptanceOf(active, 1), T0, SETTINGS).kind).toBe('unchanged')
  })

  it('of a later epoch wait for its cooling; the last one after that makes it active at once', () => {
    const account = proposed(protectedOwner())
    expect(accepted(account).circle.pending?.coolsAt).toBe(T0 + COOLING)
    const cooled = accepted(account, T0 + COOLING, [1, 2, 3, 4])
    const decision = acceptShare(cooled, acceptanceOf(cooled, 5), T0 + COOLING, SETTINGS)
    expect(decision).toMatchObject({ kind: 'changed', notBefore: T0 + COOLING })
    expect(nextOf(decision).circle.active?.epoch).toBe(2)
  })

  const pending = proposed(registered())
  const good = acceptanceOf(pending, 1)
  const changed = (fields: Partial<typeof good.body>) => ({ ...good, body: { ...good.body, ...fields } })
  it.each([
    ['by a stranger', pending, changed({ contact: contact(9) }), 'not_found'],
    ['for another owner', pending, changed({ owner: idOf('else') }), 'not_found'],
    ['where nothing is offered', registered(), good, 'not_found'],
    ['of another core', pending, changed({ coreHash: hash32('else') }), 'acceptance_rejected'],
    ['of another’s slot', pending, changed({ slot: 2 }), 'acceptance_rejected'],
    ['of another epoch', pending, changed({ epoch: 2 }), 'acceptance_rejected'],
    ['of another circle', pending, changed({ circle: idOf('else') }), 'acceptance_rejected'],
    [
      'after a decline',
      accepted(declined(proposed(registered(), { policy: { acceptances: 4 } }), 1), T0, [2]),
      acceptanceOf(proposed(registered(), { policy: { acceptances: 4 } }), 1),
      'acceptance_rejected',
    ],
  ] as const)('are refused %s', (_, account, acceptance, code) => {
    expect(acceptShare(account, acceptance, T0, SETTINGS)).toEqual({ kind: 'refused', code })
  })

  it('of a replaced epoch are refused', () => {
    const replaced = proposed(pending)
    expect(acceptShare(replaced, good, T0, SETTINGS)).toEqual({
      kind: 'refused',
      code: 'acceptance_rejected',
    })
  })

  it('name the check key that their proof must verify under', () => {
    expect(acceptanceKeyOf(pending, good.body)).toBe(pending.circle.pending?.slots[0]?.checkKey)
    expect(acceptanceKeyOf(pending, changed({ contact: contact(9) }).body)).toBeNull()
  })
})

describe('declines', () => {
  const flexible = relayed(proposed(registered(), { policy: { acceptances: 4 } }))

  it('are kept and told to the owner while enough contacts are left', () => {
    const next = declined(flexible, 2)
    expect(states(next)).toEqual(['offered', 'declined', 'offered', 'offered', 'offered'])
    expect(noticesOf(next)).toEqual(['share-declined owner'])
    expect(next.outbox.entries[0]?.details).toEqual({ epoch: 1, slot: 2 })
    expect(accepted(next, T0, [1, 3, 4, 5]).circle.active?.epoch).toBe(1)
  })

  it('end the pending epoch when too few are left, and erase what it brought', () => {
    const next = declined(flexible, 2, 4)
    expect(next.circle.pending).toBeNull()
    expect(noticesOf(next)).toEqual([
      'share-declined owner',
      'share-declined owner',
      'change-cancelled owner',
      ...[1, 2, 3, 4, 5].map((number) => `change-cancelled contact ${number}`),
    ])
    expect(next.outbox.entries.at(-1)?.details).toMatchObject({ epoch: 1, reason: 'declined' })
    expect(next.outbox.erasures).toContainEqual({ what: 'factor', epoch: 1 })
    expect(next.outbox.erasures.filter(({ what }) => what === 'blob')).toHaveLength(6)
    expect(verifyLog(next.outbox.entries, { sequence: 1, hash: next.outbox.entries[0]!.previous! })).toEqual(
      next.log,
    )
  })

  it('end it with the first one where all must accept', () => {
    expect(declined(proposed(registered()), 5).circle.pending).toBeNull()
  })

  it('take back an acceptance while the epoch is pending', () => {
    const next = declined(accepted(flexible, T0, [1, 2, 3]), 3)
    expect(next.circle.pending?.slots[2]).toMatchObject({ state: 'declined', acceptance: null })
    expect(accepted(next, T0, [4]).circle.active).toBeNull()
  })

  it('leave the active epoch as it is when they end a later one', () => {
    const next = declined(proposed(protectedOwner()), 1)
    expect(next.circle).toMatchObject({ pending: null, active: { epoch: 1 }, highestEpoch: 2 })
  })

  it('come late to an active epoch only from who never accepted', () => {
    const active = accepted(flexible, T0, [1, 2, 3, 4])
    expect(declined(active, 5).circle.active?.slots[4]?.state).toBe('declined')
    expect(declineShare(active, declineOf(active, 1), T0)).toEqual({
      kind: 'refused',
      code: 'acceptance_rejected',
    })
  })

  it('are unchanged when repeated', () => {
    const next = declined(flexible, 2)
    expect(declineShare(next, declineOf(flexible, 2), T0)).toMatchObject({ kind: 'unchanged' })
  })

  const good = declineOf(flexible, 2)
  const changed = (fields: Partial<typeof good.body>) => ({ ...good, body: { ...good.body, ...fields } })
  it.each([
    ['by a stranger', changed({ contact: contact(9) }), 'not_found'],
    ['for another owner', changed({ owner: idOf('else') }), 'not_found'],
    ['of another core', changed({ coreHash: hash32('else') }), 'acceptance_rejected'],
    ['of another’s slot', changed({ slot: 1 }), 'acceptance_rejected'],
  ] as const)('are refused %s', (_, decline, code) => {
    expect(declineShare(flexible, decline, T0)).toEqual({ kind: 'refused', code })
  })
})

describe('activationBodyOf', () => {
  it('will not say that a pending epoch is active', () => {
    const account = accepted(proposed(protectedOwner()))
    expect(() => activationBodyOf(account, account.circle.pending!)).toThrow(RangeError)
    const active = settleCircle(account, T0 + COOLING, SETTINGS).account
    expect(activationBodyOf(active, active.circle.active!)).toMatchObject({
      account: account.id,
      epoch: 2,
      activatedAt: T0 + COOLING,
    })
  })
})
