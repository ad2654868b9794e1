/**
 * People who met by link and a circle that is active, all through the SDK and a running service.
 */
import { contact, owner, type Client } from '@holdfast/client'
import type { TestService } from './service.ts'

export interface SdkPerson {
  readonly client: Client
  readonly account: string
}

export interface SdkCircle {
  readonly owner: SdkPerson
  readonly contacts: readonly SdkPerson[]
}

export interface SdkCircleOptions {
  readonly contacts?: number
  readonly input?: Partial<owner.ProtectInput>
}

/** The person's share that is on offer: accepted. */
export const acceptOffer = async ({ client }: SdkPerson): Promise<void> => {
  for (const offer of (await contact.shares(client)).offers) await contact.accept(client, offer)
}

export const openSdkCircle = async (
  service: Pick<TestService, 'person'> & Partial<TestService>,
  { contacts: count = 3, input = {} }: SdkCircleOptions = {},
): Promise<SdkCircle> => {
  const holder = await service.person()
  const contacts = await Promise.all(Array.from({ length: count }, () => service.person()))
  for (const { client } of contacts) {
    const { link } = await owner.invite(holder.client, { base: 'https://app.example/' })
    await contact.acceptInvitation(client, link)
  }
  await owner.protect(holder.client, {
    threshold: 2,
    waitingSeconds: 5,
    coolingSeconds: 5,
    collectingSeconds: 3600,
    ...input,
  })
  for (const one of contacts) await acceptOffer(one)
  return { owner: holder, contacts }
}
