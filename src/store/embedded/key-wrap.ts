/**
 * Release-factor keys at rest: sealed under a key from configuration, so that a copy of the folder alone gives none away.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { HoldfastError, Secret, concat, fromBase64url, toBase64url, utf8 } from '@holdfast/client/protocol'

/** At rest only, never on the wire: no part of the protocol, so it stands here and not among the protocol's labels. */
const LABEL = 'holdfast-store/v1/factor-keys'
const NONCE_BYTES = 24

/** Binds a sealed key to its place, so that one epoch's key put in another's place does not open. */
const placeOf = (account: string, epoch: number): Uint8Array => utf8(JSON.stringify([account, epoch]))

export class KeyWrap {
  readonly #key: Secret

  /** `wrappingKey`: at least 32 bytes that nobody can guess; anything shorter is a RangeError. */
  constructor(wrappingKey: Secret) {
    if (wrappingKey.length < 32) throw new RangeError('the wrapping key must have at least 32 bytes')
    const derived = new Uint8Array(hkdfSync('sha256', wrappingKey.expose(), new Uint8Array(), LABEL, 32))
    this.#key = Secret.of(derived)
    derived.fill(0)
  }

  /** base64url of a random 24-byte nonce ‖ XChaCha20-Poly1305 of the key, with account and epoch as associated data. */
  seal(account: string, epoch: number, key: Secret): string {
    const nonce = new Uint8Array(randomBytes(NONCE_BYTES))
    const cipher = xchacha20poly1305(this.#key.expose(), nonce, placeOf(account, epoch))
    return toBase64url(concat(nonce, cipher.encrypt(key.expose())))
  }

  /** Throws `internal` if it was not sealed by this key for this place. */
  open(account: string, epoch: number, sealed: string): Secret {
    const bytes = fromBase64url(sealed)
    if (bytes === null || bytes.length < NONCE_BYTES) throw new HoldfastError('internal')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const cipher = xchacha20poly1305(this.#key.expose(), nonce, placeOf(account, epoch))
    try {
      const opened = cipher.decrypt(bytes.subarray(NONCE_BYTES))
      const key = Secret.of(opened)
      opened.fill(0)
      return key
    } catch (cause) {
      throw new HoldfastError('internal', { cause })
    }
  }
}
