/**
 * Where people of tests want to be told.
 */
import { type DestinationsBody, signDestinations } from '@holdfast/client/protocol'
import type { Person } from './actors.ts'
import type { World } from './world.ts'

export const NOWHERE = {
  sequence: 1,
  language: 'en',
  mail: null,
  push: [],
  webhook: false,
  digest: true,
} as const satisfies Omit<DestinationsBody, 'account'>

/** A push service's subscription, another for each number. */
export const subscription = (number: number): DestinationsBody['push'][number] => ({
  endpoint: `https://push.example.net/send/${number}`,
  p256dh: `B${'x'.repeat(85)}A`,
  auth: 'aaaaaaaaaaaaaaaaaaaaaA',
})

/** The person states where to be told; nowhere but as said. */
export const state = async (
  world: World,
  { account, caller, identity }: Person,
  said: Partial<DestinationsBody>,
): Promise<void> => {
  const body = await signDestinations({ ...NOWHERE, account, ...said }, identity)
  await world.call('setDestinations', { caller, body })
}
