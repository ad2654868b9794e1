import { chacha20poly1305, xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import type { Primitives } from './primitives.ts'

const opener =
  (cipher: typeof chacha20poly1305 | typeof xchacha20poly1305): Primitives['chachaOpen'] =>
  (key, nonce, aad, sealed) => {
    // Outside of the try: a wrong length is a mistake of the caller, not a wrong tag.
    const opened = cipher(key, nonce, aad)
    try {
      return opened.decrypt(sealed)
    } catch {
      return null
    }
  }

/** Hashes and ciphers on noble: what browsers use too, since WebCrypto's hashes are asynchronous and ChaCha20 it has none. */
export const nobleSymmetric: Pick<
  Primitives,
  'chachaOpen' | 'chachaSeal' | 'hmac' | 'sha256' | 'sha512' | 'xchachaOpen' | 'xchachaSeal'
> = {
  sha256: (message) => sha256(message),
  sha512: (message) => sha512(message),
  hmac: (key, message) => hmac(sha256, key, message),
  chachaSeal: (key, nonce, aad, plaintext) => chacha20poly1305(key, nonce, aad).encrypt(plaintext),
  chachaOpen: opener(chacha20poly1305),
  xchachaSeal: (key, nonce, aad, plaintext) => xchacha20poly1305(key, nonce, aad).encrypt(plaintext),
  xchachaOpen: opener(xchacha20poly1305),
}
