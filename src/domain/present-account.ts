/**
 * The owner's own view of the account. Signed parts are shown as they were signed.
 */
import { type AccountView, type EpochView, HoldfastError, type Signed } from '@holdfast/client/protocol'
import type { Account, Epoch } from './account.ts'
import { ownerRecoveryView } from './present-recovery.ts'

const epochView = (epoch: Epoch, activation: Signed | null): EpochView => ({
  circle: epoch.circle,
  epoch: epoch.epoch,
  coreHash: epoch.coreHash,
  manifest: epoch.manifest,
  slots: epoch.slots.map(({ slot, contact, state, acceptance }) => ({ slot, contact, state, acceptance })),
  proposedAt: epoch.proposedAt,
  activation,
})

/**
 * @param activation the service's signature over `activationBodyOf` the active epoch; null if none is active.
 * Throws `not_found` for an account that nobody registered.
 */
export const accountView = (account: Account, now: number, activation: Signed | null): AccountView => {
  if (account.identity === null) throw new HoldfastError('not_found')
  const { active, pending, deletion, highestEpoch, lastCoreHash } = account.circle
  return {
    account: account.id,
    app: account.app,
    revision: account.revision,
    now,
    identity: account.identity.statement,
    devices: [...account.devices],
    invitations: account.invitations
      .filter(({ expiresAt }) => now < expiresAt)
      .map(({ invitation, expiresAt, answer }) => ({ invitation, expiresAt, answer })),
    circle: {
      highestEpoch,
      lastCoreHash,
      active: active && epochView(active, activation),
      pending: pending && {
        ...epochView(pending, null),
        coolsAt: pending.coolsAt,
        delayed: pending.delayed,
        countersigned: [...pending.countersigned],
      },
      deletion: deletion && { statement: deletion.statement, coolsAt: deletion.coolsAt },
    },
    recoveries: account.recoveries.map(ownerRecoveryView),
    log: account.log,
  }
}
