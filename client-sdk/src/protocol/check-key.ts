import { concat, lengthPrefixed, uint32, uint64, utf8 } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { hkdf } from './hashing.ts'
import { LABELS, labelBytes } from './labels.ts'
import { Secret } from './secret.ts'
import { SHARE_LENGTH, type Share } from './shares.ts'
import { signingPublicKey } from './signing.ts'

/** Where a share belongs. */
export interface SharePlace {
  readonly circle: string
  readonly epoch: number
  /** 1…32 */
  readonly slot: number
}

/** A share's own Ed25519 key: its public half commits to the share, a signature by it shows that one still holds it. */
export interface CheckKey {
  readonly publicKey: Uint8Array
  readonly seed: Secret
}

/**
 * seed = HKDF(ikm = the 33 share bytes, no salt, info = label ‖ lp(circle) ‖ lp(u64 epoch) ‖ lp(u32 slot)), 32 bytes. The
 * place is bound, so that a share moved to another slot, epoch or circle has another key. Throws `share_rejected` for a share
 * of another length. PROTOCOL.md §Protect, step 2.
 */
export async function checkKeyOf(share: Share, place: SharePlace): Promise<CheckKey> {
  if (share.bytes.length !== SHARE_LENGTH) throw new HoldfastError('share_rejected')
  const info = concat(
    labelBytes(LABELS.checkKey),
    lengthPrefixed(utf8(place.circle)),
    lengthPrefixed(uint64(place.epoch)),
    lengthPrefixed(uint32(place.slot)),
  )
  const bytes = hkdf(share.bytes, new Uint8Array(0), info, 32)
  const seed = Secret.of(bytes)
  bytes.fill(0)
  return { publicKey: await signingPublicKey(seed), seed }
}
