/**
 * New devices that ask for a recovery, and the phone calls about it: through the SDK's public surface and a running service.
 */
import { type Client, contact, requester } from '@holdfast/client'
import { expect, vi } from 'vitest'
import type { SdkCircle } from './sdk-circle.ts'
import { type TestService, signTicket } from './service.ts'

/** Matches an error with this code. */
export const coded = (code: string) => expect.objectContaining({ code })

/** The contact in this slot. */
export const at = (circle: SdkCircle, slot: number): Client =>
  (circle.contacts[slot - 1] as { readonly client: Client }).client

/** A new device with an open request for this account. */
export const ask = async (
  service: Pick<TestService, 'client'>,
  account: string,
  { cause = 'lost' as 'lost' | 'stolen', client = service.client() } = {},
): Promise<Client> => {
  const ticket = await signTicket(await requester.prepare(client, { account, cause }))
  await requester.open(client, { ticket })
  return client
}

/** The one request about this account as its contact sees it. */
export const requestAt = async (client: Client, about: string): Promise<contact.Request> => {
  const found = (await contact.requests(client)).filter((one) => one.owner === about)
  expect(found).toHaveLength(1)
  return found[0] as contact.Request
}

/** Both people on the phone: codes compared both ways. */
export const talk = async (device: Client, helper: Client, about: string): Promise<contact.Request> => {
  const request = await requestAt(helper, about)
  const { slot } = await contact.compare(helper, request)
  await requester.answer(device, { slot })
  expect(await contact.reveal(helper, request)).toBe(true)
  const code = await requester.readOut(device, { slot })
  const { readBack } = await contact.typeCode(helper, { ...request, code: code ?? '' })
  await requester.typeCode(device, { slot, code: readBack })
  return request
}

/** Looks until it is so, ten seconds at most. */
export const untilTrue = (look: () => Promise<boolean>): Promise<void> =>
  vi.waitFor(async () => expect(await look()).toBe(true), { timeout: 10_000, interval: 100 })

/** The identity seed that this device holds, base64url. */
export const seedOf = async (client: Client): Promise<string> =>
  (JSON.parse((await client.storage.get('device')) ?? '{}') as { seed: string }).seed
