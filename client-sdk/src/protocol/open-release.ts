/**
 * The requester puts the key together. PROTOCOL.md, "Recover", step 8.
 */
import { unpackBackup, type Backup } from './backup.ts'
import { equalBytes, fromBase64url, fromUtf8, toBase64url } from './bytes.ts'
import { checkKeyOf } from './check-key.ts'
import { manifestBody, type Core, type CoreSlot, type ManifestBody } from './circle.ts'
import type { Confirmed } from './codes.ts'
import { blobHash, coreHash } from './core-hash.ts'
import { HoldfastError } from './errors.ts'
import { identityFromSeed, identityHash, publicHalf, type IdentityKeys } from './identity.ts'
import { deriveKeys } from './key-schedule.ts'
import { parseBody } from './message.ts'
import { openPayload } from './payload.ts'
import { verifyDecisionProof } from './read-decision.ts'
import { openHandedFactor, sameIdentity, verifyManifest } from './read-manifest.ts'
import { handedSharePlaintext, type HandedSharePlaintext } from './recovery.ts'
import { bytesOf32, handedShareContext } from './seal-context.ts'
import { openWith } from './sealing.ts'
import type { PublicIdentity } from './schema.ts'
import type { Secret } from './secret.ts'
import { combineShares, parseShare, type Share } from './shares.ts'
import type { ReleaseView } from './views.ts'

/** What came back. */
export interface Recovered extends Backup {
  /** The owner's keys, from the seed. */
  readonly identity: IdentityKeys
  readonly core: Core
  readonly coreHash: string
  /** Slots whose released share was false, in rising order. */
  readonly liars: readonly number[]
}

/**
 * What the person, or the app, knows of the circle by itself. The threshold that a release shows is only as true as its core:
 * contacts who lie together with the service can show a core of their own, in which so few of them suffice.
 */
export interface Expected {
  /** How many contacts were to be needed: at least as many must be confirmed, whatever the core says. */
  readonly threshold?: number
  /** Hash of the identity that must come back, base64url, for example from a link, or as the owner's contacts know it. */
  readonly identityHash?: string
}

/** Throws `codes_unconfirmed` for fewer confirmed slots than expected, `identity_changed` for another identity. */
export const refuseUnexpected = (
  { threshold = 0, identityHash: hash }: Expected,
  confirmed: readonly Pick<Confirmed, 'slot'>[],
  identity: PublicIdentity,
): void => {
  const { size } = new Set(confirmed.map(({ slot }) => slot))
  // Not `<`: what is no number expects nothing.
  if (!(size >= threshold)) throw new HoldfastError('codes_unconfirmed')
  if (hash !== undefined && !equalBytes(identityHash(identity), bytesOf32(hash)))
    throw new HoldfastError('identity_changed')
}

interface Release {
  readonly release: ReleaseView
  /** The request's one-use keys and hash. */
  readonly requester: IdentityKeys
  readonly requestHash: string
  /** Sessions whose codes were compared both ways, from {@link confirmCode}. */
  readonly confirmed: readonly Confirmed[]
  readonly expected?: Expected
}

/**
 * Checks all that was released and opens it. Throws
 * `codes_unconfirmed` when fewer than the threshold, or than expected, were confirmed both ways, or the core is not the one
 * confirmed; `identity_changed` when its owner is not the one expected;
 * `signature_rejected` when its owner did not sign it;
 * `too_few_shares` (with the slots that lie) when fewer than the threshold are sound: more may come in until completion;
 * `backup_damaged` when release factor, payload or seed are not what the core commits to; `malformed`.
 */
export const openRelease = async (input: Release): Promise<Recovered> => {
  const manifest = await confirmedManifest(input)
  const { core } = manifest
  const payload = payloadOf(input.release, manifest)
  const releaseFactor = await factorOf(input, manifest)
  const { sound, liars } = await soundShares(input, manifest)
  const { threshold } = core.policy
  if (sound.length < threshold) throw new HoldfastError('too_few_shares', { slots: liars })
  const xs = core.slots.map((slot) => slot.x)
  const secret = await combineShares(sound.slice(0, threshold), { threshold, xs })
  const backup = openBackup(manifest, payload, secret, releaseFactor)
  for (const spent of [secret, releaseFactor]) spent.erase()
  const identity = await identityFromSeed(backup.identitySeed)
  if (!sameIdentity(publicHalf(identity), core.owner)) return damaged()
  return { ...backup, identity, core, coreHash: manifest.coreHash, liars }
}

const damaged = (): never => {
  throw new HoldfastError('backup_damaged')
}

type Known = ManifestBody & { readonly coreHash: string }

// §Recover 8a, 8b: the core is the one that enough contacts confirmed by voice, and its owner signed it. The core names its
// own owner keys; what makes them the right ones is that the contacts pinned this very core.
const confirmedManifest = async (input: Release): Promise<Known> => {
  const { release, requestHash, confirmed, expected = {} } = input
  const body = parseBody(release.manifest.body, manifestBody)
  const { core } = body
  const hash = coreHash(core)
  const slots = new Set<number>()
  for (const session of confirmed) {
    const slot = core.slots[session.slot - 1]
    const same = session.requestHash === requestHash && session.coreHash === hash
    if (!same || slot?.slot !== session.slot || slot.checkKey !== session.checkKey)
      throw new HoldfastError('codes_unconfirmed')
    slots.add(session.slot)
  }
  if (slots.size < core.policy.threshold) throw new HoldfastError('codes_unconfirmed')
  refuseUnexpected(expected, confirmed, core.owner)
  await verifyManifest(release.manifest, body, core.owner)
  return { ...body, coreHash: hash }
}

// §Recover 8e: only slots confirmed both ways count, each against its check key. Of several answers of one slot the newest.
const soundShares = async (
  input: Release,
  { core, coreHash: hash }: Known,
): Promise<{ readonly sound: readonly Share[]; readonly liars: readonly number[] }> => {
  const newest = new Map<number, ReleaseView['approvals'][number]>()
  for (const approval of input.release.approvals)
    if (approval.sequence > (newest.get(approval.slot)?.sequence ?? 0)) newest.set(approval.slot, approval)
  const confirmed = new Set(input.confirmed.map((session) => session.slot))
  const counted = [...newest.values()]
    .filter(({ slot }) => confirmed.has(slot))
    .sort((a, b) => a.slot - b.slot)
  const opened = await Promise.all(
    counted.map(async (approval) => {
      const slot = core.slots[approval.slot - 1] as CoreSlot
      return { slot: approval.slot, share: await openApproval(input, core, hash, slot, approval) }
    }),
  )
  const sound = opened.flatMap(({ share }) => (share === null ? [] : [share]))
  return { sound, liars: opened.filter(({ share }) => share === null).map(({ slot }) => slot) }
}

// Null for a share that is not exactly the one that the core commits to, handed over for exactly this request.
const openApproval = async (
  { requester, requestHash }: Release,
  core: Core,
  hash: string,
  slot: CoreSlot,
  approval: ReleaseView['approvals'][number],
): Promise<Share | null> => {
  const sealed = fromBase64url(approval.sealed)
  if (sealed === null) return null
  const context = handedShareContext(hash, slot.slot, requestHash)
  const plaintext = await openWith(requester.sealing.secret, sealed, context)
  const text = plaintext === null ? null : fromUtf8(plaintext)
  const handed = text === null ? null : parsed(text)
  if (handed === null) return null
  const pinned =
    handed.coreHash === hash && handed.epoch === core.epoch && sameIdentity(handed.owner, core.owner)
  const share = parseShare(fromBase64url(handed.share) ?? new Uint8Array(0))
  if (!pinned || share === null || share.x !== slot.x) return null
  const { publicKey, seed } = await checkKeyOf(share, {
    circle: core.circle,
    epoch: core.epoch,
    slot: slot.slot,
  })
  seed.erase()
  if (toBase64url(publicKey) !== slot.checkKey) return null
  const proofBody = {
    requestHash,
    coreHash: hash,
    epoch: core.epoch,
    slot: slot.slot,
    sequence: approval.sequence,
    decision: 'approve' as const,
    stolen: approval.stolen,
    shareHash: blobHash(sealed),
  }
  // Last, since a key that was just derived need not be looked at before it verifies.
  return (await verifyDecisionProof(proofBody, approval.proof, slot.checkKey)) ? share : null
}

const parsed = (text: string): HandedSharePlaintext | null => {
  try {
    return parseBody(text, handedSharePlaintext)
  } catch {
    return null
  }
}

// §Recover 8c: the payload is the one that the manifest names.
const payloadOf = (release: ReleaseView, manifest: ManifestBody): Uint8Array => {
  const payload = fromBase64url(release.payload)
  return payload === null || blobHash(payload) !== manifest.payloadHash ? damaged() : payload
}

// §Recover 8d: R is for this request, and the one that the core commits to.
const factorOf = async (
  { release, requestHash, requester }: Release,
  { core, coreHash: hash }: Known,
): Promise<Secret> => {
  const sealing = requester.sealing.secret
  const { factor } = release
  return (await openHandedFactor({ core, coreHash: hash, factor, requestHash, sealing })) ?? damaged()
}

// §Recover 8g, 8h: kc before anything is opened, for one ciphertext can be made to open under two keys.
const openBackup = (manifest: Known, payload: Uint8Array, secret: Secret, releaseFactor: Secret): Backup => {
  const hash = bytesOf32(manifest.coreHash)
  const { encryptionKey, commitment } = deriveKeys({ coreHash: hash, secret, releaseFactor })
  if (!equalBytes(commitment, bytesOf32(manifest.commitment))) return damaged()
  const plaintext = openPayload(payload, { key: encryptionKey, coreHash: hash, commitment })
  encryptionKey.erase()
  const backup = plaintext === null ? null : unpackBackup(plaintext)
  plaintext?.fill(0)
  return backup ?? damaged()
}
