import type { CipherSuite, Key } from 'hpke'
import { primitives } from '../platform/active.ts'
import { kemOver, keyPairOf, suiteOver } from '../platform/hpke.ts'
import type { Primitives, SealingHandle } from '../platform/primitives.ts'
import { concat, fromBase64url } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { acceptableSealingKey } from './public-keys.ts'
import type { Secret } from './secret.ts'

/**
 * The cipher suite of version 1, named in every message, so that a later one can stand beside it. HF1 = HPKE base mode (RFC
 * 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305; Ed25519; SHA-256; XChaCha20-Poly1305.
 */
export const SUITE = 'HF1'

/** Bytes that sealing adds: the encapsulated key and the tag. */
export const SEALING_OVERHEAD = 32 + 16

/** What both sides must agree on. `info` binds the purpose (label, H(core), slot); `aad` whatever else belongs to the message. */
export interface SealContext {
  readonly info: Uint8Array
  readonly aad: Uint8Array
}

interface Suite {
  readonly hpke: CipherSuite<Key>
  readonly handles: WeakMap<Secret, SealingHandle>
}

const suites = new WeakMap<Primitives, Suite>()

const suite = (): Suite => {
  const active = primitives()
  let found = suites.get(active)
  if (found === undefined) {
    found = { hpke: suiteOver(active), handles: new WeakMap() }
    suites.set(active, found)
  }
  return found
}

const sealingHandle = async (secret: Secret): Promise<SealingHandle> => {
  const bytes = secret.expose()
  const { handles } = suite()
  let handle = handles.get(secret)
  if (handle === undefined) handles.set(secret, (handle = await primitives().sealingKey(bytes)))
  return handle
}

/** The X25519 public key (32 bytes) of a 32-byte secret. */
export async function sealingPublicKey(secret: Secret): Promise<Uint8Array> {
  return Uint8Array.from((await sealingHandle(secret)).publicKey)
}

const sealWith = async (
  hpke: CipherSuite<Key>,
  publicKey: string | Uint8Array,
  plaintext: Uint8Array,
  context: SealContext,
): Promise<Uint8Array> => {
  const bytes = typeof publicKey === 'string' ? fromBase64url(publicKey) : publicKey
  if (bytes === null || !acceptableSealingKey(bytes)) throw new HoldfastError('key_rejected')
  const recipient = await hpke.DeserializePublicKey(bytes)
  const { encapsulatedSecret, ciphertext } = await hpke.Seal(recipient, plaintext, context)
  return concat(encapsulatedSecret, ciphertext)
}

/** enc (32) ‖ ciphertext, for the holder of an X25519 key. Throws `key_rejected` unless the key is acceptable. */
export const sealTo = (
  publicKey: string | Uint8Array,
  plaintext: Uint8Array,
  context: SealContext,
): Promise<Uint8Array> => sealWith(suite().hpke, publicKey, plaintext, context)

/**
 * The plaintext, or null. HPKE cannot tell "for another key" from "altered" or "under another context", so neither does this.
 */
export async function openWith(
  secret: Secret,
  sealed: Uint8Array,
  context: SealContext,
): Promise<Uint8Array | null> {
  if (sealed.length < SEALING_OVERHEAD) return null
  const handle = await sealingHandle(secret)
  // A non-canonical enc would open on some platforms and not on others.
  const enc = sealed.subarray(0, 32)
  if (!acceptableSealingKey(enc)) return null
  try {
    return await suite().hpke.Open(keyPairOf(handle), enc, sealed.subarray(32), context)
  } catch {
    return null
  }
}

/** For vectors only: {@link sealTo} with the ephemeral key derived from `ephemeralSeed` (RFC 9180 §7.1.3, `ikmE`). */
export function sealDeterministically(
  publicKey: string | Uint8Array,
  plaintext: Uint8Array,
  context: SealContext,
  ephemeralSeed: Uint8Array,
): Promise<Uint8Array> {
  const kem = kemOver(primitives())
  const fixed = { ...kem, GenerateKeyPair: () => kem.DeriveKeyPair(ephemeralSeed, false) }
  return sealWith(suiteOver(primitives(), fixed), publicKey, plaintext, context)
}
