import { sharesView } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { emptyAccount } from '../../src/domain/accounts.ts'
import { countersignChange, requestDeletion } from '../../src/domain/circle-consent.ts'
import { sealedSharesOf, sharesFor } from '../../src/domain/present-shares.ts'
import {
  accepted,
  contact,
  contacts,
  COOLING,
  hash32,
  idOf,
  nextOf,
  OWNER,
  proposed,
  protectedOwner,
  registered,
  SETTINGS,
  signedText,
  T0,
} from '../support/circles.ts'

const ACTIVATION = signedText({ activation: 1 })
const SEALED = 'c2VhbGVk'
const sources = { sealed: (hash: string) => `${SEALED}${hash}`, activation: () => ACTIVATION }

const shown = (number: number, ...owners: readonly Account[]) => {
  const view = sharesFor(contact(number), owners, T0 + 5, sources)
  expect(sharesView.parse(view)).toEqual(view)
  return view
}

describe('sharesFor', () => {
  it('shows an offered share with all that the contact needs to check it', () => {
    const owner = proposed(registered())
    const { coreHash, manifest } = owner.circle.pending!
    expect(shown(3, owner)).toEqual({
      shares: [
        {
          owner: OWNER,
          identity: owner.identity?.statement,
          stage: 'pending',
          manifest,
          coreHash,
          slot: 3,
          sealed: `${SEALED}${hash32('sealed 1 2')}`,
          state: 'offered',
          coolsAt: null,
          activation: null,
        },
      ],
      changes: [],
      now: T0 + 5,
    })
  })

  it('shows the active share with its record, the pending one, and the change between them', () => {
    const owner = accepted(proposed(protectedOwner()), T0, [2])
    const { active, pending } = owner.circle
    const { shares, changes } = shown(2, owner)
    expect(shares).toMatchObject([
      { stage: 'active', slot: 2, coolsAt: null, activation: ACTIVATION, state: 'accepted' },
      { stage: 'pending', slot: 2, coolsAt: T0 + COOLING, activation: null, state: 'accepted' },
    ])
    expect(changes).toEqual([
      {
        owner: OWNER,
        kind: 'epoch',
        activeCoreHash: active?.coreHash,
        slot: 2,
        coreHash: pending?.coreHash,
        coolsAt: T0 + COOLING,
        leaving: false,
        countersigned: false,
      },
    ])
  })

  it('tells a contact who is to leave, and whether it consented', () => {
    const owner = proposed(protectedOwner(), { contacts: [1, 2, 3, 8].map(contact) })
    const { active, pending } = owner.circle
    const consent = {
      owner: OWNER,
      contact: contact(5),
      activeCoreHash: active!.coreHash,
      slot: 5,
      coreHash: pending!.coreHash,
    }
    const consented = nextOf(countersignChange(owner, consent, T0, SETTINGS))
    expect(shown(5, consented).changes).toMatchObject([{ slot: 5, leaving: true, countersigned: true }])
    expect(shown(4, consented).changes).toMatchObject([{ slot: 4, leaving: true, countersigned: false }])
    expect(shown(1, consented).changes).toMatchObject([{ slot: 1, leaving: false }])
    // Joins with the new epoch: there is nothing for it to consent to.
    expect(shown(8, consented)).toMatchObject({ changes: [], shares: [{ stage: 'pending', slot: 4 }] })
  })

  it('tells every contact of a deletion', () => {
    const account = protectedOwner()
    const { circle, epoch, coreHash } = account.circle.active!
    const body = { account: OWNER, circle, epoch, coreHash }
    const deleting = nextOf(requestDeletion(account, { body, message: signedText(body) }, T0))
    expect(shown(4, deleting).changes).toEqual([
      {
        owner: OWNER,
        kind: 'deletion',
        activeCoreHash: coreHash,
        slot: 4,
        coreHash,
        coolsAt: T0 + COOLING,
        leaving: true,
        countersigned: false,
      },
    ])
  })

  it('shows no contact another one, beyond what the signed manifest holds', () => {
    const view = shown(1, accepted(proposed(protectedOwner())))
    const text = JSON.stringify(view)
    for (const other of contacts(5).slice(1)) expect(text).not.toContain(other)
  })

  it('shows nothing to a stranger, and nothing of an account without identity', () => {
    expect(shown(9, protectedOwner())).toMatchObject({ shares: [], changes: [] })
    expect(shown(1, emptyAccount('demo', idOf('x')))).toMatchObject({ shares: [], changes: [] })
  })

  it('leaves out a share whose ciphertext has just gone', () => {
    const view = sharesFor(contact(1), [protectedOwner()], T0, { ...sources, sealed: () => null })
    expect(view.shares).toEqual([])
  })

  it('is sorted by owner, whatever order they come in', () => {
    const one = protectedOwner()
    const other = { ...one, id: idOf('another owner') }
    expect(shown(1, one, other)).toEqual(shown(1, other, one))
    expect(shown(1, one, other).shares).toHaveLength(2)
  })
})

describe('sealedSharesOf', () => {
  it('names the blobs of this contact alone', () => {
    const owner = proposed(protectedOwner())
    expect(sealedSharesOf(contact(2), owner)).toEqual([hash32('sealed 1 1'), hash32('sealed 2 1')])
    expect(sealedSharesOf(contact(9), owner)).toEqual([])
  })
})
