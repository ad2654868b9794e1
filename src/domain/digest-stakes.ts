/**
 * What a contact hears where one telling has no room for all of it. Judged by what was handed over, for a contact's record does
 * not know how another's requests stand.
 */
import type { EventName } from '@holdfast/client/protocol'
import type { ToldItem } from './reach.ts'
import { TELLING_RULES } from './telling-rules.ts'

/** Rising. */
const STAKES = {
  /** About a request that has ended, */
  over: 0,
  /** and that it has: as long as anything else of it is there, so that this is not taken for open. */
  end: 1,
  /** Says again what an earlier one says. */
  repeated: 2,
  /** Anybody can make these. Whatever becomes of their requests, they stay here: a flood of them changes no full digest. */
  strangers: 3,
  /** About a request that is open, or a circle. */
  news: 4,
  /** The same, and the contact alone may notice a thief in time. */
  warning: 5,
} as const
type Stake = (typeof STAKES)[keyof typeof STAKES]

const ENDS: readonly EventName[] = ['recovery-ended', 'recovery-completed']
const isEnd = ({ event, recovery }: ToldItem): boolean => recovery !== null && ENDS.includes(event)

/** Whether somebody whose share the contact holds needs its attention now. */
export const isWarning = ({ event, isStranger = false }: ToldItem): boolean =>
  !isStranger && TELLING_RULES[event].contact === 'warning'

/** Its request's, or else the circle's. Requesters choose ids: another owner's may be the same. */
const subjectOf = ({ owner, recovery }: ToldItem): string => `${owner} ${recovery ?? ''}`

const stakesOf = (items: readonly ToldItem[], told: readonly ToldItem[]): ReadonlyMap<ToldItem, Stake> => {
  const ended = new Set([...told, ...items].filter(isEnd).map(subjectOf))
  const said = new Set<string>()
  const stakeOf = (item: ToldItem): Stake => {
    const { event, isStranger = false } = item
    if (isStranger || event === 'share-offered') return STAKES.strangers
    if (isEnd(item)) return STAKES.end
    if (ended.has(subjectOf(item))) return STAKES.over
    const saying = `${subjectOf(item)} ${event}`
    if (said.has(saying)) return STAKES.repeated
    said.add(saying)
    return isWarning(item) ? STAKES.warning : STAKES.news
  }
  return new Map(items.map((item) => [item, stakeOf(item)]))
}

/**
 * As many as there is room for, in their order: those with most at stake. Of the same, each owner's first before any owner's
 * second, so that no circle takes another's place; and of these the oldest, so that a flood changes nothing. `told`: what the
 * contact was told, for the requests that ended meanwhile.
 */
export const mostForContact = (
  items: readonly ToldItem[],
  room: number,
  told: readonly ToldItem[],
): readonly ToldItem[] => {
  if (items.length <= room) return items
  const stakes = stakesOf(items, told)
  const counts = new Map<string, number>()
  const ranked = items.map((item) => {
    const stake = stakes.get(item) ?? STAKES.over
    const place = counts.get(`${item.owner} ${stake}`) ?? 0
    counts.set(`${item.owner} ${stake}`, place + 1)
    return { item, stake, place }
  })
  const falling = ranked.toSorted((a, b) => b.stake - a.stake || a.place - b.place)
  const kept = new Set(falling.slice(0, room).map(({ item }) => item))
  return items.filter((item) => kept.has(item))
}
