/**
 * The keys that seal what lies at rest, as configured: the first one seals, and each of them opens. What is sealed names its key,
 * so that one can see what is still to be sealed anew before a key is taken away.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { HoldfastError, Secret, concat, fromBase64url, toBase64url, utf8 } from '@holdfast/client/protocol'
import type { AtRest } from '../use-cases/ports.ts'

/** At rest only, never on the wire: no part of the protocol, so they stand here and not among the protocol's labels. */
const SEALING = 'holdfast-store/v1/factor-keys'
const NAMING = 'holdfast-store/v1/key-id'
const NONCE_BYTES = 24
const ID_BYTES = 6

interface RingKey {
  /** 8 characters that tell nothing of the key. */
  readonly id: string
  readonly key: Secret
}

const derived = (key: Secret, label: string, length: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key.expose(), new Uint8Array(), label, length))

const ringKey = (key: Secret): RingKey => {
  if (key.length < 32) throw new RangeError('a wrapping key must have at least 32 bytes')
  const bytes = derived(key, SEALING, 32)
  const own = { id: toBase64url(derived(key, NAMING, ID_BYTES)), key: Secret.of(bytes) }
  bytes.fill(0)
  return own
}

export class KeyRing {
  readonly #first: RingKey
  readonly #keys: readonly RingKey[]

  /** At least 32 bytes each that nobody can guess; anything shorter, or none at all, is a RangeError. */
  constructor(keys: readonly Secret[]) {
    this.#keys = keys.map(ringKey)
    const [first] = this.#keys
    if (first === undefined) throw new RangeError('a ring has at least one key')
    this.#first = first
  }

  /** Names the key that seals now. */
  get sealsWith(): string {
    return this.#first.id
  }

  get size(): number {
    return this.#keys.length
  }

  /**
   * `id.` and base64url of a random 24-byte nonce ‖ XChaCha20-Poly1305, with the place as associated data: what was sealed for one
   * place does not open at another.
   */
  seal(place: string, plain: Uint8Array): string {
    const { id, key } = this.#first
    const nonce = new Uint8Array(randomBytes(NONCE_BYTES))
    const cipher = xchacha20poly1305(key.expose(), nonce, utf8(place))
    return `${id}.${toBase64url(concat(nonce, cipher.encrypt(plain)))}`
  }

  /** Throws `internal` if it was not sealed by one of these keys for this place. */
  open(place: string, sealed: string): Uint8Array {
    const [named, text] = sealed.includes('.') ? sealed.split('.', 2) : [null, sealed]
    const bytes = fromBase64url(text ?? '')
    if (bytes === null || bytes.length < NONCE_BYTES) throw new HoldfastError('internal')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    // Older versions named no key: then it may be any of them.
    for (const { id, key } of this.#keys) {
      if (named !== null && named !== id) continue
      try {
        return xchacha20poly1305(key.expose(), nonce, utf8(place)).decrypt(bytes.subarray(NONCE_BYTES))
      } catch {
        continue
      }
    }
    throw new HoldfastError('internal')
  }

  /** Whether the key that seals now has sealed this. */
  isCurrent(sealed: string): boolean {
    return sealed.startsWith(`${this.#first.id}.`)
  }

  /** The name of the key that has sealed this, where it is none of these; null also for what names none. Opens nothing. */
  missingFor(sealed: string): string | null {
    const [named, text] = sealed.split('.', 2)
    const isOpenable = text === undefined || this.#keys.some(({ id }) => id === named)
    return isOpenable ? null : (named ?? null)
  }
}

/** The same without the name of its key: it opens as before, and is current under no ring. */
export const unnamed = (sealed: string): string => sealed.slice(sealed.indexOf('.') + 1)

/** A ring, also of one key alone. */
export const ringOf = (keys: Secret | KeyRing): KeyRing =>
  keys instanceof KeyRing ? keys : new KeyRing([keys])

/** The ring for whatever use cases want sealed. What the key store seals has places that begin otherwise. */
export const atRestOf = (ring: KeyRing): AtRest => ({
  seal: (place, plain) => ring.seal(`at-rest/${place}`, plain),
  open: (place, sealed) => ring.open(`at-rest/${place}`, sealed),
  isCurrent: (sealed) => ring.isCurrent(sealed),
})
