/**
 * The key by which push services know this service (VAPID, RFC 8292): it follows from the service's secret, since browsers
 * subscribe under it and must find the same one after every start.
 */
import { createECDH, hkdfSync } from 'node:crypto'
import type { Secret } from '@holdfast/client/protocol'

export interface VapidKeys {
  /** P-256 point, 65 bytes base64url. */
  readonly publicKey: string
  /** 32 bytes base64url. */
  readonly privateKey: string
}

/** Order of P-256 (FIPS 186-5). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** `seed`: 32 bytes that nobody can guess. FIPS 186-5, A.2.1: 128 more bits than the order has, so that no key is likelier. */
export const vapidKeys = (seed: Secret): VapidKeys => {
  const wide = Buffer.from(hkdfSync('sha256', seed.expose(), new Uint8Array(0), 'VAPID key', 48))
  const scalar = (BigInt(`0x${wide.toString('hex')}`) % (ORDER - 1n)) + 1n
  const privateKey = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(privateKey)
  return { publicKey: curve.getPublicKey('base64url'), privateKey: privateKey.toString('base64url') }
}
