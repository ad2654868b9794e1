/**
 * What a backup holds before it is sealed. PROTOCOL.md, "Protect", step 5.
 */
import * as shape from './shape.ts'
import { concat, fromUtf8, lengthPrefixed, utf8 } from './bytes.ts'
import { contactEntry, type ContactEntry } from './circle.ts'
import { canonicalize } from './encoding.ts'
import { HoldfastError } from './errors.ts'
import { IDENTITY_SEED_LENGTH } from './identity.ts'
import { parseBody } from './message.ts'
import { MAX_APPLICATION_BYTES, MAX_ENTRIES_BYTES, MAX_PAYLOAD_BYTES } from './payload.ts'
import { Secret } from './secret.ts'

export interface Backup {
  /** 32 bytes. */
  readonly identitySeed: Secret
  /** The app's own, up to 64 KiB. */
  readonly application: Uint8Array
  /** Who holds the shares, so that a recovered owner knows the circle without believing the service about it. */
  readonly entries: readonly ContactEntry[]
}

const entryList = shape.array(contactEntry, 0, 32)

/**
 * lp(seed) ‖ lp(application) ‖ lp(JCS(entries)). Bytes rather than JSON, so that the seed never becomes a string, which
 * could not be erased. Throws `payload_too_large`, or `malformed` for a seed of another length.
 */
export const packBackup = ({ identitySeed, application, entries }: Backup): Uint8Array => {
  if (application.length > MAX_APPLICATION_BYTES) throw new HoldfastError('payload_too_large')
  const list = utf8(canonicalize(entries))
  if (identitySeed.length !== IDENTITY_SEED_LENGTH || list.length > MAX_ENTRIES_BYTES)
    throw new HoldfastError('malformed')
  return concat(...[identitySeed.expose(), application, list].map(lengthPrefixed))
}

/** What {@link packBackup} packed, or null for any other bytes. */
export const unpackBackup = (plaintext: Uint8Array): Backup | null => {
  if (plaintext.length > MAX_PAYLOAD_BYTES) return null
  const parts = split(plaintext)
  const [seed, application, list] = parts ?? []
  if (parts?.length !== 3 || seed?.length !== IDENTITY_SEED_LENGTH) return null
  if (application === undefined || application.length > MAX_APPLICATION_BYTES || list === undefined)
    return null
  const text = fromUtf8(list)
  if (text === null) return null
  try {
    const entries = parseBody(text, entryList)
    return { identitySeed: Secret.of(seed), application: application.slice(), entries }
  } catch {
    return null
  }
}

// lp(part) ‖ lp(part) ‖ … read back; null when a length points beyond the end.
const split = (bytes: Uint8Array): Uint8Array[] | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < 4) return null
    const end = at + 4 + view.getUint32(at)
    if (end > bytes.length) return null
    parts.push(bytes.subarray(at + 4, end))
    at = end
  }
  return parts
}
