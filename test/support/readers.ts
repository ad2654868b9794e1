import { fromBase64url, type Signed } from '@holdfast/client/protocol'
import type { Flippable } from './flips.ts'

export type Parts = Readonly<Record<string, string>>

export const text = (parts: Parts, name: string): string => parts[name] ?? ''
export const signedOf = (parts: Parts): Signed => ({
  body: text(parts, 'body'),
  signature: text(parts, 'signature'),
})

/** A message whose reader knows the key: verified before it is parsed, so that every flip is a false signature. */
export const verified = (message: Signed, read: (message: Signed) => unknown): Flippable => ({
  parts: { ...message },
  codes: { body: ['signature_rejected'], signature: ['signature_rejected'] },
  read: (parts) => read(signedOf(parts)),
})

/** A message that names its own signer: parsed first, to learn the key. */
export const selfSigned = (message: Signed, read: (message: Signed) => unknown): Flippable => ({
  ...verified(message, read),
  codes: { body: ['malformed', 'signature_rejected'], signature: ['signature_rejected'] },
})

export const bytes = (base64url: string): Uint8Array => fromBase64url(base64url) ?? new Uint8Array(0)
