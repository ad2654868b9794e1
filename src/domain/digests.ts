/**
 * What others' circles have to say to an account as their contact. Anybody may name anybody: a stranger who does so a thousand
 * times, or a circle with lively traffic, must not flood a person.
 */
import type { Account } from './account.ts'
import { changed, type Decision, unchanged } from './decision.ts'
import { mostForContact } from './digest-stakes.ts'
import { queuedOn, reachOf, type Told, type ToldItem, waysOf, withReach } from './reach.ts'
import { itemsOf } from './telling.ts'
import { chosenAtOnce, type Handed } from './told-at-once.ts'
import { bounded, withTold } from './told-bounds.ts'

/** Items that one digest names. */
export const MOST_ITEMS = 32

const isKnown = (account: Account, notice: string): boolean => {
  const { told, digest } = reachOf(account)
  return [digest, ...told].some(({ items }) => items.some((item) => item.notice === notice))
}

const itemOf = ({ isHolder, ...item }: Handed): ToldItem => (isHolder ? item : { ...item, isStranger: true })

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
 * the digest is full of what is worth no less: a flood of strangers costs its receiver no further write.
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

  const bounds = { each: !stated.digests, periodMs: digestSeconds * 1000, now }
  const { atOnce, ...windows } = chosenAtOnce(fresh, digest, bounds)
  const rest = fresh.filter((one) => !atOnce.includes(one)).map(itemOf)
  const urgent = atOnce.map((one, index) =>
    telling(account, `urgent-${index}`, { items: [itemOf(one)], more: false }, now),
  )

  const all = [...digest.items, ...rest]
  const items = mostForContact(all, MOST_ITEMS, itemsOf(account))
  const more = digest.more || all.length > MOST_ITEMS
  const isFull = digest.more && items.every((item, index) => item === digest.items[index])
  if (atOnce.length === 0 && isFull) return unchanged()
  const collected = withReach(withTold(account, urgent), {
    digest: { items, more, nextAt: digest.nextAt, seconds: digestSeconds, ...windows },
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
    told: bounded(account, [...told, ...out]),
    digest: { ...digest, items: [], more: false, nextAt: now + seconds * 1000 },
  })
}
