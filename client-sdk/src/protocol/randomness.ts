/**
 * Where chance comes from. A parameter everywhere, so that frozen vectors can be made; apps never pass it.
 */
import { sealTo, type SealContext } from './sealing.ts'
import { randomBytes, type Secret } from './secret.ts'
import { splitSecret, type Share } from './shares.ts'

export interface Randomness {
  /** `length` bytes nobody can guess. */
  bytes(length: number): Uint8Array
  /** As {@link sealTo}. */
  seal(publicKey: string, plaintext: Uint8Array, context: SealContext): Promise<Uint8Array>
  /** As {@link splitSecret}. */
  split(
    secret: Secret,
    counts: { readonly threshold: number; readonly shares: number },
  ): Promise<readonly Share[]>
}

/** The platform's generator. */
export const platformRandomness: Randomness = { bytes: randomBytes, seal: sealTo, split: splitSecret }
