/**
 * Ciphertexts beside the documents.
 */
import { blobHash } from '@holdfast/client/protocol'
import type { Blob } from './ports.ts'

/**
 * What a ciphertext is stored under. It belongs to one account: if two shared one, ending the one would erase the other's.
 * `hash`: its SHA-256, base64url.
 */
export const blobName = (account: string, hash: string): string => `${account}.${hash}`

export const blobOf = (account: string, bytes: Uint8Array): Blob => ({
  hash: blobName(account, blobHash(bytes)),
  bytes,
})
