/**
 * Which service this device talks to: pinned by the app, or remembered from the first contact on.
 */
import type { Client } from './client.ts'
import { changeRecord } from './device-state.ts'
import { HoldfastError, type ServiceView } from './protocol/index.ts'

const known = new WeakMap<Client, ServiceView>()

/** The service's keys and bounds. Throws `service_unknown` if the keys are not the ones that this device knows. */
export const readService = async (client: Client, signal?: AbortSignal): Promise<ServiceView> => {
  const seen = known.get(client)
  if (seen !== undefined) return seen
  const view = await client.call('readService', {}, { signal })
  const { signing, release } = view
  if (client.serviceKey !== undefined && client.serviceKey !== signing)
    throw new HoldfastError('service_unknown')
  await changeRecord(client.storage, 'service', (pinned) => {
    if (pinned === null) return { signing, release }
    if (pinned.signing !== signing || pinned.release !== release) throw new HoldfastError('service_unknown')
    return pinned
  })
  known.set(client, view)
  return view
}
