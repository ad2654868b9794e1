/**
 * What became of notices, as those see it whom they are for.
 */
import type { NoticesView } from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import { reachOf, type ToldItem, waysOf, type WayState } from './reach.ts'
import { itemsForOwner } from './telling-rules.ts'

type OwnNotice = NoticesView['notices'][number]
type ContactNotices = NoticesView['contacts'][number]

const BEST = ['sent', 'queued', 'failed', 'skipped'] as const

/** `sent` if it was on any way, else `queued` if it still is on any. */
const stateOf = (states: readonly WayState[]): OwnNotice['state'] =>
  BEST.find((best) => states.some(({ state }) => state === best)) ?? 'unaddressed'

interface Seen {
  readonly role: OwnNotice['role']
  readonly item: ToldItem
  readonly state: OwnNotice['state']
  readonly states: readonly WayState[]
}

/** In the order of what happened. Of a digest each item apart. */
const seenOf = (account: Account): readonly Seen[] => {
  const { told, digest } = reachOf(account)
  const out = told.flatMap(({ role, items, states }) =>
    items.map((item): Seen => ({ role, item, state: stateOf(states), states })),
  )
  const collected = digest.items.map((item): Seen => ({ role: 'contact', item, state: 'queued', states: [] }))
  // What is in the outbox alone is told by nobody yet.
  const waiting = itemsForOwner(account).map((item): Seen => ({
    role: 'owner',
    item,
    state: 'queued',
    states: [],
  }))
  return merged([...out, ...collected, ...waiting]).toSorted((a, b) => a.item.at - b.item.at)
}

/** What several tellings say, since a place was dropped, once and with all of its ways. */
const merged = (all: readonly Seen[]): readonly Seen[] => {
  const byNotice = new Map<string, Seen>()
  for (const one of all) {
    const known = byNotice.get(one.item.notice)
    const states = [...(known?.states ?? []), ...one.states]
    byNotice.set(one.item.notice, known === undefined ? one : { ...known, states, state: stateOf(states) })
  }
  return [...byNotice.values()]
}

export const noticesOf = (account: Account): OwnNotice[] =>
  seenOf(account).map(({ role, item, state, states }) => ({
    event: item.event,
    at: item.at,
    recovery: item.recovery,
    state,
    role,
    owner: item.owner,
    ways: states.map(({ channel, state: on, reason, tries, at }) => ({
      channel,
      state: on,
      reason,
      tries,
      at,
    })),
  }))

/** What `contact` was to be told about `owner`'s account. By which ways is the contact's own affair. */
export const toldAbout = (contact: Account, owner: Account): ContactNotices => ({
  contact: contact.id,
  addressed: waysOf(contact).length > 0,
  notices: seenOf(contact)
    .filter(({ role, item }) => role === 'contact' && item.owner === owner.id)
    .map(({ item: { event, at, recovery }, state }) => ({ event, at, recovery, state })),
})
