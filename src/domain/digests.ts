/**
 * What others' circles have to say to an account as their contact. Anybody may name anybody: a stranger who does so a thousand
 * times, or a circle with lively traffic, must not flood a person.
 */
import type { Account } from './account.ts'
import { changed, type Decision, unchanged } from './decision.ts'
import { type Digest, queuedOn, reachOf, type Told, type ToldItem, waysOf, withReach } from './reach.ts'
import { TELLING_RULES } from './telling-rules.ts'
import { bounded, withTold } from './told-bounds.ts'

/** Items that one digest names. */
export const MOST_ITEMS = 32
/** Tellings outside of digests in one digest period, over all owners; further ones wait for the digest. */
export const MOST_URGENT = 8
/** The same about one owner: a lively circle must not use up what another owner needs at once. */
export const MOST_URGENT_OF_ONE = 3

/** A notice for a contact, on its way from the owner's document into the contact's. */
export interface Handed extends ToldItem {
  /** Whether the contact holds a share of that owner by its own will. Strangers are never urgent. */
  readonly isHolder: boolean
}

type Window = Digest['urgent']

const isKnown = (account: Account, notice: string): boolean => {
  const { told, digest } = reachOf(account)
  return [digest, ...told].some(({ items }) => items.some((item) => item.notice === notice))
}

const itemOf = ({ notice, event, at, owner, recovery }: Handed): ToldItem => ({
  notice,
  event,
  at,
  owner,
  recovery,
})

/** A telling to this account as a contact, to go out at once. `name`: unique in this revision. */
const telling = (
  account: Account,
  name: string,
  fields: Pick<Told, 'items' | 'more'>,
  now: number,
): Told => ({
  ...fields,
  id: `${account.id}.${account.revision + 1}.${name}`,
  role: 'contact',
  queuedAt: now,
  states: waysOf(account).map(queuedOn),
})

/**
 * Takes notices for this account as a contact. What needs it now goes out at once; of the rest the first, and then at most one
 * digest in `digestSeconds`. Unchanged where it is known already, where the person has not said where to be told, and where
 * the digest is full: a flood costs its receiver no further write.
 */
export const handedOver = (
  account: Account,
  handed: readonly Handed[],
  now: number,
  digestSeconds: number,
): Decision => {
  const { stated, digest } = reachOf(account)
  if (stated === null || waysOf(account).length === 0) return unchanged()
  const fresh = handed.filter(({ notice }) => !isKnown(account, notice))
  if (fresh.length === 0) return unchanged()

  const periodMs = digestSeconds * 1000
  const isOpen = now < digest.urgent.since + periodMs
  const window: Window = isOpen ? digest.urgent : { since: now, count: 0 }
  const mayBeUrgent = ({ event, isHolder }: Handed): boolean =>
    isHolder && (TELLING_RULES[event].contact === 'urgent' || !stated.digests)
  const { urgent, counted } = withinBounds(fresh.filter(mayBeUrgent), window)
  const rest = fresh.filter((one) => !urgent.includes(one)).map(itemOf)
  const atOnce = urgent.map((one, index) =>
    telling(account, `urgent-${index}`, { items: [itemOf(one)], more: false }, now),
  )

  const all = [...digest.items, ...rest]
  const items = firstOf(all)
  const more = digest.more || all.length > MOST_ITEMS
  const isFull = digest.more && items.every((item, index) => item === digest.items[index])
  if (atOnce.length === 0 && isFull) return unchanged()
  const collected = withReach(withTold(account, atOnce), {
    digest: { items, more, nextAt: digest.nextAt, seconds: digestSeconds, urgent: counted },
  })
  return changed(sentDigest(collected, now))
}

/** Those that may go out at once, in their order, and the window with them counted. */
const withinBounds = (
  wanted: readonly Handed[],
  window: Window,
): { readonly urgent: readonly Handed[]; readonly counted: Window } => {
  const counts = new Map((window.owners ?? []).map(({ owner, count }) => [owner, count]))
  const urgent: Handed[] = []
  for (const one of wanted) {
    const count = counts.get(one.owner) ?? 0
    if (window.count + urgent.length >= MOST_URGENT || count >= MOST_URGENT_OF_ONE) continue
    counts.set(one.owner, count + 1)
    urgent.push(one)
  }
  const owners = [...counts].map(([owner, count]) => ({ owner, count }))
  return { urgent, counted: { since: window.since, count: window.count + urgent.length, owners } }
}

/** As many as a digest has room for, in their order: offers give way, for anybody may make them. */
const firstOf = (items: readonly ToldItem[]): readonly ToldItem[] => {
  const isOffer = ({ event }: ToldItem): boolean => event === 'share-offered'
  const kept = new Set(
    [...items.filter((one) => !isOffer(one)), ...items.filter(isOffer)].slice(0, MOST_ITEMS),
  )
  return items.filter((one) => kept.has(one))
}

/** With the digest that is due put among the tellings; the same account if none is. */
export const sentDigest = (account: Account, now: number): Account => {
  const { digest, told } = reachOf(account)
  const { items, more, nextAt, seconds } = digest
  if (items.length === 0 || now < nextAt) return account
  // Of somebody who has left no destination since, nothing is kept.
  const out = waysOf(account).length === 0 ? [] : [telling(account, 'digest', { items, more }, now)]
  return withReach(account, {
    told: bounded(account, [...told, ...out]),
    digest: { ...digest, items: [], more: false, nextAt: now + seconds * 1000 },
  })
}
