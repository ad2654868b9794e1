/**
 * What people, thieves, jobs and clocks may do to an account, in any order.
 */
import fc from 'fast-check'

/** `claim`: below 8 one of the open requests, where there are any; otherwise a recent one, open or not. `slot`: 6 is a stranger's. */
interface About {
  readonly claim: number
  readonly slot: number
}

export type ModelCommand =
  | { readonly kind: 'open'; readonly subject: number; readonly theft: boolean; readonly next: number }
  | { readonly kind: 'open-again'; readonly claim: number; readonly how: 'message' | 'ticket' }
  | ({ readonly kind: 'compare'; readonly agree: boolean } & About)
  | ({
      readonly kind: 'answer'
      readonly says: 'approve' | 'decline' | 'alarm'
      readonly stolen: boolean
      /** Compares codes first, where that is needed. */
      readonly properly: boolean
    } & About)
  /** Several contacts approve one after another. */
  | {
      readonly kind: 'rally'
      readonly claim: number
      readonly slots: readonly number[]
      readonly stolen: boolean
    }
  /** The requester waits as long as it takes, and perhaps pulls, and perhaps completes. */
  | {
      readonly kind: 'see-through'
      readonly claim: number
      readonly until: 'releasable' | 'released' | 'completed'
    }
  /** Old words of a contact come once more: the latest, or the ones before. */
  | ({ readonly kind: 'replay'; readonly latest: boolean } & About)
  | { readonly kind: 'veto'; readonly claim: number; readonly byKey: boolean }
  | { readonly kind: 'cancel' | 'pull' | 'complete'; readonly claim: number }
  | { readonly kind: 'propose' | 'accept' | 'delete' | 'withdraw' }
  /** Time passes by so much, or up to an instant that matters, give or take a millisecond. */
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'pass-to'; readonly which: number; readonly offset: number }
  /** A job comes twice, or one comes that was meant for earlier. */
  | { readonly kind: 'stray-job'; readonly earlier: number }
  /** The records are put back from a backup. */
  | { readonly kind: 'restore' }

const HOUR = 3_600_000
const claim = fc.nat(9)
const slot = fc.integer({ min: 1, max: 6 })
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)

const commands: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<ModelCommand> }[] = [
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('open'),
      subject: fc.nat(1),
      theft: fc.boolean(),
      next: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('open-again'),
      claim,
      how: fc.constantFrom('message' as const, 'ticket' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: kind('compare'), claim, slot, agree: fc.boolean() }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: kind('answer'),
      claim,
      slot,
      says: fc.constantFrom('approve' as const, 'approve' as const, 'decline' as const, 'alarm' as const),
      stolen: fc.boolean(),
      properly: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: kind('rally'),
      claim,
      slots: fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 2 }),
      stolen: fc.boolean(),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: kind('see-through'),
      claim,
      until: fc.constantFrom(
        'releasable' as const,
        'releasable' as const,
        'released' as const,
        'completed' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('replay'), claim, slot, latest: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: kind('veto'), claim, byKey: fc.constantFrom(false, false, true) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('cancel'), claim }) },
  { weight: 7, arbitrary: fc.record({ kind: kind('pull'), claim }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('complete'), claim }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('propose') }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('accept') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('delete') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('withdraw') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('pass'),
      ms: fc.oneof(fc.integer({ min: 1, max: 30 * HOUR }), fc.constantFrom(0, 1, 8 * HOUR, 40 * 24 * HOUR)),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: kind('pass-to'),
      which: fc.constantFrom(0, 0, 0, 1, 1, 2),
      offset: fc.constantFrom(-1, 0, 0, 0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('restore') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('stray-job'), earlier: fc.nat(50 * HOUR) }) },
]

/** Up to `most` commands, rarely few. */
export const sequences = (most: number): fc.Arbitrary<ModelCommand[]> =>
  fc.array(fc.oneof(...commands), { minLength: 1, maxLength: most, size: 'max' })
