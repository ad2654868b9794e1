/** Some platforms answer at once, WebCrypto only later. Callers always `await`. */
export type Awaitable<T> = T | Promise<T>

/** An imported Ed25519 key pair. */
export interface SigningHandle {
  /** 32 bytes, RFC 8032 encoding. */
  readonly publicKey: Uint8Array
  /** Deterministic Ed25519 signature (RFC 8032 §5.1.6), 64 bytes. */
  sign(message: Uint8Array): Awaitable<Uint8Array>
}

/** An imported Ed25519 public key. */
export interface VerifyingHandle {
  /**
   * Cofactorless verification (RFC 8032 §5.1.7). The caller has checked that the key is canonical, torsion-free and not of
   * small order, and that the signature has 64 bytes. Must answer false, not throw, for any such input, and must refuse a
   * scalar ≥ L and an R that is non-canonical or carries torsion.
   */
  verify(message: Uint8Array, signature: Uint8Array): Awaitable<boolean>
}

/** An imported X25519 key pair. */
export interface SealingHandle {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** The shared secret with another's 32-byte public key, in a new array. A secret of zero may also be refused by throwing. */
  agree(publicKey: Uint8Array): Awaitable<Uint8Array>
}

/**
 * What the protocol needs from a platform. Every implementation gives the same bytes and the same refusals; `noble` is the
 * reference, and the tests hold the others to it.
 */
export interface Primitives {
  /** For bench tables and test names only. */
  readonly name: string

  /** SHA-256, 32 bytes. */
  sha256(message: Uint8Array): Uint8Array
  /** SHA-512, 64 bytes. */
  sha512(message: Uint8Array): Uint8Array
  /** HMAC-SHA-256 (RFC 2104), 32 bytes. */
  hmac(key: Uint8Array, message: Uint8Array): Uint8Array

  /** Whether 32 bytes, known not to encode a point of small order, are the canonical encoding of a point without torsion. */
  isTorsionFree(publicKey: Uint8Array): boolean
  /** Imports a 32-byte RFC 8032 secret key. The handle may keep its own copy of the seed. */
  signingKey(seed: Uint8Array): Awaitable<SigningHandle>
  /** Imports 32 bytes that the caller has already found acceptable. */
  verifyingKey(publicKey: Uint8Array): Awaitable<VerifyingHandle>
  /** Imports a 32-byte X25519 secret (RFC 7748 §5). The handle may keep its own copy. */
  sealingKey(secret: Uint8Array): Awaitable<SealingHandle>
  /** A fresh X25519 key. */
  newSealingKey(): Awaitable<SealingHandle>

  /** ChaCha20-Poly1305 (RFC 8439 §2.8): 32-byte key, 12-byte nonce; ciphertext ‖ 16-byte tag. Other lengths throw. */
  chachaSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** The plaintext, or null when the tag does not match. */
  chachaOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null
  /** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): 32-byte key, 24-byte nonce; ciphertext ‖ 16-byte tag. Other lengths throw. */
  xchachaSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** The plaintext, or null when the tag does not match. */
  xchachaOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null
}
