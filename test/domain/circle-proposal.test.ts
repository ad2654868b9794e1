import { type ErrorCode, verifyLog } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { type EpochProposal, proposeEpoch } from '../../src/domain/circle-proposal.ts'
import { cancelPending } from '../../src/domain/circle-end.ts'
import { requestDeletion } from '../../src/domain/circle-consent.ts'
import { emptyAccount } from '../../src/domain/accounts.ts'
import {
  accepted,
  contact,
  contacts,
  COOLING,
  hash32,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  OWNER,
  proposalFor,
  proposed,
  protectedOwner,
  registered,
  relayed,
  SETTINGS,
  type Shape,
  signedText,
  T0,
  VETO_KEY,
} from '../support/circles.ts'

const propose = (account: Account, shape: Shape = {}, more: Partial<EpochProposal> = {}) =>
  proposeEpoch(account, proposalFor(account, shape, more), T0, SETTINGS)

const deletionOf = (account: Account) => {
  const { circle, epoch, coreHash } = account.circle.active!
  const body = { account: account.id, circle, epoch, coreHash }
  return { body, message: signedText(body) }
}

describe('the first epoch', () => {
  const account = proposed(registered(), { vetoKey: VETO_KEY })
  it('is pending, cools not at all, and offers a share to each contact', () => {
    const { pending, active, highestEpoch, lastCoreHash } = account.circle
    expect([active, highestEpoch, lastCoreHash]).toEqual([null, 1, null])
    expect(pending).toMatchObject({
      epoch: 1,
      circle: idOf(`circle ${OWNER}`),
      payloadHash: hash32('payload 1'),
      wrappedFactor: hash32('wrapped 1'),
      vetoKey: VETO_KEY,
      proposedAt: T0,
      activatedAt: null,
      coolsAt: null,
      delayed: false,
      countersigned: [],
    })
    expect(pending?.slots[1]).toEqual({
      slot: 2,
      contact: contact(2),
      checkKey: proposalFor(registered()).body.core.slots[1]?.checkKey,
      sealedHash: hash32('sealed 1 1'),
      state: 'offered',
      acceptance: null,
    })
    expect(logTypesOf(account)).toEqual(['epoch-proposed'])
    expect(noticesOf(account)).toEqual([
      'change-proposed owner',
      ...[1, 2, 3, 4, 5].map((number) => `share-offered contact ${number}`),
    ])
    expect(verifyLog(account.outbox.entries, null)).toEqual(account.log)
  })

  it('is unchanged by the same proposal again', () => {
    const same = proposalFor(registered(), { vetoKey: VETO_KEY })
    expect(proposeEpoch(account, same, T0 + 1, SETTINGS)).toMatchObject({ kind: 'unchanged' })
  })
})

describe('a later epoch', () => {
  it('cools by the active policy, not its own, in sight of the active contacts', () => {
    const account = proposed(protectedOwner(), {
      contacts: [contact(1), contact(2), contact(8)],
      policy: { coolingSeconds: 3600 },
    })
    expect(account.circle.pending?.coolsAt).toBe(T0 + COOLING)
    expect(account.circle.active?.epoch).toBe(1)
    expect(noticesOf(account)).toEqual([
      'change-proposed owner',
      ...[1, 2, 3, 4, 5].map((number) => `change-proposed contact ${number}`),
      ...[1, 2, 8].map((number) => `share-offered contact ${number}`),
    ])
  })

  it('replaces a pending one: its factor and its ciphertexts go, cooling begins anew', () => {
    const first = relayed(proposed(protectedOwner(), { contacts: contacts(6) }))
    const later = nextOf(
      proposeEpoch(first, proposalFor(first, { policy: { threshold: 2 } }), T0 + 1000, SETTINGS),
    )
    expect(later.circle.pending).toMatchObject({ epoch: 3, coolsAt: T0 + 1000 + COOLING })
    expect(later.outbox.erasures).toContainEqual({ what: 'factor', epoch: 2 })
    expect(later.outbox.erasures).toContainEqual({ what: 'blob', hash: hash32('payload 2') })
    expect(later.outbox.erasures).toContainEqual({ what: 'blob', hash: hash32('sealed 2 5') })
    expect(logTypesOf(later)).toEqual(['change-cancelled', 'epoch-proposed'])
    expect(later.outbox.entries[0]?.details).toMatchObject({ reason: 'replaced', epoch: 2 })
    expect(noticesOf(later)).toContain('change-cancelled contact 6')
  })

  it('keeps the ciphertexts that the active epoch or the successor names too', () => {
    const account = protectedOwner()
    const payloadHash = account.circle.active!.payloadHash
    const stealing = (epoch: number, from: Account): Account => {
      const proposal = proposalFor(from, { epoch })
      const body = { ...proposal.body, payloadHash }
      const theirs = { ...proposal, body, manifest: signedText(body), payloadHash }
      return nextOf(proposeEpoch(from, theirs, T0, SETTINGS))
    }
    const twice = stealing(3, stealing(2, account))
    const hopeless = cancelPending(twice, T0, 'withdrawn')
    expect(hopeless.circle.pending).toBeNull()
    expect(hopeless.outbox.erasures).not.toContainEqual({ what: 'blob', hash: payloadHash })
    expect(hopeless.outbox.erasures).toContainEqual({ what: 'blob', hash: hash32('sealed 3 0') })
  })

  it('must exceed every epoch ever proposed, also one that was withdrawn', () => {
    const withdrawn = cancelPending(proposed(protectedOwner(), { epoch: 7 }), T0, 'withdrawn')
    expect(propose(withdrawn, { epoch: 7 })).toEqual({ kind: 'refused', code: 'epoch_rejected' })
    expect(propose(withdrawn, { epoch: 8 }).kind).toBe('changed')
  })
})

describe('refusals', () => {
  const active = protectedOwner()
  const deleting = nextOf(requestDeletion(active, deletionOf(active), T0))
  const good = proposalFor(active)
  const SMALL = `AQ${'A'.repeat(41)}`

  const cases: readonly (readonly [string, ErrorCode, Account, Shape, Partial<EpochProposal>?])[] = [
    ['an account without identity', 'signature_rejected', emptyAccount('demo', OWNER), {}],
    ['a core of another app', 'signature_rejected', active, { core: { app: 'other' } }],
    ['a core of another account', 'signature_rejected', active, { core: { account: idOf('x') } }],
    [
      'a core with another signing key',
      'signature_rejected',
      active,
      { core: { owner: { signing: VETO_KEY, sealing: good.body.core.owner.sealing } } },
    ],
    [
      'a core with another sealing key',
      'signature_rejected',
      active,
      { core: { owner: { signing: good.body.core.owner.signing, sealing: hash32('sealing') } } },
    ],
    ['threshold 1', 'threshold_out_of_range', active, { policy: { threshold: 1 } }],
    ['t > n', 'threshold_out_of_range', active, { policy: { threshold: 6 } }],
    ['33 contacts', 'too_many_contacts', active, { contacts: contacts(33) }],
    [
      't unverified contacts',
      'contacts_unverified',
      active,
      { verified: ['none', 'link', 'none', 'in-person', 'none'] },
    ],
    ['too few acceptances', 'policy_out_of_bounds', active, { policy: { acceptances: 3 } }],
    ['waiting too short', 'policy_out_of_bounds', active, { policy: { waitingSeconds: 3599 } }],
    ['waiting too long', 'policy_out_of_bounds', active, { policy: { waitingSeconds: 2_592_001 } }],
    ['cooling too short', 'policy_out_of_bounds', active, { policy: { coolingSeconds: 3599 } }],
    ['cooling too long', 'policy_out_of_bounds', active, { policy: { coolingSeconds: 2_592_001 } }],
    ['collecting too short', 'policy_out_of_bounds', active, { policy: { collectingSeconds: 3599 } }],
    ['collecting too long', 'policy_out_of_bounds', active, { policy: { collectingSeconds: 2_592_001 } }],
    ['a contact twice', 'contact_duplicate', active, { contacts: [1, 2, 3, 4, 1].map(contact) }],
    ['the owner as contact', 'contact_is_owner', active, { contacts: [...contacts(4), OWNER] }],
    ['an unknown contact', 'contact_unknown', active, { contacts: [...contacts(4), idOf('nobody')] }],
    ['the epoch that is active', 'epoch_rejected', active, { epoch: 1 }],
    ['no predecessor', 'chain_broken', active, { core: { previous: null } }],
    ['another predecessor', 'chain_broken', active, { core: { previous: hash32('else') } }],
    ['a predecessor before the first', 'chain_broken', registered(), { core: { previous: hash32('else') } }],
    ['another id for the same circle', 'chain_broken', active, { core: { circle: idOf('else') } }],
    ['a deletion under way', 'change_pending', deleting, {}],
    ['a factor that does not open', 'commitment_rejected', active, {}, { factorFits: false }],
    ['a factor for another service', 'commitment_rejected', active, {}, { serviceKey: hash32('else') }],
    ['another payload', 'commitment_rejected', active, {}, { payloadHash: hash32('else') }],
    ['another sealed factor', 'commitment_rejected', active, {}, { factorHash: hash32('else') }],
    ['a missing share', 'commitment_rejected', active, {}, { shares: good.shares.slice(1) }],
    ['shares in another order', 'commitment_rejected', active, {}, { shares: good.shares.toReversed() }],
    [
      'fewer hashes than slots',
      'commitment_rejected',
      active,
      {},
      {
        body: { ...good.body, shareHashes: good.body.shareHashes.slice(1) },
      },
    ],
    ['a veto key of small order', 'key_rejected', active, { vetoKey: SMALL }],
  ]
  const whole = cases.map(
    ([name, code, account, shape, more = {}]) => [name, code, account, shape, more] as const,
  )
  it.each(whole)('refuses %s: %s', (_, code, account, shape, more) => {
    expect(propose(account, shape, more)).toEqual({ kind: 'refused', code })
  })

  it('refuses nothing of the proposal that these differ from', () => {
    expect(propose(active).kind).toBe('changed')
  })

  it('keeps to the chain after the second epoch', () => {
    const second = accepted(proposed(active))
    expect(second.circle.pending).not.toBeNull()
    expect(propose(second).kind).toBe('changed')
  })
})
