import { concat, lengthPrefixed } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { hashOf, hkdfExpand, hkdfExtract } from './hashing.ts'
import { LABELS, labelBytes } from './labels.ts'
import { Secret } from './secret.ts'

/** What the payload key is made of. All three 32 bytes; the PIN output may be left out. */
export interface KeyInputs {
  readonly coreHash: Uint8Array
  readonly secret: Secret
  readonly releaseFactor: Secret
  readonly pinOutput?: Secret
}

/** The payload key, and `kc`, 32 bytes that commit to it. */
export interface DerivedKeys {
  readonly encryptionKey: Secret
  readonly commitment: Uint8Array
}

/**
 * PRK = HKDF-Extract(salt = H(core), lp(S) ‖ lp(R) ‖ lp(PIN output or empty)), expanded under two labels. XChaCha20-Poly1305
 * does not commit to its key: only with `kc` in the signed manifest can one ciphertext not open under two keys.
 * Throws `malformed` for other lengths. PROTOCOL.md §Protect, step 4.
 */
export function deriveKeys({ coreHash, secret, releaseFactor, pinOutput }: KeyInputs): DerivedKeys {
  const pin = pinOutput?.expose() ?? new Uint8Array(0)
  const parts = [secret.expose(), releaseFactor.expose()]
  if (coreHash.length !== 32 || parts.some((part) => part.length !== 32)) throw new HoldfastError('malformed')
  const ikm = concat(...[...parts, pin].map(lengthPrefixed))
  const prk = hkdfExtract(ikm, coreHash)
  const key = hkdfExpand(prk, labelBytes(LABELS.keyEncryption), 32)
  const commitment = hkdfExpand(prk, labelBytes(LABELS.keyCommitment), 32)
  const encryptionKey = Secret.of(key)
  for (const spent of [ikm, prk, key]) spent.fill(0)
  return { encryptionKey, commitment }
}

/** The core's commitment to R: a hash of 32 random bytes needs no blinding. */
export const releaseCommitment = (releaseFactor: Secret): Uint8Array =>
  hashOf(LABELS.releaseCommitment, releaseFactor.expose())
