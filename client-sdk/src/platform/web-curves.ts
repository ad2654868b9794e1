import type { SealingHandle, SigningHandle, VerifyingHandle } from './primitives.ts'

type Bytes = Uint8Array<ArrayBuffer>

const hex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

type Curve = 'Ed25519' | 'X25519'

// RFC 8410 §7: the fixed part of PKCS #8 before a 32-byte secret. WebCrypto has no raw import for secret keys.
const PKCS8 = {
  Ed25519: hex('302e020100300506032b657004220420'),
  X25519: hex('302e020100300506032b656e04220420'),
}

/** RFC 8032 §7.1, test 1: seed, public key, signature of the empty message. */
const KNOWN = {
  seed: hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
  publicKey: hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
  signature: hex(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ),
}

// Missing where a page is not a secure context.
const subtle = (): SubtleCrypto | undefined => globalThis.crypto.subtle

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

const importSecret = (crypto: SubtleCrypto, curve: Curve, secret: Uint8Array): Promise<CryptoKey> => {
  const der = new Uint8Array(48)
  der.set(PKCS8[curve])
  der.set(secret, 16)
  const use: KeyUsage = curve === 'Ed25519' ? 'sign' : 'deriveBits'
  // WebCrypto tells the public half only of an extractable key. The key stays in its handle, beside the seed it came from.
  return crypto.importKey('pkcs8', der, curve, true, [use]).finally(() => der.fill(0))
}

const importPublic = (crypto: SubtleCrypto, curve: Curve, publicKey: Uint8Array): Promise<CryptoKey> =>
  crypto.importKey('raw', publicKey as Bytes, curve, true, curve === 'Ed25519' ? ['verify'] : [])

const publicHalf = async (crypto: SubtleCrypto, key: CryptoKey): Promise<Uint8Array> => {
  const { x = '' } = await crypto.exportKey('jwk', key)
  return Uint8Array.from(atob(x.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}

const agreement = async (
  crypto: SubtleCrypto,
  key: CryptoKey,
  publicKey: Uint8Array,
): Promise<Uint8Array> => {
  const other = await importPublic(crypto, 'X25519', publicKey)
  return new Uint8Array(await crypto.deriveBits({ name: 'X25519', public: other }, key, 256))
}

/** Wycheproof's first X25519 case. */
const AGREED = {
  secret: hex('c8a9d5a91091ad851c668b0736c1c9a02936c0d3ad62670858088047ba057475'),
  publicKey: hex('504a36999f489cd2fdbc08baff3d88fa00569ba986cba22548ffde80f9806829'),
  shared: hex('436a2c040cf45fea9b29a0cb81b1f41458f863d0d61b453d0a982720d6d61320'),
}

// A signature of the empty message under KNOWN.seed whose R carries a point of order 8. Whoever multiplies by the cofactor
// accepts it; node:crypto, and browsers that compare bytes, refuse it.
const TORSION_IN_R = hex(
  '66249970f5d465b4776273767c1929c8f9c52506ffd34c6c74a8d7436acd8d86128edb73ea5a6cae028800b678f7394de54fe4395922fae31ef2968278189800',
)

// One answer everywhere: a browser that is not strict gets noble.
const ed25519Works = once(async (): Promise<boolean> => {
  const crypto = subtle()
  if (crypto === undefined) return false
  try {
    const secret = await importSecret(crypto, 'Ed25519', KNOWN.seed)
    const signed = new Uint8Array(await crypto.sign('Ed25519', secret, new Uint8Array(0)))
    if (!signed.every((byte, i) => byte === KNOWN.signature[i])) return false
    const key = await importPublic(crypto, 'Ed25519', KNOWN.publicKey)
    if (!(await crypto.verify('Ed25519', key, KNOWN.signature, new Uint8Array(0)))) return false
    return !(await crypto.verify('Ed25519', key, TORSION_IN_R, new Uint8Array(0)))
  } catch {
    return false
  }
})

const x25519Works = once(async (): Promise<boolean> => {
  const crypto = subtle()
  if (crypto === undefined) return false
  try {
    const key = await importSecret(crypto, 'X25519', AGREED.secret)
    return (await agreement(crypto, key, AGREED.publicKey)).every((byte, i) => byte === AGREED.shared[i])
  } catch {
    return false
  }
})

/** WebCrypto's Ed25519 key, or null where the browser has none that is strict. */
export async function webSigningKey(seed: Uint8Array): Promise<SigningHandle | null> {
  const crypto = subtle()
  if (crypto === undefined || !(await ed25519Works())) return null
  const key = await importSecret(crypto, 'Ed25519', seed)
  return {
    publicKey: await publicHalf(crypto, key),
    sign: async (message) => new Uint8Array(await crypto.sign('Ed25519', key, message as Bytes)),
  }
}

/** WebCrypto's Ed25519 verification, or null where the browser has none that is strict. */
export async function webVerifyingKey(publicKey: Uint8Array): Promise<VerifyingHandle | null> {
  const crypto = subtle()
  if (crypto === undefined || !(await ed25519Works())) return null
  const key = await importPublic(crypto, 'Ed25519', publicKey)
  return {
    verify: (message, signature) => crypto.verify('Ed25519', key, signature as Bytes, message as Bytes),
  }
}

const sealingHandle = async (crypto: SubtleCrypto, key: CryptoKey): Promise<SealingHandle> => ({
  publicKey: await publicHalf(crypto, key),
  agree: (publicKey) => agreement(crypto, key, publicKey),
})

/** WebCrypto's X25519 key of a secret, or null where the browser has none. */
export async function webSealingKey(secret: Uint8Array): Promise<SealingHandle | null> {
  const crypto = subtle()
  if (crypto === undefined || !(await x25519Works())) return null
  return sealingHandle(crypto, await importSecret(crypto, 'X25519', secret))
}

/** A fresh X25519 key of WebCrypto's, or null where the browser has none. */
export async function newWebSealingKey(): Promise<SealingHandle | null> {
  const crypto = subtle()
  if (crypto === undefined || !(await x25519Works())) return null
  const { privateKey } = (await crypto.generateKey('X25519', true, ['deriveBits'])) as CryptoKeyPair
  return sealingHandle(crypto, privateKey)
}
