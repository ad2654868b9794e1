import {
  CipherSuite,
  LabeledExpand,
  LabeledExtract,
  concat,
  encode,
  type AEAD,
  type KDF,
  type KEM,
  type Key,
  type KeyPair,
} from 'hpke'
import { hkdfExpandWith } from './hkdf.ts'
import type { Primitives, SealingHandle } from './primitives.ts'

// `hpke` has the key schedule and the contexts of RFC 9180; here are its three algorithms over our primitives. Its own KEM needs
// WebCrypto's X25519, which Node 20 and older browsers lack or have as an experiment, and takes ten times longer per message.

const EMPTY = new Uint8Array(0)
const LENGTH = 32
// suite_id of DHKEM(X25519, HKDF-SHA256): "KEM" ‖ I2OSP(0x0020, 2), RFC 9180 §4.1 and §7.1.
const SUITE_ID = concat(encode('KEM'), Uint8Array.of(0x00, 0x20))

/** A key as `hpke` wants to see one; a private one carries its handle. */
class KemKey implements Key {
  readonly algorithm = { name: 'X25519' }
  readonly extractable = false
  readonly type: 'private' | 'public'
  readonly publicKey: Uint8Array
  readonly handle: SealingHandle | null

  constructor(publicKey: Uint8Array, handle: SealingHandle | null) {
    this.type = handle === null ? 'public' : 'private'
    this.publicKey = publicKey
    this.handle = handle
  }
}

/** The key pair of a handle, for the suite of the same primitives. */
export const keyPairOf = (handle: SealingHandle): KeyPair<Key> => ({
  privateKey: new KemKey(handle.publicKey, handle),
  publicKey: new KemKey(handle.publicKey, null),
})

const agree = async (own: Key, publicKey: Uint8Array): Promise<Uint8Array> => {
  const { handle } = own as KemKey
  if (handle === null) throw new TypeError('a private key is needed')
  const dh = await handle.agree(publicKey)
  // RFC 9180 §7.1.4: a key of small order would make a secret that everyone knows.
  if (dh.every((byte) => byte === 0)) throw new RangeError('the shared secret is zero')
  return dh
}

/** DHKEM(X25519, HKDF-SHA256), RFC 9180 §4.1. */
export function kemOver(primitives: Primitives): KEM<Key> {
  const kdf = kdfOver(primitives)

  const secretOf = async (dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Promise<Uint8Array> => {
    const prk = await LabeledExtract(kdf, SUITE_ID, EMPTY, encode('eae_prk'), dh)
    dh.fill(0)
    return LabeledExpand(kdf, SUITE_ID, prk, encode('shared_secret'), concat(enc, recipient), LENGTH)
  }

  return {
    id: 0x0020,
    type: 'KEM',
    name: 'DHKEM(X25519, HKDF-SHA256)',
    Nsecret: LENGTH,
    Nenc: LENGTH,
    Npk: LENGTH,
    Nsk: LENGTH,

    async DeriveKeyPair(ikm) {
      const prk = await LabeledExtract(kdf, SUITE_ID, EMPTY, encode('dkp_prk'), ikm)
      const secret = await LabeledExpand(kdf, SUITE_ID, prk, encode('sk'), EMPTY, LENGTH)
      return keyPairOf(await primitives.sealingKey(secret))
    },
    GenerateKeyPair: async () => keyPairOf(await primitives.newSealingKey()),
    SerializePublicKey: async (key) => Uint8Array.from((key as KemKey).publicKey),
    DeserializePublicKey: async (bytes) => new KemKey(Uint8Array.from(bytes), null),
    SerializePrivateKey: () => Promise.reject(new TypeError('private keys stay inside')),
    DeserializePrivateKey: async (secret) => keyPairOf(await primitives.sealingKey(secret)).privateKey,

    async Encap(recipient) {
      const { privateKey } = await this.GenerateKeyPair(false)
      const { publicKey: enc } = privateKey as KemKey
      const { publicKey } = recipient as KemKey
      return { shared_secret: await secretOf(await agree(privateKey, publicKey), enc, publicKey), enc }
    },
    async Decap(enc, secret) {
      return secretOf(await agree(secret, enc), enc, (secret as KemKey).publicKey)
    },
  }
}

/** HKDF-SHA256, RFC 9180 §7.2. */
export const kdfOver = ({ hmac }: Primitives): KDF => ({
  id: 0x0001,
  type: 'KDF',
  name: 'HKDF-SHA256',
  Nh: LENGTH,
  stages: 2,
  Extract: async (salt, ikm) => hmac(salt, ikm),
  Expand: async (prk, info, length) => hkdfExpandWith(hmac, prk, info, length),
  Derive: () => Promise.reject(new TypeError('HKDF has two stages')),
})

/** ChaCha20-Poly1305, RFC 9180 §7.3. */
export const aeadOver = ({ chachaSeal, chachaOpen }: Primitives): AEAD => ({
  id: 0x0003,
  type: 'AEAD',
  name: 'ChaCha20Poly1305',
  Nk: 32,
  Nn: 12,
  Nt: 16,
  Seal: async (key, nonce, aad, plaintext) => chachaSeal(key, nonce, aad, plaintext),
  async Open(key, nonce, aad, sealed) {
    const opened = chachaOpen(key, nonce, aad, sealed)
    if (opened === null) throw new RangeError('the tag does not match')
    return opened
  },
})

/** HPKE with the suite of version 1. `kem`: another one for vectors. */
export const suiteOver = (primitives: Primitives, kem: KEM<Key> = kemOver(primitives)): CipherSuite<Key> =>
  new CipherSuite<Key>(
    () => kem,
    () => kdfOver(primitives),
    () => aeadOver(primitives),
  )
