/**
 * A second requester and contact, written from PROTOCOL.md alone on Node's own crypto: no line of the SDK runs here. Only
 * XChaCha20-Poly1305 and ChaCha20-Poly1305 come from a library. No strictness beyond what the vectors need.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  verify as verifyEd25519,
} from 'node:crypto'
import { chacha20poly1305, xchacha20poly1305 } from '@noble/ciphers/chacha.js'

export const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
export const unb64 = (text: string): Buffer => Buffer.from(text, 'base64url')
const text = (value: string): Buffer => Buffer.from(value, 'utf8')
const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}
const u64 = (value: number): Buffer => {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value))
  return out
}
export const lp = (bytes: Uint8Array): Buffer => Buffer.concat([u32(bytes.length), bytes])
const label = (name: string): Buffer => text(`holdfast/v1/${name}\0`)

/** RFC 8785 for what messages hold. */
export const jcs = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jcs(member)}`).join(',')}}`
}

export const sha256 = (...parts: Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest()
const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest()
const extract = (salt: Uint8Array, ikm: Uint8Array): Buffer =>
  hmac(salt.length === 0 ? Buffer.alloc(32) : salt, ikm)
const expand = (prk: Uint8Array, info: Uint8Array, length: number): Buffer => {
  let out: Buffer = Buffer.alloc(0)
  let block: Buffer = Buffer.alloc(0)
  for (let i = 1; out.length < length; i += 1) {
    block = hmac(prk, Buffer.concat([block, info, Buffer.of(i)]))
    out = Buffer.concat([out, block])
  }
  return out.subarray(0, length)
}

export const hashOf = (name: string, ...parts: Uint8Array[]): Buffer =>
  sha256(label(`hash/${name}`), ...parts.map(lp))

export const verify = (type: string, body: string, signature: string, key: string): boolean => {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' })
  return verifyEd25519(null, Buffer.concat([label(type), text(body)]), publicKey, unb64(signature))
}

const ed25519Public = (seed: Uint8Array): string => {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return createPublicKey(key).export({ format: 'jwk' }).x ?? ''
}

const x25519 = (secret: Uint8Array) => {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret])
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
}

/** Both public keys of an identity seed. */
export const identityOf = (seed: Uint8Array) => {
  const derive = (name: string) => expand(extract(Buffer.alloc(0), seed), label(`derive/${name}`), 32)
  const sealingSecret = derive('sealing-seed')
  const signingSeed = derive('signing-seed')
  const sealing = createPublicKey(x25519(sealingSecret)).export({ format: 'jwk' }).x ?? ''
  return { signing: ed25519Public(signingSeed), sealing, signingSeed, sealingSecret }
}

/** RFC 9180 base mode, single shot, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, empty aad. */
export const hpkeOpen = (secret: Uint8Array, sealed: Uint8Array, info: Uint8Array): Uint8Array => {
  const enc = sealed.subarray(0, 32)
  const kemId = Buffer.concat([text('KEM'), Buffer.from('0020', 'hex')])
  const suite = Buffer.concat([text('HPKE'), Buffer.from('002000010003', 'hex')])
  const u16 = (value: number) => Buffer.of(value >> 8, value & 255)
  const lExtract = (id: Buffer, salt: Uint8Array, name: string, ikm: Uint8Array) =>
    extract(salt, Buffer.concat([text('HPKE-v1'), id, text(name), ikm]))
  const lExpand = (id: Buffer, prk: Uint8Array, name: string, context: Uint8Array, length: number) =>
    expand(prk, Buffer.concat([u16(length), text('HPKE-v1'), id, text(name), context]), length)
  const own = x25519(secret)
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: b64(enc) }, format: 'jwk' })
  const dh = diffieHellman({ privateKey: own, publicKey })
  const pkR = unb64(createPublicKey(own).export({ format: 'jwk' }).x ?? '')
  const none = Buffer.alloc(0)
  const shared = lExpand(
    kemId,
    lExtract(kemId, none, 'eae_prk', dh),
    'shared_secret',
    Buffer.concat([enc, pkR]),
    32,
  )
  const hashes = [lExtract(suite, none, 'psk_id_hash', none), lExtract(suite, none, 'info_hash', info)]
  const context = Buffer.concat([Buffer.of(0), ...hashes])
  const prk = lExtract(suite, shared, 'secret', none)
  const key = lExpand(suite, prk, 'key', context, 32)
  const nonce = lExpand(suite, prk, 'base_nonce', context, 12)
  return chacha20poly1305(key, nonce, none).decrypt(sealed.subarray(32))
}

export const sealInfo = (name: string, ...parts: Uint8Array[]): Buffer =>
  Buffer.concat([label(`seal/${name}`), ...parts.map(lp)])

export const slotBytes = u32

/** The public half of a share's check key. */
export const checkKey = (share: Uint8Array, circle: string, epoch: number, slot: number): string => {
  const info = Buffer.concat([label('derive/check-key'), lp(text(circle)), lp(u64(epoch)), lp(u32(slot))])
  return ed25519Public(expand(extract(Buffer.alloc(0), share), info, 32))
}

const times = (a: number, b: number): number => {
  let out = 0
  for (let x = a, y = b; y > 0; y >>= 1, x = (x << 1) ^ (x & 0x80 ? 0x11b : 0)) if (y & 1) out ^= x
  return out
}
const inverse = (a: number): number => {
  for (let b = 1; b < 256; b += 1) if (times(a, b) === 1) return b
  return 0
}

/** Lagrange at zero over GF(2^8), byte by byte. */
export const combine = (shares: readonly Uint8Array[]): Buffer => {
  const xs = shares.map((share) => share[32] ?? 0)
  const out = Buffer.alloc(32)
  for (const [i, share] of shares.entries()) {
    const xi = xs[i] ?? 0
    const weight = xs.reduce((w, xj, j) => (j === i ? w : times(w, times(xj, inverse(xj ^ xi)))), 1)
    for (let at = 0; at < 32; at += 1) out[at] = (out[at] ?? 0) ^ times(share[at] ?? 0, weight)
  }
  return out
}

/** H(core)-salted key schedule: the payload key and kc. */
export const schedule = (coreHash: Uint8Array, secret: Uint8Array, factor: Uint8Array) => {
  const prk = extract(coreHash, Buffer.concat([lp(secret), lp(factor), lp(Buffer.alloc(0))]))
  const part = (name: string) => expand(prk, label(`derive/${name}`), 32)
  return { prk, key: part('key-encryption'), commitment: part('key-commitment') }
}

/** The parts of a backup: seed, the app's bytes, entries. */
export const openBackup = (
  payload: Uint8Array,
  key: Uint8Array,
  coreHash: Uint8Array,
  commitment: Uint8Array,
) => {
  const aad = Buffer.concat([label('aead/payload'), coreHash, commitment])
  const padded = Buffer.from(
    xchacha20poly1305(key, payload.subarray(0, 24), aad).decrypt(payload.subarray(24)),
  )
  const plaintext = padded.subarray(4, 4 + padded.readUInt32BE(0))
  const parts: Buffer[] = []
  for (let at = 0; at < plaintext.length;) {
    const length = plaintext.readUInt32BE(at)
    parts.push(plaintext.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return parts
}

/** Both six-digit codes. */
export const sixDigits = (
  transcriptHash: Uint8Array,
  contactNonce: Uint8Array,
  requesterNonce: Uint8Array,
) => {
  const prk = extract(transcriptHash, Buffer.concat([lp(contactNonce), lp(requesterNonce)]))
  const code = (name: string): string => {
    const words = expand(prk, label(`derive/${name}`), 32)
    for (let at = 0; at < 32; at += 4) {
      const word = words.readUInt32BE(at)
      if (word < 4_294_000_000) return String(word % 1_000_000).padStart(6, '0')
    }
    return ''
  }
  return { prk, first: code('code-1'), second: code('code-2') }
}

/** One direction's 60 digits and QR text. */
export const sixtyDigits = (transcriptHash: Uint8Array, name: 'digits-1' | 'digits-2') => {
  const bytes = expand(transcriptHash, label(`derive/${name}`), 92)
  const group = (at: number) => String(bytes.readUIntBE(at, 5) % 100_000).padStart(5, '0')
  const digits = Array.from({ length: 12 }, (_, i) => group(5 * i)).join('')
  return { digits, qr: `HF1-CODES:${b64(bytes.subarray(60))}` }
}

/** The MAC of an invitation's answer. */
export const invitationMac = (secret: Uint8Array, ...parts: Uint8Array[]): Buffer =>
  hmac(secret, Buffer.concat([label('mac/invitation'), ...parts.map(lp)]))
