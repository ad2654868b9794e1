/**
 * The sizes that are explored exhaustively, and the defects that are planted, each with the property that must notice it.
 */
import type { Question, Sizes } from './spin.ts'

export interface Configuration extends Question {
  readonly name: string
}

const THEFT = { REQUESTS: 1, CONTACTS: 3, STOLEN: 3, PROCESSES: 2, SKEW: 1 }
const ASIDE = { REQUESTS: 2, CONTACTS: 2, PROCESSES: 1 }
const CHANGE = { REQUESTS: 1, CONTACTS: 2, PROCESSES: 2, EPOCHS: 2 }
const RESTORE = { REQUESTS: 1, CONTACTS: 2, PROCESSES: 1, RESTORES: 1 }
const LIVELY = { REQUESTS: 1, CONTACTS: 2, PROCESSES: 1 }
const CHANGING = { ...LIVELY, EPOCHS: 2 }

/** Everything, in a few minutes. */
export const FULL: readonly Configuration[] = [
  { name: 'theft: one request, 2 of 3, stolen-phone rule, two processes, clocks that differ', sizes: THEFT },
  { name: 'side by side: two requests, 2 of 2', sizes: ASIDE },
  { name: 'change: one request, two epochs, two processes', sizes: CHANGE },
  { name: 'restore: one request, a backup put back at any time', sizes: RESTORE },
  { name: 'liveness: every request ends', sizes: LIVELY, lively: 'every_request_ends' },
  { name: 'liveness: every change of the circle ends', sizes: CHANGING, lively: 'every_change_ends' },
  { name: 'liveness: every end is noted beside the keys', sizes: LIVELY, lively: 'every_end_is_noted' },
  { name: 'liveness: everybody is told', sizes: LIVELY, lively: 'everybody_is_told' },
]

/** What `npm test` explores. */
export const REDUCED: readonly Configuration[] = [
  { name: 'two of two, two processes', sizes: { REQUESTS: 1, CONTACTS: 2, PROCESSES: 2 } },
]

export interface Mutant {
  readonly number: number
  readonly defect: string
  readonly killedBy: readonly string[]
  readonly sizes: Sizes
  readonly lively?: string
}

const mutant = (number: number, defect: string, killedBy: string, sizes: Sizes): Mutant => ({
  number,
  defect,
  killedBy: killedBy.split(' '),
  sizes,
})

const SMALL = { REQUESTS: 1, CONTACTS: 2, PROCESSES: 1 }

/** In the order of their numbers in the model, where each stands at its place as [M n]. */
export const MUTANTS: readonly Mutant[] = [
  mutant(1, 'the quorum is off by one', 'released_below_threshold', SMALL),
  mutant(
    2,
    'release is decided before its write, which has no condition',
    'released_early released_after_veto',
    { ...SMALL, PROCESSES: 2 },
  ),
  mutant(3, 'the write of a release does not judge the time', 'released_early', { ...SMALL, SKEW: 1 }),
  mutant(4, 'a decision may be of any age when it is written', 'released_early', SMALL),
  mutant(5, 'an alarm does not count', 'released_early', { ...SMALL, CONTACTS: 3 }),
  mutant(6, 'every alarm counts once more', 'release_denied', { ...SMALL, CONTACTS: 3 }),
  mutant(7, 'a change takes effect in spite of approvals', 'change_over_approval', CHANGE),
  mutant(8, 'a request delays a change again and again', 'delayed_twice', { ...CHANGE, PROCESSES: 1 }),
  mutant(9, 'an approval stays where it was, too', 'contact_counted_twice', ASIDE),
  mutant(10, 'the identity key’s veto counts after it was beaten', 'override_undone', {
    ...THEFT,
    PROCESSES: 1,
    SKEW: 0,
  }),
  mutant(11, 'a restored request goes on waiting', 'released_early', RESTORE),
  mutant(12, 'the outbox is emptied before it is acted on', 'outbox_lost', SMALL),
  mutant(13, 'requests outlive their epoch', 'released_of_dead_epoch', { ...CHANGE, PROCESSES: 1 }),
  mutant(14, 'the write does not ask for the revision', 'ended_came_back outbox_lost', {
    ...SMALL,
    PROCESSES: 2,
  }),
  mutant(15, 'what is completed can be completed', 'completed_twice', SMALL),
  {
    ...mutant(16, 'a contest does not end', 'every_request_ends', { ...LIVELY, CONTACTS: 3, STOLEN: 3 }),
    lively: 'every_request_ends',
  },
  mutant(17, 'the veto key’s veto can be beaten like the other', 'veto_key_held_up', {
    ...THEFT,
    PROCESSES: 1,
    SKEW: 0,
  }),
  mutant(18, 'what is noted beside the keys is not asked for', 'released_after_veto', RESTORE),
  {
    ...mutant(19, 'what may be released and is never pulled has no end', 'every_request_ends', LIVELY),
    lively: 'every_request_ends',
  },
  mutant(20, 'the time to pull counts from the quorum', 'given_up_early', SMALL),
]
