import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import type { Primitives } from './primitives.ts'

/**
 * Ed25519 and X25519 on noble: the reference. Browsers load this file only where WebCrypto lacks one of them, since it is the
 * largest part of what they would have to load.
 */
export const nobleCurves: Pick<
  Primitives,
  'isTorsionFree' | 'newSealingKey' | 'sealingKey' | 'signingKey' | 'verifyingKey'
> = {
  isTorsionFree(publicKey) {
    try {
      return ed25519.Point.fromBytes(Uint8Array.from(publicKey), false).isTorsionFree()
    } catch {
      return false
    }
  },

  signingKey(seed) {
    const secret = Uint8Array.from(seed)
    return { publicKey: ed25519.getPublicKey(secret), sign: (message) => ed25519.sign(message, secret) }
  },

  verifyingKey(publicKey) {
    const key = Uint8Array.from(publicKey)
    return {
      verify(message, signature) {
        try {
          // noble multiplies by the cofactor, so that it alone would accept R + torsion, which node:crypto and browsers
          // refuse: a signature valid for one party and not for another would let a log be read in two ways.
          if (!ed25519.verify(signature, message, key, { zip215: false })) return false
          return ed25519.Point.fromBytes(signature.subarray(0, 32), false).isTorsionFree()
        } catch {
          return false
        }
      },
    }
  },

  sealingKey(secret) {
    const own = Uint8Array.from(secret)
    return {
      publicKey: x25519.getPublicKey(own),
      agree: (publicKey) => x25519.getSharedSecret(own, publicKey),
    }
  },

  newSealingKey: () => nobleCurves.sealingKey(x25519.utils.randomSecretKey()),
}
