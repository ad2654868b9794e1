import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { hchacha } from '@noble/ciphers/chacha.js'
import type { Primitives, SealingHandle } from './primitives.ts'
import { SUBGROUP_SCALAR, montgomeryU } from './subgroup.ts'

const TAG_LENGTH = 16

// A Buffer can be a window into Node's shared pool. Callers get a plain view of exactly these bytes, and never a Buffer,
// whose slice() would alias instead of copy.
const plain = (bytes: Buffer): Uint8Array =>
  new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')

// RFC 8410 §7: the fixed part of PKCS #8 before a 32-byte secret.
const PKCS8 = {
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
}

// [Note: Keys through JWK] OpenSSL's DER decoder takes 75–350 µs per key, raw import through JWK 6 µs. The price is that a
// seed exists for a moment as a string, which cannot be erased; it is collected like any other garbage.
const privateKey = (curve: 'Ed25519' | 'X25519', secret: Uint8Array): KeyObject => {
  try {
    // Node derives the public half itself and ignores `x`, but insists that it is there.
    return createPrivateKey({ key: { kty: 'OKP', crv: curve, d: text(secret), x: '' }, format: 'jwk' })
  } catch {
    // A version that wants the right `x` gets the slow form, RFC 8410 §7.
    const der = Buffer.concat([PKCS8[curve], secret])
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  }
}

const publicHalf = (key: KeyObject): Uint8Array =>
  Uint8Array.from(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'))

const aeadSeal = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_LENGTH })
  cipher.setAAD(aad, { plaintextLength: plaintext.length })
  const out = new Uint8Array(plaintext.length + TAG_LENGTH)
  out.set(cipher.update(plaintext))
  cipher.final()
  out.set(cipher.getAuthTag(), plaintext.length)
  return out
}

const aeadOpen = (
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null => {
  const length = sealed.length - TAG_LENGTH
  if (length < 0) return null
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_LENGTH })
  decipher.setAAD(aad, { plaintextLength: length })
  decipher.setAuthTag(sealed.subarray(length))
  const out = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
  } catch {
    out.fill(0)
    return null
  }
  return plain(out)
}

const words = (bytes: Uint8Array): Uint32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true))
}

// "expand 32-byte k", the constant of the ChaCha family (RFC 8439 §2.3).
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)

/** HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2): the subkey and the nonce that plain ChaCha20-Poly1305 then takes. */
const extended = (key: Uint8Array, nonce: Uint8Array): { subkey: Uint8Array; inner: Uint8Array } => {
  // OpenSSL would take other lengths for other ciphers; without this check a wrong nonce would be cut or padded silently.
  if (key.length !== 32 || nonce.length !== 24)
    throw new RangeError('XChaCha20 takes a 32-byte key and a 24-byte nonce')
  const out = new Uint32Array(8)
  hchacha(SIGMA, words(key), words(nonce.subarray(0, 16)), out)
  const subkey = new Uint8Array(32)
  const view = new DataView(subkey.buffer)
  out.forEach((word, i) => view.setUint32(i * 4, word, true))
  const inner = new Uint8Array(12)
  inner.set(nonce.subarray(16), 4)
  return { subkey, inner }
}

const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  plain(createHmac('sha256', key).update(message).digest())

const publicKey = (curve: 'Ed25519' | 'X25519', bytes: Uint8Array): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: curve, x: text(bytes) }, format: 'jwk' })

const sealingHandle = (key: KeyObject): SealingHandle => ({
  publicKey: publicHalf(key),
  agree: (other) => plain(diffieHellman({ privateKey: key, publicKey: publicKey('X25519', other) })),
})

let subgroupKey: KeyObject | undefined

/** node:crypto, synchronous and fast. */
export const platform: Primitives = {
  name: 'node:crypto',
  sha256: (message) => plain(createHash('sha256').update(message).digest()),
  sha512: (message) => plain(createHash('sha512').update(message).digest()),
  hmac,

  isTorsionFree(bytes) {
    const u = montgomeryU(bytes)
    if (u === null) return false
    subgroupKey ??= privateKey('X25519', SUBGROUP_SCALAR)
    return diffieHellman({ privateKey: subgroupKey, publicKey: publicKey('X25519', u) }).equals(u)
  },

  signingKey(seed) {
    const key = privateKey('Ed25519', seed)
    return {
      publicKey: publicHalf(key),
      sign: (message) => plain(sign(null, message, key)),
    }
  },

  verifyingKey(bytes) {
    const key = publicKey('Ed25519', bytes)
    return {
      // OpenSSL encodes s·B − h·A and compares bytes with R: with a torsion-free key only the canonical, torsion-free R fits.
      verify: (message, signature) => verify(null, message, key, signature),
    }
  },

  sealingKey: (secret) => sealingHandle(privateKey('X25519', secret)),
  // Not by generateKeyPairSync: in Node 20 its job locks the key's mutex when it is collected, and reading the public half holds
  // that mutex while it allocates. A collection in that moment stops the process for good (seen after some 20,000 keys).
  newSealingKey() {
    const secret = randomBytes(32)
    const key = privateKey('X25519', secret)
    secret.fill(0)
    return sealingHandle(key)
  },

  chachaSeal: aeadSeal,
  chachaOpen: aeadOpen,

  xchachaSeal(key, nonce, aad, plaintext) {
    const { subkey, inner } = extended(key, nonce)
    const sealed = aeadSeal(subkey, inner, aad, plaintext)
    subkey.fill(0)
    return sealed
  },
  xchachaOpen(key, nonce, aad, sealed) {
    const { subkey, inner } = extended(key, nonce)
    const opened = aeadOpen(subkey, inner, aad, sealed)
    subkey.fill(0)
    return opened
  },
}
