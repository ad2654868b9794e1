/**
 * Reading a manifest: who signed it, and whether what came with it is what it names. PROTOCOL.md, "Protect", step 7.
 */
import { equalBytes, fromBase64url, toBase64url } from './bytes.ts'
import { manifestBody, type Core, type ManifestBody } from './circle.ts'
import { blobHash, coreHash } from './core-hash.ts'
import { HoldfastError } from './errors.ts'
import { releaseCommitment } from './key-schedule.ts'
import { readMessage } from './message.ts'
import type { PublicIdentity, Signed } from './schema.ts'
import { bytesOf32, handedFactorContext, sealedFactorContext } from './seal-context.ts'
import { openWith, sealTo } from './sealing.ts'
import { Secret } from './secret.ts'
import { verifyText } from './signing.ts'

export interface ReadManifest extends ManifestBody {
  readonly coreHash: string
}

export const sameIdentity = (one: PublicIdentity, other: PublicIdentity): boolean =>
  one.signing === other.signing && one.sealing === other.sealing

/**
 * Verifies a manifest under the identity that the reader knows. Throws `signature_rejected`, also for a core that names
 * other owner keys, or `malformed`. Whether the core keeps the rules is {@link refuseCore}'s to say.
 */
export const readManifest = async (manifest: Signed, owner: PublicIdentity): Promise<ReadManifest> => {
  const body = await readMessage('manifest', manifest, manifestBody, owner.signing)
  if (!sameIdentity(body.core.owner, owner)) throw new HoldfastError('signature_rejected')
  if (body.shareHashes.length !== body.core.slots.length) throw new HoldfastError('malformed')
  return { ...body, coreHash: coreHash(body.core) }
}

/** Verifies a manifest whose body was parsed before. Throws `signature_rejected` or `malformed`. */
export const verifyManifest = async (
  { body: text, signature }: Signed,
  body: ManifestBody,
  owner: PublicIdentity,
): Promise<void> => {
  if (!(await verifyText('manifest', text, signature, owner.signing)))
    throw new HoldfastError('signature_rejected')
  if (body.shareHashes.length !== body.core.slots.length) throw new HoldfastError('malformed')
}

/** The bytes of a ciphertext that must have this hash. Throws `commitment_rejected` for anything else. */
export const matchingBytes = (text: string, hash: string | undefined): Uint8Array => {
  const bytes = fromBase64url(text)
  if (bytes === null || blobHash(bytes) !== hash) throw new HoldfastError('commitment_rejected')
  return bytes
}

/** The bytes of all that came with a manifest. Throws `commitment_rejected` unless every hash is that of the manifest. */
export const matchingParts = (
  manifest: ManifestBody,
  parts: {
    readonly payload: string
    readonly shares: readonly { readonly contact: string; readonly sealed: string }[]
    readonly factor: string
  },
): {
  readonly payload: Uint8Array
  readonly shares: readonly { readonly contact: string; readonly sealed: Uint8Array }[]
  readonly factor: Uint8Array
} => {
  if (parts.shares.length !== manifest.shareHashes.length) throw new HoldfastError('commitment_rejected')
  return {
    payload: matchingBytes(parts.payload, manifest.payloadHash),
    shares: parts.shares.map(({ contact, sealed }, index) => {
      return { contact, sealed: matchingBytes(sealed, manifest.shareHashes[index]) }
    }),
    factor: matchingBytes(parts.factor, manifest.factorHash),
  }
}

// Null unless R opens and is the one that the core commits to.
const committedFactor = (core: Core, opened: Uint8Array | null): Secret | null => {
  if (opened?.length !== 32) return null
  const factor = Secret.of(opened)
  opened.fill(0)
  return equalBytes(releaseCommitment(factor), bytesOf32(core.releaseCommitment)) ? factor : null
}

/** The service opens R. Throws `commitment_rejected` unless it is the one that the core commits to. */
export const openFactor = async (input: {
  readonly core: Core
  readonly factor: Uint8Array
  /** The service's release key. */
  readonly release: Secret
}): Promise<Secret> => {
  const { core, factor, release } = input
  const opened = await openWith(release, factor, sealedFactorContext(coreHash(core)))
  const sound = committedFactor(core, opened)
  if (sound === null) throw new HoldfastError('commitment_rejected')
  return sound
}

/** The service hands R to the requester of a released request. base64url. */
export const handFactor = async (input: {
  readonly factor: Secret
  readonly requester: PublicIdentity
  readonly coreHash: string
  readonly requestHash: string
}): Promise<string> => {
  const { factor, requester, coreHash: hash, requestHash } = input
  const sealed = await sealTo(requester.sealing, factor.expose(), handedFactorContext(hash, requestHash))
  return toBase64url(sealed)
}

/** The requester opens R. Null unless it is for this request and the one that the core commits to. */
export const openHandedFactor = async (input: {
  readonly core: Core
  /** Of `core`. */
  readonly coreHash: string
  readonly factor: string
  readonly requestHash: string
  /** The requester's one-use sealing key. */
  readonly sealing: Secret
}): Promise<Secret | null> => {
  const { core, coreHash: hash, factor, requestHash, sealing } = input
  const sealed = fromBase64url(factor)
  if (sealed === null) return null
  const opened = await openWith(sealing, sealed, handedFactorContext(hash, requestHash))
  return committedFactor(core, opened)
}
