/**
 * The hashes by which parties name what they agree on. All base64url. PROTOCOL.md, "Hashes".
 */
import { toBase64url, utf8 } from './bytes.ts'
import type { ContactEntry, Core } from './circle.ts'
import { canonicalize } from './encoding.ts'
import { hashOf, sha256 } from './hashing.ts'
import { LABELS } from './labels.ts'
import type { Transcript } from './recovery.ts'
import type { Signed } from './schema.ts'

/** H(core): what contacts pin, codes compare and keys are salted with. Throws `malformed` for a core without JCS form. */
export const coreHash = (core: Core): string => toBase64url(hashOf(LABELS.coreHash, utf8(canonicalize(core))))

/** Hash of a salted contact entry, as it stands in the core's slot. The salt keeps accounts from being tried out. */
export const entryHash = (entry: ContactEntry): string =>
  toBase64url(hashOf(LABELS.contactEntryHash, utf8(canonicalize(entry))))

/** Names a request, and with it all of the requester's keys. Over the signed text as received. */
export const requestHash = (request: Signed): string =>
  toBase64url(hashOf(LABELS.requestHash, utf8(request.body)))

/** What contact and requester must agree on before a code is worth anything. */
export const transcriptHash = (transcript: Transcript): string =>
  toBase64url(hashOf(LABELS.transcriptHash, utf8(canonicalize(transcript))))

/** Plain SHA-256 of a ciphertext: how manifests, decisions and stores name it. */
export const blobHash = (bytes: Uint8Array): string => toBase64url(sha256(bytes))
