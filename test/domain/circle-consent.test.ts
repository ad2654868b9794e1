import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { settleCircle } from '../../src/domain/circle-change.ts'
import {
  cancelChange,
  cancelKeysOf,
  countersignChange,
  requestDeletion,
} from '../../src/domain/circle-consent.ts'
import {
  accepted,
  answerBy,
  contact,
  contacts,
  COOLING,
  DELAY,
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
  requestOn,
  SETTINGS,
  type Shape,
  signedText,
  T0,
  VETO_KEY,
} from '../support/circles.ts'

const changing = (shape: Shape = {}, account = protectedOwner()): Account =>
  relayed(accepted(proposed(account, shape)))

/** Consent of the contact who has this slot in the active epoch. */
const consentOf = (account: Account, slot: number) => {
  const { active, pending } = account.circle
  return {
    owner: account.id,
    contact: active!.slots[slot - 1]!.contact,
    activeCoreHash: active!.coreHash,
    slot,
    coreHash: pending?.coreHash ?? hash32('nothing'),
  }
}
const countersigned = (account: Account, slots: readonly number[], now = T0 + 1): Account =>
  slots.reduce(
    (next, slot) => nextOf(countersignChange(next, consentOf(account, slot), now, SETTINGS)),
    account,
  )

describe('countersignChange', () => {
  it('spares the cooling once t current contacts consent', () => {
    const account = changing()
    const two = countersigned(account, [5, 2])
    expect(two.circle).toMatchObject({ active: { epoch: 1 }, pending: { countersigned: [2, 5] } })
    expect(logTypesOf(two)).toEqual(['change-countersigned', 'change-countersigned'])
    const decision = countersignChange(two, consentOf(two, 3), T0 + HOUR, SETTINGS)
    expect(decision).not.toHaveProperty('notBefore')
    expect(nextOf(decision).circle.active).toMatchObject({ epoch: 2, activatedAt: T0 + HOUR })
    expect(noticesOf(nextOf(decision))).toContain('epoch-activated owner')
  })

  it('needs the threshold of the active epoch, whatever the new one says', () => {
    const account = changing({ policy: { threshold: 2, acceptances: 5 } })
    expect(countersigned(account, [1, 2]).circle.active?.epoch).toBe(1)
    expect(countersigned(account, [1, 2, 3]).circle.active?.epoch).toBe(2)
  })

  it('needs each contact whom the change removes', () => {
    const account = changing({ contacts: [1, 2, 3, 8].map(contact) })
    const staying = countersigned(account, [1, 2, 3])
    expect(staying.circle.active?.epoch).toBe(1)
    expect(countersigned(staying, [4]).circle.active?.epoch).toBe(1)
    expect(countersigned(staying, [4, 5]).circle.active?.epoch).toBe(2)
  })

  it('counts towards t only contacts who accepted their share', () => {
    const active = relayed(accepted(proposed(registered(), { policy: { acceptances: 4 } }), T0, [1, 2, 3, 4]))
    const account = changing({}, active)
    expect(countersigned(account, [1, 2, 5]).circle.active?.epoch).toBe(1)
    expect(countersigned(account, [1, 2, 5, 4]).circle.active?.epoch).toBe(2)
  })

  it('does not stand in for acceptances: the last of them then makes the epoch active', () => {
    const account = accepted(proposed(protectedOwner()), T0, [1, 2, 3, 4])
    const consented = countersigned(account, [1, 2, 3])
    expect(consented.circle.active?.epoch).toBe(1)
    expect(accepted(consented, T0 + 2, [5]).circle.active?.epoch).toBe(2)
  })

  it('does not get past an approved request, and only after its delay past another', () => {
    const account = changing()
    const blocked = countersigned(
      { ...account, recoveries: [requestOn(account, { answers: [answerBy(4)] })] },
      [1, 2, 3],
    )
    expect(settleCircle(blocked, T0 + COOLING + DELAY, SETTINGS).account).toBe(blocked)
    const open = { ...account, recoveries: [requestOn(account)] }
    const delayed = countersigned(open, [1, 2, 3], T0 + HOUR)
    expect(delayed.circle.pending).toMatchObject({ delayed: true, coolsAt: T0 + HOUR + DELAY })
    const settledAt = (now: number) => settleCircle(delayed, now, SETTINGS).account.circle.active?.epoch
    expect([settledAt(T0 + HOUR + DELAY - 1), settledAt(T0 + HOUR + DELAY)]).toEqual([1, 2])
  })

  it('is unchanged when repeated', () => {
    const account = countersigned(changing(), [2])
    expect(countersignChange(account, consentOf(account, 2), T0, SETTINGS).kind).toBe('unchanged')
  })

  it('begins anew with another proposal', () => {
    const account = proposed(countersigned(changing(), [1, 2]))
    expect(account.circle.pending?.countersigned).toEqual([])
  })

  const account = changing({ contacts: contacts(6) })
  const good = consentOf(account, 1)
  it.each([
    ['of a contact of the new epoch only', account, { ...good, contact: contact(6), slot: 6 }, 'not_found'],
    ['of another’s slot', account, { ...good, slot: 2 }, 'not_found'],
    ['for another owner', account, { ...good, owner: idOf('else') }, 'not_found'],
    ['without an active epoch', proposed(registered()), good, 'not_found'],
    ['to another change', account, { ...good, coreHash: hash32('else') }, 'change_not_pending'],
    ['from another active epoch', account, { ...good, activeCoreHash: hash32('else') }, 'change_not_pending'],
    ['without a change', protectedOwner(), good, 'change_not_pending'],
  ] as const)('refuses consent %s', (_, on, body, code) => {
    expect(countersignChange(on, body, T0, SETTINGS)).toEqual({ kind: 'refused', code })
  })
})

const deletionOf = (account: Account, fields: object = {}) => {
  const { circle, epoch, coreHash } = account.circle.active ?? { circle: 'c', epoch: 1, coreHash: 'h' }
  const body = { account: account.id, circle, epoch, coreHash, ...fields }
  return { body, message: signedText(body) }
}
const deleting = (account = protectedOwner()): Account =>
  relayed(nextOf(requestDeletion(account, deletionOf(account), T0)))

describe('requestDeletion', () => {
  it('cools by the active policy, in sight of owner and contacts', () => {
    const account = protectedOwner()
    const next = nextOf(requestDeletion(account, deletionOf(account), T0))
    expect(next.circle.deletion).toEqual({
      statement: deletionOf(account).message,
      proposedAt: T0,
      coolsAt: T0 + COOLING,
      delayed: false,
    })
    expect(next.circle.active?.epoch).toBe(1)
    expect(logTypesOf(next)).toEqual(['deletion-requested'])
    expect(noticesOf(next)).toEqual([
      'deletion-proposed owner',
      ...[1, 2, 3, 4, 5].map((number) => `deletion-proposed contact ${number}`),
    ])
  })

  it('is unchanged when repeated: cooling does not begin anew', () => {
    const account = deleting()
    expect(requestDeletion(account, deletionOf(account), T0 + HOUR).kind).toBe('unchanged')
  })

  const active = protectedOwner()
  it.each([
    ['without a circle', registered(), deletionOf(registered()), 'no_circle'],
    ['of another epoch', active, deletionOf(active, { epoch: 2 }), 'epoch_rejected'],
    ['of another core', active, deletionOf(active, { coreHash: hash32('else') }), 'epoch_rejected'],
    ['of another circle', active, deletionOf(active, { circle: idOf('else') }), 'epoch_rejected'],
    ['of another account', active, deletionOf(active, { account: idOf('else') }), 'epoch_rejected'],
    ['while an epoch is pending', changing(), deletionOf(changing()), 'change_pending'],
  ] as const)('is refused %s', (_, account, deletion, code) => {
    expect(requestDeletion(account, deletion, T0)).toEqual({ kind: 'refused', code })
  })
})

describe('cancelChange', () => {
  const cancel = (account: Account, coreHash: string, id = account.id) =>
    cancelChange(account, { account: id, coreHash }, T0 + 1)

  it('withdraws a pending epoch by its core', () => {
    const account = changing()
    const next = nextOf(cancel(account, account.circle.pending!.coreHash))
    expect(next.circle).toMatchObject({ pending: null, active: { epoch: 1 } })
    expect(next.outbox.entries[0]?.details).toMatchObject({ reason: 'withdrawn' })
  })

  it('withdraws a deletion by the active core', () => {
    const account = deleting()
    expect(nextOf(cancel(account, account.circle.active!.coreHash)).circle.deletion).toBeNull()
  })

  const pending = changing()
  it.each([
    ['nothing', protectedOwner(), protectedOwner().circle.active!.coreHash],
    ['the active epoch while another is pending', pending, pending.circle.active!.coreHash],
    ['another core', pending, hash32('else')],
    ['another core than a deletion’s', deleting(), hash32('else')],
  ])('refuses to withdraw %s', (_, account, coreHash) => {
    expect(cancel(account, coreHash)).toEqual({ kind: 'refused', code: 'change_not_pending' })
  })

  it('refuses a message about another account', () => {
    const { coreHash } = pending.circle.pending!
    expect(cancel(pending, coreHash, idOf('else')).kind).toBe('refused')
  })

  it('counts under the identity key and the active veto key, not the pending one', () => {
    const identity = registered().identity!.keys.signing
    expect(cancelKeysOf(registered())).toEqual([identity])
    expect(cancelKeysOf(protectedOwner({ vetoKey: VETO_KEY }))).toEqual([identity, VETO_KEY])
    expect(cancelKeysOf(changing({ vetoKey: VETO_KEY }))).toEqual([identity])
  })
})
