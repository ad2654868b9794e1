import { primitives } from '../platform/active.ts'
import type { Primitives, SigningHandle, VerifyingHandle } from '../platform/primitives.ts'
import { concat, fromBase64url, toBase64url, utf8 } from './bytes.ts'
import { canonicalize, type Json } from './encoding.ts'
import { signedPrefix, type SignedType } from './labels.ts'
import { REMEMBERED_KEYS, acceptablePublicKey, isSmallOrderPoint, rememberAcceptable } from './public-keys.ts'
import type { Signed } from './schema.ts'
import type { Secret } from './secret.ts'

interface Memory {
  readonly signing: WeakMap<Secret, SigningHandle>
  /** By public key (base64url), the least recently used first. */
  readonly verifying: Map<string, VerifyingHandle>
}

// Handles belong to the primitives that made them.
const memories = new WeakMap<Primitives, Memory>()

const memory = (): Memory => {
  const active = primitives()
  let found = memories.get(active)
  if (found === undefined) memories.set(active, (found = { signing: new WeakMap(), verifying: new Map() }))
  return found
}

const signingHandle = async (seed: Secret): Promise<SigningHandle> => {
  const bytes = seed.expose()
  const { signing } = memory()
  const known = signing.get(seed)
  if (known !== undefined) return known
  const handle = await primitives().signingKey(bytes)
  signing.set(seed, handle)
  return handle
}

const verifyingHandle = async (key: string): Promise<VerifyingHandle | null> => {
  const { verifying } = memory()
  let handle = verifying.get(key)
  if (handle === undefined) {
    const bytes = fromBase64url(key)
    if (bytes === null || !acceptablePublicKey(bytes)) return null
    handle = await primitives().verifyingKey(bytes)
  }
  verifying.delete(key)
  verifying.set(key, handle)
  if (verifying.size > REMEMBERED_KEYS) verifying.delete(verifying.keys().next().value as string)
  return handle
}

/** The Ed25519 public key (32 bytes) of a 32-byte seed. */
export async function signingPublicKey(seed: Secret): Promise<Uint8Array> {
  const { publicKey } = await signingHandle(seed)
  rememberAcceptable(publicKey)
  return Uint8Array.from(publicKey)
}

/** Ed25519 over utf8("holdfast/v1/<type>\0") ‖ utf8(text), base64url. PROTOCOL.md §Signed messages. */
export async function signText(type: SignedType, text: string, seed: Secret): Promise<string> {
  const handle = await signingHandle(seed)
  return toBase64url(await handle.sign(concat(signedPrefix(type), utf8(text))))
}

/**
 * Whether `signature` (64 bytes) is that of `message` under `publicKey` (base64url). Strict, with the same answer on every
 * platform: the key as in {@link acceptablePublicKey}; R canonical, torsion-free and not of small order; s < L. Never throws:
 * false for anything malformed. Without a label; for messages use {@link verifyText}.
 */
export async function verifyBytes(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: string,
): Promise<boolean> {
  // Some browsers refuse R of small order and others do not: refused by all.
  if (signature.length !== 64 || isSmallOrderPoint(signature.subarray(0, 32))) return false
  const handle = await verifyingHandle(publicKey)
  return handle !== null && handle.verify(message, signature)
}

/** As {@link verifyBytes}, over utf8("holdfast/v1/<type>\0") ‖ utf8(text). `signature` and `publicKey`: base64url, or a key's 32 bytes. */
export async function verifyText(
  type: SignedType,
  text: string,
  signature: string,
  publicKey: string | Uint8Array,
): Promise<boolean> {
  const bytes = fromBase64url(signature)
  if (bytes === null) return false
  const key = typeof publicKey === 'string' ? publicKey : toBase64url(publicKey)
  return verifyBytes(concat(signedPrefix(type), utf8(text)), bytes, key)
}

/** Signs the canonical text of `body`. Throws `malformed` when it has none. */
export async function signMessage(type: SignedType, body: Json, seed: Secret): Promise<Signed> {
  const text = canonicalize(body)
  return { body: text, signature: await signText(type, text, seed) }
}
