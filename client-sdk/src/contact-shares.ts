/**
 * A contact's side in quiet times: meeting an owner, taking a share, keeping its pins.
 */
import { checkStatement, comparedIdentity, readSelf, verifiedAgain } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { type RecordOf, changeRecord, readRecord, upsert } from './device-state.ts'
import {
  type ChangeView,
  type ErrorCode,
  HoldfastError,
  type PublicIdentity,
  type ShareView,
  type Verification,
  answerInvitation,
  checkOffer,
  countersign as signCountersign,
  isHoldfastError,
  parseInvitationLink,
  pinActive,
  pinPending,
  readManifest,
  sameIdentity,
  signAcceptance,
  signSlotDecline,
  verifyActivation,
} from './protocol/index.ts'
import { readService } from './service.ts'

/** An owner as this device knows it. */
export type KnownOwner = RecordOf<'owners'>[number]

/** The owners this device knows, by link or in person, and what it pinned of their circles. */
export const owners = async (client: Client): Promise<readonly KnownOwner[]> =>
  (await readRecord(client.storage, 'owners')) ?? []

/** The owner with this account. Throws `not_found` if this device never met it. */
export const ownerOf = async (client: Client, account: string): Promise<KnownOwner> => {
  const found = (await owners(client)).find((owner) => owner.account === account)
  if (found === undefined) throw new HoldfastError('not_found')
  return found
}

/** Changes what is known of an owner that was met before. Throws `not_found`. */
export const changeOwner = async (
  client: Client,
  account: string,
  change: (owner: KnownOwner) => KnownOwner,
): Promise<void> => {
  await changeRecord(client.storage, 'owners', (all) => {
    const found = all?.find((owner) => owner.account === account)
    if (found === undefined) throw new HoldfastError('not_found')
    return upsert(all, change(found), (owner) => owner.account === account)
  })
}

interface Met {
  readonly account: string
  readonly identity: PublicIdentity
  readonly verified: Verification
}

/** Keeps whom one met: with the pins of before, and never less verified. Throws `identity_changed` unless replacing. */
const meet = async (client: Client, met: Met, isReplacing: boolean): Promise<KnownOwner> => {
  const isSame = (owner: KnownOwner): boolean => owner.account === met.account
  const all = await changeRecord(client.storage, 'owners', (before) => {
    const known = before?.find(isSame)
    const pins = { active: known?.active ?? null, pending: known?.pending ?? null }
    const verified = verifiedAgain(known, met, isReplacing)
    return upsert(before, { ...met, verified, ...pins, next: null }, isSame)
  })
  return all.find(isSame) as KnownOwner
}

/**
 * Answers an invitation link: both sides then hold each other's keys, verified as far as the channel that carried the link.
 * Repeating it is harmless. Throws `invitation_rejected` for a damaged or used link, or when the service shows other keys
 * than the link names; `identity_changed` when this device knows the owner by other keys. `replace`: these are the new ones, as
 * after a theft; ask the person first, and not by the channel that the link came by.
 */
export const acceptInvitation = async (
  client: Client,
  link: string,
  { replace = false }: { readonly replace?: boolean } = {},
): Promise<KnownOwner> => {
  const self = await readSelf(client)
  const parts = parseInvitationLink(link)
  const { statement } = await client.call('readInvitation', {
    params: { account: parts.owner, invitation: parts.invitation },
  })
  const { message, ownerIdentity } = await answerInvitation({
    ...parts,
    statement,
    account: self.account,
    identity: self.keys,
  }).finally(() => parts.secret.erase())
  await checkStatement(client, parts.owner, statement)
  const met: Met = { account: parts.owner, identity: ownerIdentity, verified: 'link' }
  const owner = await meet(client, met, replace)
  await client.call('answerInvitation', { body: { message } })
  return owner
}

/**
 * Raises an owner to *verified in person* after both compared: `scanned` is the QR text or the 60 digits of the other's
 * screen. Throws `codes_differ`. An owner that was never met by link becomes known by this alone, and new keys replace the
 * known ones.
 */
export const verifyOwnerInPerson = async (
  client: Client,
  { account, scanned }: { readonly account: string; readonly scanned: string },
): Promise<KnownOwner> => {
  const identity = await comparedIdentity(client, account, scanned)
  return meet(client, { account, identity, verified: 'in-person' }, true)
}

/** A share that somebody wishes to entrust to this account, before it was checked. */
export interface Offer {
  readonly owner: string
  /** False for somebody this device never met: meet first, by link or in person. */
  readonly known: boolean
  readonly share: ShareView
}

/** A change of a circle that this account belongs to. */
export type Change = ChangeView

export interface Shares {
  readonly held: readonly ShareView[]
  readonly offers: readonly Offer[]
  readonly changes: readonly Change[]
  /** Owners about whose circle the service showed something that does not hold. What was pinned before still counts. */
  readonly doubts: readonly { readonly owner: string; readonly code: ErrorCode }[]
}

/**
 * Shares held and offered, and changes under way. Looks whether offers accepted before have become active, and moves the
 * pins: from then on the older epoch is refused. Call it whenever something changed.
 */
export const shares = async (client: Client, options: CallOptions = {}): Promise<Shares> => {
  const view = await client.call('listShares', {}, options)
  const doubts: { owner: string; code: ErrorCode }[] = []
  for (const share of view.shares) {
    try {
      await follow(client, share)
    } catch (error) {
      if (!isHoldfastError(error) || error.advice === 'retry' || error.advice === 'retry-later') throw error
      // One owner's trouble must not keep this contact from the others.
      doubts.push({ owner: share.owner, code: error.code })
    }
  }
  const known = new Set((await owners(client)).map(({ account }) => account))
  return {
    held: view.shares.filter(({ state }) => state === 'accepted'),
    offers: view.shares
      .filter(({ state }) => state === 'offered')
      .map((share) => ({ owner: share.owner, known: known.has(share.owner), share })),
    changes: view.changes,
    doubts,
  }
}

// Moves the pins to an epoch that has become active, and to the identity that an owner announced before it moved.
const follow = async (client: Client, share: ShareView): Promise<void> => {
  const owner = (await owners(client)).find(({ account }) => account === share.owner)
  if (owner === undefined) return
  const { next } = owner
  if (next !== null && sameIdentity(await checkStatement(client, owner.account, share.identity), next))
    await changeOwner(client, owner.account, (known) => ({ ...known, identity: next, next: null }))
  if (share.activation === null || owner.pending?.coreHash !== share.coreHash) return
  const { core } = await readManifest(share.manifest, owner.pending.ownerIdentity)
  const { signing } = await readService(client)
  const record = await verifyActivation({ record: share.activation, core, service: signing })
  await changeOwner(client, owner.account, (known) => ({ ...known, ...pinActive(known, record) }))
}

/**
 * Checks an offered share and accepts it. Repeating it is harmless. Throws `not_found` for an owner this device never met,
 * `signature_rejected`, `share_rejected` for a share that does not open to what the owner promised, `stale_circle` for an
 * older epoch.
 */
export const accept = async (client: Client, { share }: Pick<Offer, 'share'>): Promise<void> => {
  const self = await readSelf(client)
  const owner = await ownerOf(client, share.owner)
  const opened = await checkOffer({
    owner: owner.account,
    ownerIdentity: owner.identity,
    manifest: share.manifest,
    coreHash: share.coreHash,
    slot: share.slot,
    sealed: share.sealed,
    account: self.account,
    identity: self.keys,
    pins: owner,
  })
  const { pin, checkKey } = opened
  opened.share.bytes.fill(0)
  try {
    // The pin first: once the service has the acceptance it may make the epoch active at any moment.
    await changeOwner(client, owner.account, (known) => ({ ...known, ...pinPending(known, pin) }))
    const body = await signAcceptance({ pin, checkKey, account: self.account, identity: self.keys })
    await client.call('acceptShare', { body })
  } finally {
    checkKey.seed.erase()
  }
}

/** Declines an offered share. */
export const decline = async (client: Client, { share }: Pick<Offer, 'share'>): Promise<void> => {
  const self = await readSelf(client)
  const { owner, coreHash, slot } = share
  const body = await signSlotDecline({ owner, coreHash, slot, account: self.account, identity: self.keys })
  await client.call('declineShare', { body })
}

/**
 * Consents to a change before it has cooled. Ask the owner by voice first: a thief of the phone would ask for this too.
 * Throws `stale_circle` for a change of another circle than the one that this device holds a share of.
 */
export const countersign = async (client: Client, change: Change): Promise<void> => {
  const self = await readSelf(client)
  const { owner, activeCoreHash, slot, coreHash } = change
  const { active } = await ownerOf(client, owner)
  if (active?.coreHash !== activeCoreHash || active.slot !== slot) throw new HoldfastError('stale_circle')
  const place = { owner, activeCoreHash, slot, coreHash }
  const body = await signCountersign({ ...place, account: self.account, identity: self.keys })
  await client.call('countersignChange', { body })
}
