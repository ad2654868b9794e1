/**
 * How much it would cost an owner not to hear something: what gives way first where there is no room for all of it.
 *
 * [Note: Nobody pushes out what matters] Whoever wants a request to go unnoticed makes noise: tickets open dozens of others, and a
 * contact who helps answers over and over. Noise ends, or says again what was said; the request that it is to hide does neither.
 */
import type { EventName } from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import { isWarning } from './digest-stakes.ts'
import type { Told, ToldItem, WayState } from './reach.ts'
import { findRecovery, isOpen } from './recovery.ts'
import { isPointless, itemsOf } from './telling.ts'

/** Rising. */
export const STAKES = {
  /** About a request that has ended, or no longer worth telling. */
  over: 0,
  /** About one that is open, and a later telling says the same on the same ways. */
  repeated: 1,
  /** What others' circles had to say. */
  others: 2,
  /** Their warnings. */
  warning: 3,
  /** About no request. */
  account: 4,
  /** About a request that is open. */
  open: 5,
  /** About one with a quorum, or a key that was handed out. */
  quorum: 6,
} as const
export type Stake = (typeof STAKES)[keyof typeof STAKES]

/** These stay true, whatever became of the request. Each takes a whole waiting period: they are never noise. */
const HANDED_OUT: readonly EventName[] = ['recovery-released', 'recovery-completed']

/** Of an item by itself, for this account as owner. `others`: what it is told beside it; null where it was told already. */
const stakeOf = (account: Account, item: ToldItem, others: readonly ToldItem[] | null): Stake => {
  if (item.recovery === null) return STAKES.account
  if (HANDED_OUT.includes(item.event)) return STAKES.quorum
  const recovery = findRecovery(account, item.recovery)
  if (recovery === undefined || !isOpen(recovery)) return STAKES.over
  if (others !== null && isPointless(account, item, 'owner', others)) return STAKES.over
  return recovery.state === 'collecting' ? STAKES.open : STAKES.quorum
}

const isRelied = ({ state }: WayState): boolean => state === 'queued' || state === 'sent'

/** Whether whatever the one is still owed on, the other reaches as well. */
const reaches = (other: Told, one: Told): boolean =>
  one.states.every(({ way, state }) =>
    other.states.some((its) => its.way === way && (state !== 'queued' || isRelied(its))),
  )

const isRepeated = ({ event, recovery }: ToldItem, one: Told, later: readonly Told[]): boolean =>
  recovery !== null &&
  later.some(
    (other) =>
      other.role === 'owner' &&
      other.items.some((item) => item.event === event && item.recovery === recovery) &&
      reaches(other, one),
  )

/** Each telling's by its id: the highest of its items'. `told`: oldest first. */
export const stakesOf = (account: Account, told: readonly Told[]): ReadonlyMap<string, Stake> => {
  const all = told.flatMap(({ items }) => items)
  const stakeIn = (one: Told, index: number): Stake => {
    if (one.role === 'contact') return one.items.some(isWarning) ? STAKES.warning : STAKES.others
    const isTold = one.states.every(({ state }) => state !== 'queued')
    const stakes = one.items.map((item) => {
      const stake = stakeOf(account, item, isTold ? null : all)
      const isNoise = stake >= STAKES.open && isRepeated(item, one, told.slice(index + 1))
      return isNoise ? STAKES.repeated : stake
    })
    return stakes.reduce<Stake>((most, stake) => (stake > most ? stake : most), STAKES.over)
  }
  return new Map(told.map((one, index) => [one.id, stakeIn(one, index)]))
}

/** As many of its own items as one telling has room for, in their order: those with most at stake, and of these the newest. */
export const mostAtStake = (
  account: Account,
  items: readonly ToldItem[],
  room: number,
): readonly ToldItem[] => {
  if (items.length <= room) return items
  const others = [...itemsOf(account), ...items]
  const stakes = new Map(items.map((item) => [item, stakeOf(account, item, others)]))
  const rising = items.toSorted((a, b) => (stakes.get(a) ?? 0) - (stakes.get(b) ?? 0))
  const kept = new Set(rising.slice(-room))
  return items.filter((item) => kept.has(item))
}
