/**
 * Ciphertexts beside the documents.
 */
import { blobHash } from '@holdfast/client/protocol'
import { blobName } from '../domain/circle-blobs.ts'
import type { Blob } from './ports.ts'

export const blobOf = (account: string, bytes: Uint8Array): Blob => ({
  hash: blobName(account, blobHash(bytes)),
  bytes,
})
