/**
 * Hands notices over to contacts: into each contact's own document, where they are told or wait for a digest.
 *
 * [Note: A contact is told from its own record] Only there can a flood be seen, whoever it comes from, and only there does it
 * stand where the person is reached: no owner's record learns that.
 */
import type { Account, Notice } from '../domain/account.ts'
import { unchanged } from '../domain/decision.ts'
import { handedOver } from '../domain/digests.ts'
import { waysOf } from '../domain/reach.ts'
import { TELLING_RULES } from '../domain/telling-rules.ts'
import type { Handed } from '../domain/told-at-once.ts'
import { transact } from './transact.ts'
import type { Deps } from './use-cases.ts'

/** Contacts at one time. */
const AT_ONCE = 16

const holdersOf = ({ circle: { active, pending } }: Account): ReadonlySet<string> =>
  new Set(
    [active, pending].flatMap(
      (epoch) => epoch?.slots.flatMap(({ contact, state }) => (state === 'accepted' ? [contact] : [])) ?? [],
    ),
  )

const byContact = (owner: Account, notices: readonly Notice[]): ReadonlyMap<string, readonly Handed[]> => {
  const holders = holdersOf(owner)
  const handed = new Map<string, readonly Handed[]>()
  for (const { notice, event, at, recovery, audience } of notices) {
    if (audience.role !== 'contact' || TELLING_RULES[event].contact === 'never') continue
    const contact = audience.account
    const one = { notice, event, at, owner: owner.id, recovery, isHolder: holders.has(contact) }
    handed.set(contact, [...(handed.get(contact) ?? []), one])
  }
  return handed
}

/**
 * Hands over those of an owner's notices that are for contacts. Again is harmless. `onFailure` is called for each notice that
 * could not be handed over now.
 */
export const handOver = async (
  deps: Pick<Deps, 'records' | 'keyStore' | 'jobs' | 'settings'>,
  owner: Account,
  notices: readonly Notice[],
  onFailure: (notice: string, error: unknown) => void,
): Promise<void> => {
  const all = byContact(owner, notices)
  const give = async ([contact, handed]: readonly [string, readonly Handed[]]): Promise<void> => {
    try {
      await transact(deps, { account: contact, app: owner.app }, (account, now) =>
        account.identity === null
          ? unchanged()
          : handedOver(account, handed, now, deps.settings.digestSeconds),
      )
    } catch (error) {
      for (const { notice } of handed) onFailure(notice, error)
    }
  }
  if (all.size === 0) return
  const reached = await reachedOf(deps, all).catch((error: unknown) => {
    for (const { notice } of [...all.values()].flat()) onFailure(notice, error)
    return []
  })
  for (let from = 0; from < reached.length; from += AT_ONCE)
    await Promise.all(reached.slice(from, from + AT_ONCE).map(give))
}

/** Those who have said where to be told: of the others nothing is written, and one look at all finds them. */
const reachedOf = async (
  { records }: Pick<Deps, 'records'>,
  all: ReadonlyMap<string, readonly Handed[]>,
): Promise<readonly (readonly [string, readonly Handed[]])[]> => {
  const loaded = await records.loadAll([...all.keys()])
  const reached = new Set(loaded.flatMap(({ account }) => (waysOf(account).length > 0 ? [account.id] : [])))
  return [...all].filter(([contact]) => reached.has(contact))
}
