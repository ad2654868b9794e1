/**
 * A request, and the phone calls about it: codes compared both ways, then an answer. By the SDK alone.
 */
import { contact, requester, type Client, type Storage, memoryStorage } from '@holdfast/client'
import {
  type IdentityKeys,
  type ReleaseView,
  type TicketClaims,
  Secret,
  fromBase64url,
  identityFromSeed,
  signRelease,
} from '@holdfast/client/protocol'
import type { StoryPerson, Town } from './story-stage.ts'

/** A new device that asks. */
export interface StoryRequester {
  readonly client: Client
  readonly storage: Storage
  readonly account: string
  readonly recovery: string
}

export interface AskChoices {
  readonly cause?: 'lost' | 'stolen'
  readonly url?: string
  /** What the app's backend puts into the ticket. */
  readonly ticket?: Partial<TicketClaims>
}

export const ask = async (
  town: Town,
  account: string,
  { cause = 'lost', url, ticket = {} }: AskChoices = {},
): Promise<StoryRequester> => {
  const storage = memoryStorage()
  const client = town.client({ storage, ...(url !== undefined && { url }) })
  const wish = await requester.prepare(client, { account, cause })
  const { recovery } = await requester.open(client, { ticket: await town.ticket(wish, ticket) })
  return { client, storage, account, recovery }
}

/** The request as this contact may answer it. */
export const requestAt = async ({ client }: StoryPerson, recovery: string): Promise<contact.Request> => {
  const found = (await contact.requests(client)).find((request) => request.recovery === recovery)
  if (found === undefined) throw new Error('This contact does not see the request.')
  return found
}

/** They talk: both read out and both type. Throws `codes_differ` on the side that notices. */
export const compareCodes = async (asking: StoryRequester, friend: StoryPerson): Promise<contact.Request> => {
  const request = await requestAt(friend, asking.recovery)
  const { slot } = await contact.compare(friend.client, request)
  await requester.answer(asking.client, { slot })
  await contact.reveal(friend.client, request)
  const code = await requester.readOut(asking.client, { slot })
  if (code === null) throw new Error('There is no code to read out yet.')
  const { readBack } = await contact.typeCode(friend.client, { ...request, code })
  await requester.typeCode(asking.client, { slot, code: readBack })
  return request
}

/** They talk, and the contact approves. */
export const approve = async (
  asking: StoryRequester,
  friend: StoryPerson,
  { stolen = false }: { readonly stolen?: boolean } = {},
): Promise<void> => {
  const request = await compareCodes(asking, friend)
  await contact.approve(friend.client, { ...request, stolen })
}

export const approveAll = async (
  asking: StoryRequester,
  friends: readonly StoryPerson[],
  said: { readonly stolen?: boolean } = {},
): Promise<void> => {
  for (const friend of friends) await approve(asking, friend, said)
}

/** The one-use keys of this request, as they lie on the device. */
export const oneUseKeys = async ({ storage }: StoryRequester): Promise<IdentityKeys> => {
  const { requesterSeed } = JSON.parse((await storage.get('request')) ?? '{}') as { requesterSeed: string }
  return identityFromSeed(Secret.of(fromBase64url(requesterSeed) ?? new Uint8Array(0)))
}

/** Pulls the release and does nothing with it: as a device that was cut off, or that is after something else. */
export const pullOnly = async (asking: StoryRequester): Promise<ReleaseView> => {
  const body = await signRelease({ ...asking, requester: await oneUseKeys(asking) })
  return asking.client.call('pullRelease', { body })
}
