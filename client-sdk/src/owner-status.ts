/**
 * The owner's account as the service shows it, held against what this device knows.
 */
import { readSelf } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { changeRecord } from './device-state.ts'
import {
  type AccountView,
  type EpochView,
  HoldfastError,
  type PublicIdentity,
  publicHalf,
  readManifest,
} from './protocol/index.ts'

const checkEpoch = async (epoch: EpochView, owner: PublicIdentity, account: string): Promise<void> => {
  const { core, coreHash } = await readManifest(epoch.manifest, owner)
  const isThis = coreHash === epoch.coreHash && core.epoch === epoch.epoch && core.circle === epoch.circle
  if (!isThis || core.account !== account) throw new HoldfastError('stale_circle')
}

/**
 * The account as the service shows it, with the owner's own signature on the active and the pending circle verified. Throws
 * `signature_rejected` for a circle that this identity never signed, `stale_circle` for one that is older than what this
 * device saw active, and where the service contradicts itself.
 */
export const status = async (client: Client, options: CallOptions = {}): Promise<AccountView> => {
  const { keys, account } = await readSelf(client)
  const view = await client.call('readAccount', {}, options)
  const { active, pending, lastCoreHash } = view.circle
  for (const epoch of [active, pending])
    if (epoch !== null) await checkEpoch(epoch, publicHalf(keys), account)
  if (active === null) return view
  if (active.coreHash !== lastCoreHash) throw new HoldfastError('stale_circle')
  await changeRecord(client.storage, 'circle', (own) => {
    const seen = own?.activeEpoch ?? 0
    if (active.epoch < seen) throw new HoldfastError('stale_circle')
    if (active.epoch === seen) return own
    return { activeEpoch: active.epoch, highestEpoch: Math.max(active.epoch, own?.highestEpoch ?? 0) }
  })
  return view
}
