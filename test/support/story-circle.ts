/**
 * Owner and contacts as they meet, protect and accept, by the SDK alone.
 */
import { contact, owner } from '@holdfast/client'
import type { StoryPerson, Town } from './story-stage.ts'

export const HOUR = 3600
export const DAY = 24 * HOUR

export interface StoryCircle {
  readonly owner: StoryPerson
  /** In slot order: the first is number 1. */
  readonly contacts: readonly StoryPerson[]
}

/** The contact follows the owner's link; the owner's client takes note. `replace`: the owner has new keys, and said so. */
export const meet = async (
  holder: StoryPerson,
  friend: StoryPerson,
  said: { readonly replace?: boolean } = {},
): Promise<void> => {
  const { link } = await owner.invite(holder.client, { base: 'https://app.example/meet' })
  await contact.acceptInvitation(friend.client, link, said)
  await owner.contacts(holder.client)
}

/** Accepts everything that is on offer. */
export const acceptOffers = async (friend: StoryPerson): Promise<void> => {
  for (const offer of (await contact.shares(friend.client)).offers) await contact.accept(friend.client, offer)
}

export type ProtectChanges = Partial<owner.ProtectInput>

/** The owner protects with these contacts: 2 of them, a day each for waiting and cooling, unless changed. */
export const protect = ({ owner: holder, contacts }: StoryCircle, changes: ProtectChanges = {}) =>
  owner.protect(holder.client, {
    threshold: 2,
    waitingSeconds: DAY,
    coolingSeconds: DAY,
    collectingSeconds: 14 * DAY,
    contacts: contacts.map(({ account }) => account),
    ...changes,
  })

/** An owner with an active circle. */
export const openCircle = async (
  town: Town,
  changes: ProtectChanges & { readonly count?: number } = {},
): Promise<StoryCircle> => {
  const { count = 3, ...input } = changes
  const [holder, ...contacts] = (await town.people(1 + count)) as [StoryPerson, ...StoryPerson[]]
  for (const friend of contacts) await meet(holder, friend)
  const circle = { owner: holder, contacts }
  await protect(circle, input)
  for (const friend of contacts) await acceptOffers(friend)
  return circle
}

export const contactAt = ({ contacts }: StoryCircle, slot: number): StoryPerson => {
  const found = contacts[slot - 1]
  if (found === undefined) throw new Error(`There is no contact in slot ${slot}.`)
  return found
}

/** What the owner sees, without what differs at every look. */
export const ownersView = async ({ client }: StoryPerson) => {
  const { now: _, ...view } = await owner.status(client)
  return view
}
