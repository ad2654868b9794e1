/**
 * A contact checks and opens its share. PROTOCOL.md, "Accept", steps 1–3.
 */
import { fromBase64url, fromUtf8, toBase64url } from './bytes.ts'
import { checkKeyOf, type CheckKey } from './check-key.ts'
import { sharePlaintext, type ContactEntry, type Core } from './circle.ts'
import { refuseCore } from './circle-rules.ts'
import { blobHash, entryHash } from './core-hash.ts'
import { HoldfastError } from './errors.ts'
import { publicHalf, type IdentityKeys } from './identity.ts'
import { parseBody } from './message.ts'
import { refuseStale, type OwnerPins, type SharePin } from './pins.ts'
import { readManifest, sameIdentity } from './read-manifest.ts'
import type { PublicIdentity, Signed } from './schema.ts'
import { sealedShareContext } from './seal-context.ts'
import { openWith } from './sealing.ts'
import { parseShare, type Share } from './shares.ts'

export interface OpenedShare {
  readonly share: Share
  readonly entry: ContactEntry
  readonly checkKey: CheckKey
}

const rejected = (): never => {
  throw new HoldfastError('share_rejected')
}

/**
 * Opens a sealed share and holds it against the pin: x, check key, entry. Throws `share_rejected`, whatever was wrong: which
 * of the checks failed is nobody's business but the owner's.
 */
export const openShare = async (input: {
  readonly pin: SharePin
  /** The sealed share, base64url. */
  readonly sealed: string
  readonly account: string
  readonly identity: IdentityKeys
}): Promise<OpenedShare> => {
  const { pin, sealed, account, identity } = input
  const bytes = fromBase64url(sealed)
  const context = sealedShareContext(pin.coreHash, pin.slot)
  const opened = bytes === null ? null : await openWith(identity.sealing.secret, bytes, context)
  const text = opened === null ? null : fromUtf8(opened)
  opened?.fill(0)
  if (text === null) return rejected()
  const plaintext = readPlaintext(text)
  const share = parseShare(fromBase64url(plaintext.share) ?? new Uint8Array(0))
  const { entry } = plaintext
  const own = entry.account === account && sameIdentity(entry.identity, publicHalf(identity))
  if (share === null || share.x !== pin.x || !own) return rejected()
  if (entry.slot !== pin.slot || entryHash(entry) !== pin.entry) return rejected()
  const checkKey = await checkKeyOf(share, pin)
  if (toBase64url(checkKey.publicKey) !== pin.checkKey) return rejected()
  return { share, entry, checkKey }
}

const readPlaintext = (text: string) => {
  try {
    return parseBody(text, sharePlaintext)
  } catch {
    return rejected()
  }
}

/** What a share is pinned by, once its core was believed. Throws `share_rejected` for a slot that the core does not have. */
export const pinOf = (core: Core, coreHash: string, slot: number): SharePin => {
  const found = core.slots[slot - 1]
  if (found === undefined || found.slot !== slot) return rejected()
  const { account: owner, owner: ownerIdentity, circle, epoch } = core
  const { x, checkKey, entry } = found
  return { owner, ownerIdentity, circle, epoch, coreHash, slot, x, checkKey, entry }
}

/**
 * Everything a contact checks before it accepts. `ownerIdentity` is the identity that this contact knows, not the one that
 * the service shows. Throws `signature_rejected`, `stale_circle`, `share_rejected` or `malformed`.
 */
export const checkOffer = async (input: {
  readonly owner: string
  readonly ownerIdentity: PublicIdentity
  readonly manifest: Signed
  readonly coreHash: string
  readonly slot: number
  readonly sealed: string
  /** The contact's own account and keys. */
  readonly account: string
  readonly identity: IdentityKeys
  readonly pins: OwnerPins
}): Promise<OpenedShare & { readonly core: Core; readonly pin: SharePin }> => {
  const { owner, ownerIdentity, manifest, slot, sealed, account, identity, pins } = input
  const read = await readManifest(manifest, ownerIdentity)
  const { core, coreHash } = read
  if (core.account !== owner || coreHash !== input.coreHash || refuseCore(core) !== null) return rejected()
  refuseStale(pins, core, coreHash)
  const pin = pinOf(core, coreHash, slot)
  const bytes = fromBase64url(sealed)
  if (bytes === null || blobHash(bytes) !== read.shareHashes[slot - 1]) return rejected()
  const opened = await openShare({ pin, sealed, account, identity })
  return { ...opened, core, pin }
}
