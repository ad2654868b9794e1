/**
 * What a contact sees of others' circles: its own share and nothing of the other contacts.
 */
import type { ChangeView, ShareView, SharesView, Signed } from '@holdfast/client/protocol'
import type { Account, Epoch, Slot } from './account.ts'

/** What lies outside the owners' accounts. */
export interface ShareSources {
  /** A blob, base64url, by its hash; null if it is not there. Those of {@link sealedSharesOf} are asked for. */
  readonly sealed: (hash: string) => string | null
  /** The service's signature over `activationBodyOf` the owner's active epoch. Asked for only where one is active. */
  readonly activation: (owner: Account) => Signed | null
}

const slotOf = (epoch: Epoch | null, contact: string): Slot | null =>
  epoch?.slots.find((slot) => slot.contact === contact) ?? null

/** Hashes of the owner's blobs that {@link sharesFor} needs. */
export const sealedSharesOf = (contact: string, { circle }: Account): readonly string[] =>
  [slotOf(circle.active, contact), slotOf(circle.pending, contact)].flatMap((slot) => slot?.sealedHash ?? [])

const sharesOf = (contact: string, owner: Account, sources: ShareSources): readonly ShareView[] =>
  (['active', 'pending'] as const).flatMap((stage) => {
    const epoch = owner.circle[stage]
    const slot = slotOf(epoch, contact)
    if (epoch === null || slot === null || owner.identity === null) return []
    const sealed = sources.sealed(slot.sealedHash)
    // Gone between two reads: the epoch has just ended, and the next look shows that.
    if (sealed === null) return []
    return {
      owner: owner.id,
      identity: owner.identity.statement,
      stage,
      manifest: epoch.manifest,
      coreHash: epoch.coreHash,
      slot: slot.slot,
      sealed,
      state: slot.state,
      coolsAt: stage === 'pending' ? (owner.circle.pending?.coolsAt ?? null) : null,
      activation: stage === 'active' ? sources.activation(owner) : null,
    }
  })

const changesOf = (contact: string, { id, circle }: Account): readonly ChangeView[] => {
  const { active, pending, deletion } = circle
  const slot = slotOf(active, contact)
  if (active === null || slot === null) return []
  const place = { owner: id, activeCoreHash: active.coreHash, slot: slot.slot }
  const views: ChangeView[] = []
  if (pending !== null)
    views.push({
      ...place,
      kind: 'epoch',
      coreHash: pending.coreHash,
      coolsAt: pending.coolsAt,
      leaving: slotOf(pending, contact) === null,
      countersigned: pending.countersigned.includes(slot.slot),
    })
  if (deletion !== null)
    views.push({
      ...place,
      kind: 'deletion',
      coreHash: active.coreHash,
      coolsAt: deletion.coolsAt,
      leaving: true,
      countersigned: false,
    })
  return views
}

/**
 * The contact's shares, active before pending, and the changes it may countersign or should know of, by owner. `owners`: the
 * accounts in whose circles it is, settled at `now`.
 */
export const sharesFor = (
  contact: string,
  owners: readonly Account[],
  now: number,
  sources: ShareSources,
): SharesView => {
  const sorted = owners.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return {
    shares: sorted.flatMap((owner) => sharesOf(contact, owner, sources)),
    changes: sorted.flatMap((owner) => changesOf(contact, owner)),
    now,
  }
}
