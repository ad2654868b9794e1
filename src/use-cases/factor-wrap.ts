/**
 * The release factor as the records keep it: under a key of its own epoch, which lies in the key store. Erasing that key
 * erases the factor in every copy of the records, backups included.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import {
  HoldfastError,
  LABELS,
  Secret,
  concat,
  fromBase64url,
  labelBytes,
  lengthPrefixed,
  toBase64url,
  uint64,
  utf8,
} from '@holdfast/client/protocol'
import type { Random } from './ports.ts'

/** Where a wrapped factor belongs; put anywhere else it does not open. */
export interface FactorPlace {
  readonly account: string
  readonly circle: string
  readonly epoch: number
  readonly coreHash: string
}

const NONCE_LENGTH = 24

const aadOf = ({ account, circle, epoch, coreHash }: FactorPlace): Uint8Array =>
  concat(
    labelBytes(LABELS.serviceFactorWrap),
    ...[utf8(account), utf8(circle), uint64(epoch), utf8(coreHash)].map(lengthPrefixed),
  )

/** base64url of nonce (24) ‖ XChaCha20-Poly1305 of the factor. `key`: 32 bytes. */
export const wrapFactor = (factor: Secret, key: Secret, place: FactorPlace, random: Random): string => {
  const nonce = random.bytes(NONCE_LENGTH)
  const sealed = xchacha20poly1305(key.expose(), nonce, aadOf(place)).encrypt(factor.expose())
  return toBase64url(concat(nonce, sealed))
}

/** Throws `internal` unless it was wrapped with this key for this place. The caller erases what it gets. */
export const unwrapFactor = (wrapped: string, key: Secret, place: FactorPlace): Secret => {
  const bytes = fromBase64url(wrapped)
  if (bytes === null || bytes.length < NONCE_LENGTH) throw new HoldfastError('internal')
  const cipher = xchacha20poly1305(key.expose(), bytes.subarray(0, NONCE_LENGTH), aadOf(place))
  try {
    const opened = cipher.decrypt(bytes.subarray(NONCE_LENGTH))
    const factor = Secret.of(opened)
    opened.fill(0)
    return factor
  } catch (cause) {
    throw new HoldfastError('internal', { cause })
  }
}
