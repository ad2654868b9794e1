import { equalBytes } from '../protocol/bytes.ts'
import { nobleSymmetric } from './noble-symmetric.ts'
import type { Primitives } from './primitives.ts'
import { SUBGROUP_SCALAR, montgomeryU, publicX25519 } from './subgroup.ts'
import { newWebSealingKey, webSealingKey, webSigningKey, webVerifyingKey } from './web-curves.ts'

const fallback = async () => (await import('./noble-curves.ts')).nobleCurves

/** Browsers: WebCrypto's Ed25519 and X25519 where they work and are strict (asked once, by planted cases), noble elsewhere. */
export const platform: Primitives = {
  ...nobleSymmetric,
  name: 'WebCrypto',
  isTorsionFree(publicKey) {
    const u = montgomeryU(publicKey)
    return u !== null && equalBytes(publicX25519(SUBGROUP_SCALAR, u), u)
  },
  signingKey: async (seed) => (await webSigningKey(seed)) ?? (await fallback()).signingKey(seed),
  verifyingKey: async (key) => (await webVerifyingKey(key)) ?? (await fallback()).verifyingKey(key),
  sealingKey: async (secret) => (await webSealingKey(secret)) ?? (await fallback()).sealingKey(secret),
  newSealingKey: async () => (await newWebSealingKey()) ?? (await fallback()).newSealingKey(),
}
