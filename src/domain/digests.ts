/**
 * What others' circles have to say to an account as their contact. Anybody may name anybody: a stranger who does so a thousand
 * times, or a circle with lively traffic, must not flood a person.
 */
import type { Account } from './account.ts'
import { changed, type Decision, unchanged } from './decision.ts'
import { queuedOn, reachOf, type Told, type ToldItem, waysOf, withReach } from './reach.ts'
import { bounded } from './told-bounds.ts'
import { TELLING_RULES } from './telling-rules.ts'
import { withTold } from './told.ts'

/** Items that one digest names. */
export const MOST_ITEMS = 32
/** Tellings outside of digests in one digest period, over all owners; further ones wait for the digest. */
export const MOST_URGENT = 8

/** A notice for a contact, on its way from the owner's document into the contact's. */
export interface Handed extends ToldItem {
  /** Whether the contact holds a share of that owner by its own will. Strangers are never urgent. */
  readonly isHolder: boolean
}

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
  const window = now < digest.urgent.since + periodMs ? digest.urgent : { since: now, count: 0 }
  const mayBeUrgent = ({ event, isHolder }: Handed): boolean =>
    isHolder && (TELLING_RULES[event].contact === 'urgent' || !stated.digests)
  const urgent = fresh.filter(mayBeUrgent).slice(0, Math.max(0, MOST_URGENT - window.count))
  const rest = fresh.filter((one) => !urgent.includes(one)).map(itemOf)
  const atOnce = urgent.map((one, index) =>
    telling(account, `urgent-${index}`, { items: [itemOf(one)], more: false }, now),
  )

  const isFull = digest.items.length >= MOST_ITEMS && digest.more
  if (atOnce.length === 0 && isFull) return unchanged()
  const items = [...digest.items, ...rest].slice(0, MOST_ITEMS)
  const more = digest.more || digest.items.length + rest.length > MOST_ITEMS
  const collected = withReach(withTold(account, atOnce), {
    digest: {
      items,
      more,
      nextAt: digest.nextAt,
      seconds: digestSeconds,
      urgent: { since: window.since, count: window.count + urgent.length },
    },
  })
  return changed(sentDigest(collected, now))
}

/** With the digest that is due put among the tellings; the same account if none is. */
export const sentDigest = (account: Account, now: number): Account => {
  const { digest, told } = reachOf(account)
  const { items, more, nextAt, seconds } = digest
  if (items.length === 0 || now < nextAt) return account
  // Of somebody who has left no destination since, nothing is kept.
  const out = waysOf(account).length === 0 ? [] : [telling(account, 'digest', { items, more }, now)]
  return withReach(account, {
    told: bounded([...told, ...out]),
    digest: { ...digest, items: [], more: false, nextAt: now + seconds * 1000 },
  })
}
