import { fromBase64url, toBase64url } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { hashOf, hkdf } from './hashing.ts'
import { LABELS, labelBytes, type Label } from './labels.ts'
import { acceptablePublicKey, acceptableSealingKey } from './public-keys.ts'
import type { PublicIdentity } from './schema.ts'
import { sealingPublicKey } from './sealing.ts'
import { Secret } from './secret.ts'
import { signingPublicKey } from './signing.ts'

/** Both key pairs of an identity. `publicKey`s are 32 bytes. */
export interface IdentityKeys {
  readonly signing: { readonly publicKey: Uint8Array; readonly seed: Secret }
  readonly sealing: { readonly publicKey: Uint8Array; readonly secret: Secret }
}

/** Bytes of the seed that the whole identity follows from. */
export const IDENTITY_SEED_LENGTH = 32

const derived = (seed: Secret, label: Label): Secret => {
  const bytes = hkdf(seed.expose(), new Uint8Array(0), labelBytes(label), 32)
  const secret = Secret.of(bytes)
  bytes.fill(0)
  return secret
}

/** Both key pairs of a 32-byte seed, by HKDF with a label each. Throws `malformed` for another length. PROTOCOL.md §Identity. */
export async function identityFromSeed(seed: Secret): Promise<IdentityKeys> {
  if (seed.length !== IDENTITY_SEED_LENGTH) throw new HoldfastError('malformed')
  const signing = derived(seed, LABELS.signingSeed)
  const sealing = derived(seed, LABELS.sealingSeed)
  return {
    signing: { publicKey: await signingPublicKey(signing), seed: signing },
    sealing: { publicKey: await sealingPublicKey(sealing), secret: sealing },
  }
}

/** The public half, as it stands in messages. */
export const publicHalf = (keys: IdentityKeys): PublicIdentity => ({
  signing: toBase64url(keys.signing.publicKey),
  sealing: toBase64url(keys.sealing.publicKey),
})

/** True when both keys may be registered: see {@link acceptablePublicKey} and {@link acceptableSealingKey}. */
export function acceptableIdentity(identity: PublicIdentity): boolean {
  const signing = fromBase64url(identity.signing)
  const sealing = fromBase64url(identity.sealing)
  return signing !== null && sealing !== null && acceptableSealingKey(sealing) && acceptablePublicKey(signing)
}

/** Signing key and sealing key, 32 bytes each. Throws `malformed` unless each is 32 bytes of base64url. */
export function identityBytes(identity: PublicIdentity): readonly [signing: Uint8Array, sealing: Uint8Array] {
  const signing = fromBase64url(identity.signing)
  const sealing = fromBase64url(identity.sealing)
  if (signing?.length !== 32 || sealing?.length !== 32) throw new HoldfastError('malformed')
  return [signing, sealing]
}

/** 32 bytes that name an identity, for example in an invitation link. Throws `malformed` as {@link identityBytes}. */
export const identityHash = (identity: PublicIdentity): Uint8Array =>
  hashOf(LABELS.identityHash, ...identityBytes(identity))
