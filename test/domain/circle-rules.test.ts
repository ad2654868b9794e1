import {
  type Core,
  type CoreShape,
  type ErrorCode,
  fewestAcceptances,
  MAX_CONTACTS,
  refuseCore,
  refuseKeys,
  type Verification,
  warningsFor,
} from '@holdfast/client/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contacts, coreFor, hash32, registered, type Shape, VETO_KEY } from '../support/circles.ts'

const core = (shape: Shape = {}): Core => coreFor(registered(), shape)
const withSlot = (index: number, fields: Partial<Core['slots'][number]>, base = core()): Core => ({
  ...base,
  slots: base.slots.map((slot, at) => (at === index ? { ...slot, ...fields } : slot)),
})
const none = (count: number): readonly Verification[] => Array.from({ length: count }, () => 'none')

/** Shapes by n and policy: with as many acceptances as contacts unless said. */
const sized = (n: number, policy: Partial<Core['policy']>): Core =>
  core({ contacts: contacts(n), policy: { acceptances: n, ...policy } })

describe('refuseCore', () => {
  const refused: readonly (readonly [string, CoreShape, ErrorCode])[] = [
    ['threshold 1', sized(5, { threshold: 1 }), 'threshold_out_of_range'],
    ['threshold 0', sized(5, { threshold: 0 }), 'threshold_out_of_range'],
    ['threshold 2.5', sized(5, { threshold: 2.5 }), 'threshold_out_of_range'],
    ['t > n', sized(3, { threshold: 4 }), 'threshold_out_of_range'],
    ['a single contact', sized(1, { threshold: 2 }), 'threshold_out_of_range'],
    ['33 contacts', sized(33, { threshold: 3 }), 'too_many_contacts'],
    ['a slot out of order', withSlot(0, { slot: 2 }), 'malformed'],
    ['slots from 0', withSlot(0, { slot: 0 }), 'malformed'],
    ['x = 0', withSlot(2, { x: 0 }), 'malformed'],
    ['x = 256', withSlot(2, { x: 256 }), 'malformed'],
    ['an x that comes twice', withSlot(2, { x: 1 }), 'malformed'],
    ['a check key that comes twice', withSlot(2, { checkKey: core().slots[0]!.checkKey }), 'key_rejected'],
    ['an entry that comes twice', withSlot(2, { entry: core().slots[0]!.entry }), 'contact_duplicate'],
    ['t unverified slots', core({ verified: none(3) }), 'contacts_unverified'],
    ['all slots unverified', core({ verified: none(5) }), 'contacts_unverified'],
    ['3-of-5 active with 3 acceptances', sized(5, { acceptances: 3 }), 'policy_out_of_bounds'],
    ['more acceptances than contacts', sized(5, { acceptances: 6 }), 'policy_out_of_bounds'],
    ['3-of-3 with 2 acceptances', sized(3, { acceptances: 2 }), 'policy_out_of_bounds'],
    ['a stolen-phone quorum of t', sized(5, { stolenQuorum: 3 }), 'policy_out_of_bounds'],
    ['a stolen-phone quorum over n', sized(5, { stolenQuorum: 6 }), 'policy_out_of_bounds'],
    ['one where t = n', sized(5, { threshold: 5, stolenQuorum: 5 }), 'policy_out_of_bounds'],
    ['no waiting period', sized(5, { waitingSeconds: 0 }), 'policy_out_of_bounds'],
    ['half a second of cooling', sized(5, { coolingSeconds: 0.5 }), 'policy_out_of_bounds'],
    ['collecting without end', sized(5, { collectingSeconds: Infinity }), 'policy_out_of_bounds'],
  ]
  it.each(refused)('refuses %s', (_, bad, code) => expect(refuseCore(bad)).toBe(code))

  const allowed: readonly (readonly [string, CoreShape])[] = [
    ['3 of 5', core()],
    ['2 of 2', sized(2, { threshold: 2 })],
    ['32 of 32', sized(32, { threshold: 32 })],
    ['2 of 32', sized(32, { threshold: 2 })],
    ['t − 1 unverified', core({ verified: none(2) })],
    ['3 of 5, active with 4', sized(5, { acceptances: 4 })],
    ['a stolen-phone quorum of t + 1', sized(5, { stolenQuorum: 4 })],
    ['a stolen-phone quorum of n', sized(5, { stolenQuorum: 5 })],
    ['x up to 255, in any order', withSlot(0, { x: 255 })],
  ]
  it.each(allowed)('allows %s', (_, good) => expect(refuseCore(good)).toBeNull())

  it('says the fewest acceptances', () => {
    expect([fewestAcceptances(3, 5), fewestAcceptances(4, 5), fewestAcceptances(5, 5)]).toEqual([4, 5, 5])
    expect(MAX_CONTACTS).toBe(32)
  })

  it('allows exactly the policies that the specification describes', () => {
    const number = fc.integer({ min: 0, max: 34 })
    fc.assert(
      fc.property(number, number, number, fc.option(number), number, (n, t, a, s, unverified) => {
        const shape = core({
          contacts: contacts(n),
          policy: { threshold: t, acceptances: a, stolenQuorum: s },
          verified: none(Math.min(n, unverified)),
        })
        const isAllowed =
          2 <= t &&
          t <= n &&
          n <= 32 &&
          Math.min(n, t + 1) <= a &&
          a <= n &&
          (s === null || (t < s && s <= n)) &&
          Math.min(n, unverified) < t
        expect(refuseCore(shape) === null).toBe(isAllowed)
      }),
      { numRuns: 2000, verbose: 1 },
    )
  })
})

describe('refuseKeys', () => {
  // Order 1, and a point of order 2: signatures under these say nothing.
  const SMALL = `AQ${'A'.repeat(41)}`
  const owner = core().owner
  const bad: readonly (readonly [string, Core])[] = [
    ['a veto key of small order', core({ vetoKey: SMALL })],
    ['the identity key as veto key', core({ vetoKey: owner.signing })],
    ['a check key of small order', withSlot(4, { checkKey: SMALL })],
    ['a check key that is no point', withSlot(4, { checkKey: hash32('no point at all: 7') })],
    ['owner keys of small order', core({ core: { owner: { ...owner, signing: SMALL } } })],
    ['a sealing key of small order', core({ core: { owner: { ...owner, sealing: SMALL } } })],
  ]
  it.each(bad)('refuses %s', (_, one) => expect(refuseKeys(one)).toBe('key_rejected'))
  it('allows real keys, with a veto key and without', () => {
    expect(refuseKeys(core())).toBeNull()
    expect(refuseKeys(core({ vetoKey: VETO_KEY }))).toBeNull()
  })
})

describe('warningsFor', () => {
  const codes = (shape: CoreShape): readonly string[] => warningsFor(shape).map(({ code }) => code)
  it.each([
    ['3 of 5', sized(5, { threshold: 3 }), []],
    ['2 of 3', sized(3, { threshold: 2 }), []],
    ['2 of 4', sized(4, { threshold: 2 }), []],
    ['2 of 5', sized(5, { threshold: 2 }), ['few-needed']],
    ['3 of 4', sized(4, { threshold: 3 }), ['few-can-refuse']],
    ['4 of 6', sized(6, { threshold: 4 }), ['few-can-refuse']],
    ['5 of 9', sized(9, { threshold: 5 }), []],
    ['3 of 3', sized(3, { threshold: 3 }), ['all-needed']],
    ['2 of 2', sized(2, { threshold: 2 }), ['all-needed']],
    ['3 of 5 with 2 unverified', core({ verified: none(2) }), ['unverified']],
  ] as const)('%s', (_, shape, expected) => expect(codes(shape)).toEqual(expected))

  it('names the unverified slots and gives each reason in words', () => {
    const all = warningsFor(
      core({
        contacts: contacts(4),
        policy: { acceptances: 4 },
        verified: ['link', 'none', 'in-person', 'none'],
      }),
    )
    expect(all.map(({ slots }) => slots)).toEqual([[], [2, 4]])
    expect(all.map(({ text }) => text)).toEqual([
      '2 contacts who refuse or are lost can keep your key from you.',
      'Not verified, so the service could have put its own key there: 2 of 4 contacts.',
    ])
  })
})
