/**
 * Proposing an epoch. PROTOCOL.md, "Protect". The caller has verified the manifest under the account's identity key, hashed
 * what came with it, and opened the sealed release factor; all other rules are here.
 */
import {
  type ErrorCode,
  type ManifestBody,
  refuseCore,
  refuseKeys,
  type Signed,
} from '@holdfast/client/protocol'
import type { Account, PendingEpoch } from './account.ts'
import { toContactsOf, withCircle } from './circle-audience.ts'
import type { CircleSettings } from './circle-change.ts'
import { replacePending } from './circle-end.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed, toOwner } from './journal.ts'

export interface EpochProposal {
  readonly manifest: Signed
  /** The manifest's body, read. */
  readonly body: ManifestBody
  /** H(body.core), base64url. */
  readonly coreHash: string
  /** SHA-256 of the ciphertexts that were received, base64url. */
  readonly payloadHash: string
  readonly factorHash: string
  /** Whether the sealed release factor opened, and to what the core commits to. */
  readonly factorFits: boolean
  /** The release factor under the key that was made for this epoch, base64url. */
  readonly wrappedFactor: string
  /** The public release key of this service, base64url. */
  readonly serviceKey: string
  /** In slot order. */
  readonly shares: readonly { readonly contact: string; readonly sealedHash: string }[]
  /** Those of the contacts that are registered in the owner's app. */
  readonly knownContacts: ReadonlySet<string>
}

const refuseOwner = ({ app, id, identity }: Account, { core }: ManifestBody): ErrorCode | null => {
  const isOwner =
    core.app === app &&
    core.account === id &&
    core.owner.signing === identity?.keys.signing &&
    core.owner.sealing === identity.keys.sealing
  return isOwner ? null : 'signature_rejected'
}

const refusePeriods = ({ core }: ManifestBody, settings: CircleSettings): ErrorCode | null => {
  const names = ['waitingSeconds', 'coolingSeconds', 'collectingSeconds'] as const
  const isAllowed = names.every(
    (name) => core.policy[name] >= settings[name].min && core.policy[name] <= settings[name].max,
  )
  return isAllowed ? null : 'policy_out_of_bounds'
}

const refuseContacts = (account: Account, { shares, knownContacts }: EpochProposal): ErrorCode | null => {
  const contacts = shares.map(({ contact }) => contact)
  if (new Set(contacts).size !== contacts.length) return 'contact_duplicate'
  if (contacts.includes(account.id)) return 'contact_is_owner'
  return contacts.every((contact) => knownContacts.has(contact)) ? null : 'contact_unknown'
}

const refusePlace = ({ circle }: Account, { core }: ManifestBody): ErrorCode | null => {
  // A deletion that cools must be withdrawn in sight of everyone, not replaced.
  if (circle.deletion !== null) return 'change_pending'
  if (core.epoch <= circle.highestEpoch) return 'epoch_rejected'
  // A circle keeps its id over all its epochs: contacts would take another id for another circle.
  const isSame = circle.active === null || circle.active.circle === core.circle
  return isSame && core.previous === circle.lastCoreHash ? null : 'chain_broken'
}

const refuseParts = ({ body, shares, ...proposal }: EpochProposal): ErrorCode | null => {
  const isWhole =
    proposal.factorFits &&
    body.core.serviceKey === proposal.serviceKey &&
    body.payloadHash === proposal.payloadHash &&
    body.factorHash === proposal.factorHash &&
    body.core.slots.length === shares.length &&
    body.shareHashes.length === shares.length &&
    shares.every(({ sealedHash }, index) => sealedHash === body.shareHashes[index])
  return isWhole ? null : 'commitment_rejected'
}

const refuse = (account: Account, proposal: EpochProposal, settings: CircleSettings): ErrorCode | null =>
  refuseOwner(account, proposal.body) ??
  refuseCore(proposal.body.core) ??
  refusePeriods(proposal.body, settings) ??
  refuseContacts(account, proposal) ??
  refusePlace(account, proposal.body) ??
  refuseParts(proposal) ??
  // Last, since it costs a verification for each key.
  refuseKeys(proposal.body.core)

/** The first epoch of an account cools not at all; one after a deletion as the deleted one would have. */
const coolsAtOf = ({ circle }: Account, now: number): number | null => {
  const seconds = circle.active?.policy.coolingSeconds ?? circle.coolsBy
  return seconds === null ? null : now + seconds * 1000
}

const pendingOf = (account: Account, proposal: EpochProposal, now: number): PendingEpoch => {
  const { core } = proposal.body
  return {
    circle: core.circle,
    epoch: core.epoch,
    coreHash: proposal.coreHash,
    manifest: proposal.manifest,
    payloadHash: proposal.payloadHash,
    wrappedFactor: proposal.wrappedFactor,
    policy: core.policy,
    vetoKey: core.vetoKey,
    slots: proposal.shares.map(({ contact, sealedHash }, index) => ({
      slot: index + 1,
      contact,
      checkKey: core.slots[index]?.checkKey ?? '',
      sealedHash,
      state: 'offered',
      acceptance: null,
    })),
    proposedAt: now,
    activatedAt: null,
    coolsAt: coolsAtOf(account, now),
    delayed: false,
    countersigned: [],
  }
}

/**
 * Makes a manifest the pending epoch. One that is pending already is replaced, and cooling begins anew; the very same manifest
 * again is unchanged. Refuses as the operation table says for `proposeEpoch`.
 */
export const proposeEpoch = (
  account: Account,
  proposal: EpochProposal,
  now: number,
  settings: CircleSettings,
): Decision => {
  if (account.circle.pending?.manifest.body === proposal.manifest.body) return unchanged()
  const code = refuse(account, proposal, settings)
  if (code !== null) return refused(code)
  const pending = pendingOf(account, proposal, now)
  const { epoch, circle, coreHash, coolsAt } = pending
  let next = withCircle(replacePending(account, pending, now, 'replaced'), { highestEpoch: epoch })
  next = logged(next, now, 'epoch-proposed', { circle, epoch, coreHash, coolsAt })
  next = noticed(next, now, 'change-proposed', [toOwner(account), ...toContactsOf(account.circle.active)])
  return changed(noticed(next, now, 'share-offered', toContactsOf(pending)))
}
