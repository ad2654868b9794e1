/**
 * The state machine of a request: which command may lead from which state to which. Every change of state goes through
 * {@link moved}. PROTOCOL.md, "Recover", shows the same as a diagram.
 */
import type { OPEN_STATES, Recovery, RecoveryState } from './account.ts'

/**
 * What can move a request. `displace`: its contact approved another request. `supersede`: it was evicted, its epoch ended, or
 * another request was completed. `pass`: time alone. `restore`: the records were restored from a backup.
 */
export const COMMANDS = [
  'approve',
  'decline',
  'alarm',
  'displace',
  'veto',
  'veto-key',
  'cancel',
  'release',
  'complete',
  'supersede',
  'pass',
  'restore',
] as const
export type Command = (typeof COMMANDS)[number]

type OpenState = (typeof OPEN_STATES)[number]

/** state × command → states that it may lead to, its own included. What is not here cannot happen. Ended states are final. */
export const TRANSITIONS: Readonly<
  Record<OpenState, Readonly<Partial<Record<Command, readonly RecoveryState[]>>>>
> = {
  collecting: {
    approve: ['collecting', 'waiting'],
    decline: ['collecting', 'declined'],
    alarm: ['collecting'],
    displace: ['collecting'],
    veto: ['contested', 'vetoed'],
    'veto-key': ['vetoed'],
    cancel: ['cancelled'],
    supersede: ['superseded'],
    pass: ['expired'],
  },
  waiting: {
    approve: ['waiting'],
    decline: ['waiting', 'collecting', 'declined', 'expired'],
    alarm: ['waiting', 'collecting', 'expired'],
    displace: ['waiting', 'collecting', 'expired'],
    // It stays where enough contacts have stated the theft already.
    veto: ['waiting', 'contested', 'vetoed'],
    'veto-key': ['vetoed'],
    cancel: ['cancelled'],
    // The mark `releasable` is for people: what counts is the instant.
    release: ['released'],
    supersede: ['superseded'],
    pass: ['waiting', 'releasable'],
    restore: ['waiting'],
  },
  contested: {
    // Even after a long contest: a whole waiting period is left for the veto key.
    approve: ['contested', 'waiting'],
    decline: ['contested', 'declined'],
    alarm: ['contested'],
    displace: ['contested'],
    'veto-key': ['vetoed'],
    cancel: ['cancelled'],
    supersede: ['superseded'],
    pass: ['vetoed'],
    restore: ['contested'],
  },
  releasable: {
    approve: ['releasable'],
    decline: ['releasable', 'collecting', 'declined', 'expired'],
    alarm: ['releasable', 'waiting', 'collecting', 'expired'],
    displace: ['releasable', 'collecting', 'expired'],
    veto: ['waiting', 'contested', 'vetoed'],
    'veto-key': ['vetoed'],
    cancel: ['cancelled'],
    release: ['released'],
    supersede: ['superseded'],
    pass: ['expired'],
    restore: ['waiting'],
  },
  // What was handed out cannot be taken back: only completion, cancelling, the end of its time or of the epoch lead out of here. Older
  // records cannot know what became of it since.
  released: {
    approve: ['released'],
    displace: ['released'],
    cancel: ['cancelled'],
    complete: ['completed'],
    supersede: ['superseded'],
    pass: ['expired'],
    restore: ['waiting', 'collecting'],
  },
}

const allowed: Readonly<Record<string, Readonly<Partial<Record<Command, readonly RecoveryState[]>>>>> =
  TRANSITIONS

export const mayMove = (from: RecoveryState, command: Command, to: RecoveryState): boolean =>
  allowed[from]?.[command]?.includes(to) === true

/**
 * The request in its next state, with what else changes. Throws a RangeError for a step that the table does not have: a
 * defect in the caller, which must not reach the store.
 */
export const moved = (
  recovery: Recovery,
  command: Command,
  state: RecoveryState,
  fields: Partial<Omit<Recovery, 'recovery' | 'state'>> = {},
): Recovery => {
  if (!mayMove(recovery.state, command, state))
    throw new RangeError(`A request cannot go from ${recovery.state} by ${command} to ${state}.`)
  return { ...recovery, ...fields, state }
}
