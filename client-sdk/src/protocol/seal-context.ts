/**
 * What each sealed thing is bound to, by HPKE's `info`: opened in any other place, it does not open at all.
 * PROTOCOL.md, "Sealing".
 */
import { concat, fromBase64url, lengthPrefixed, uint32 } from './bytes.ts'
import { HoldfastError } from './errors.ts'
import { LABELS, labelBytes, type Label } from './labels.ts'
import type { SealContext } from './sealing.ts'

const NONE = new Uint8Array(0)

/** 32 bytes from base64url. Throws `malformed` for anything else. */
export const bytesOf32 = (text: string): Uint8Array => {
  const bytes = fromBase64url(text)
  if (bytes?.length !== 32) throw new HoldfastError('malformed')
  return bytes
}

const context = (label: Label, ...parts: readonly Uint8Array[]): SealContext => ({
  info: concat(labelBytes(label), ...parts.map(lengthPrefixed)),
  aad: NONE,
})

/** Share, owner → contact: H(core) and slot. */
export const sealedShareContext = (coreHash: string, slot: number): SealContext =>
  context(LABELS.sealedShare, bytesOf32(coreHash), uint32(slot))

/** Release factor, owner → service: H(core). */
export const sealedFactorContext = (coreHash: string): SealContext =>
  context(LABELS.sealedFactor, bytesOf32(coreHash))

/** Share, contact → requester: H(core), slot and the request. */
export const handedShareContext = (coreHash: string, slot: number, requestHash: string): SealContext =>
  context(LABELS.handedShare, bytesOf32(coreHash), uint32(slot), bytesOf32(requestHash))

/** Release factor, service → requester: H(core) and the request. */
export const handedFactorContext = (coreHash: string, requestHash: string): SealContext =>
  context(LABELS.handedFactor, bytesOf32(coreHash), bytesOf32(requestHash))
