/**
 * What a notice says when it goes out: judged by the owner's record as it is then, not as it was when the notice was made.
 */
import type { EventName } from '@holdfast/client/protocol'
import { type Account, OPEN_STATES, type Recovery } from './account.ts'
import { reachOf, type Told, type ToldItem } from './reach.ts'
import { findRecovery, isOpen, releasableAt } from './recovery.ts'

/** In which states of its request an event is still worth telling; always, where it is not named. */
const WORTH_IN: Partial<Record<EventName, readonly Recovery['state'][]>> = {
  'recovery-answered': OPEN_STATES,
  'recovery-quorum': ['waiting', 'contested', 'releasable'],
  'recovery-below-quorum': ['collecting', 'contested'],
  'recovery-half-time': ['waiting'],
  'recovery-day-left': ['waiting'],
  'recovery-hour-left': ['waiting'],
  'recovery-releasable': ['releasable'],
  'recovery-contested': ['contested'],
  'recovery-resumed': OPEN_STATES,
  'recovery-restarted': OPEN_STATES,
}
/** Of these, in their order, one that comes later makes the earlier ones pointless. */
const REMINDERS: readonly EventName[] = [
  'recovery-quorum',
  'recovery-half-time',
  'recovery-day-left',
  'recovery-hour-left',
  'recovery-releasable',
]

const isLater = (one: ToldItem, other: ToldItem): boolean =>
  one.at > other.at || (one.at === other.at && REMINDERS.indexOf(one.event) > REMINDERS.indexOf(other.event))

/** After an outage several reminders are due in one moment: the last is told. */
const isOvertaken = (item: ToldItem, others: readonly ToldItem[]): boolean =>
  REMINDERS.includes(item.event) &&
  others.some(
    (other) => other.recovery === item.recovery && REMINDERS.includes(other.event) && isLater(other, item),
  )

/**
 * Whether it is not worth telling any more: a half-time after a veto, or after the last hour has begun. `owner`: the account
 * that it is about, null if it is gone; `others`: what is told to the same person beside it. That somebody asked for a recovery
 * is always told to the owner, and to a contact while its help is of use.
 */
export const isPointless = (
  owner: Account | null,
  item: ToldItem,
  role: Told['role'],
  others: readonly ToldItem[],
): boolean => {
  const { recovery: id, event } = item
  if (id === null) return false
  const isForHelp = event === 'recovery-opened' && role === 'contact'
  const worthIn = isForHelp ? OPEN_STATES : WORTH_IN[event]
  if (worthIn === undefined) return false
  const state = owner === null ? undefined : findRecovery(owner, id)?.state
  return state === undefined || !worthIn.some((one) => one === state) || isOvertaken(item, others)
}

/** Everything that this account is told, or will be. */
export const itemsOf = (account: Account): readonly ToldItem[] =>
  reachOf(account).told.flatMap(({ items }) => items)

/** What a text may say about an item, from the owner's record. Instants in Unix ms. */
export interface Look {
  readonly state: Recovery['state'] | null
  readonly waitingSeconds: number | null
  readonly coolingSeconds: number | null
  readonly releasableAt: number | null
  readonly stoppable: boolean
}

const NOTHING: Look = {
  state: null,
  waitingSeconds: null,
  coolingSeconds: null,
  releasableAt: null,
  stoppable: false,
}

/** `owner`: null if the account is gone. Every duration is the record's own: of the request, else of the circle. */
export const lookAt = (owner: Account | null, { recovery: id }: Pick<ToldItem, 'recovery'>): Look => {
  if (owner === null) return NOTHING
  const { active, pending, coolsBy } = owner.circle
  const recovery = id === null ? undefined : findRecovery(owner, id)
  const policy = recovery?.policy ?? active?.policy ?? pending?.policy
  const state = recovery?.state ?? null
  return {
    state,
    waitingSeconds: policy?.waitingSeconds ?? null,
    // What a change cools by is the active circle's affair, whatever the next one says.
    coolingSeconds: active?.policy.coolingSeconds ?? coolsBy,
    releasableAt: recovery !== undefined && state === 'waiting' ? releasableAt(recovery) : null,
    stoppable: recovery !== undefined && isOpen(recovery) && state !== 'released',
  }
}
