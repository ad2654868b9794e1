/**
 * Ciphertexts beside the documents, without a transaction.
 *
 * [Note: A copy per attempt] A commit writes copies of its own before the document, so that they are durable no later than
 * it, and takes back what the account does not name when it is refused. Were there one copy per hash, a loser would take the
 * winner's away. Copies under one hash are equal, so any of them answers a read; one that nobody names yet tells nobody anything.
 */
import { randomUUID } from 'node:crypto'
import { blobName, namedBlobs } from '../../domain/circle-blobs.ts'
import type { Blob } from '../../use-cases/ports.ts'
import type { BlobRow, Collections } from './schemas.ts'
import { isOnlyDuplicates } from './store-error.ts'

/** Copies made at once, since the caller may wipe its own bytes. Written by {@link putBlobs}. */
export const copiesOf = (account: string, revision: number, blobs: readonly Blob[]): readonly BlobRow[] => {
  const attempt = randomUUID()
  return blobs.map(({ hash, bytes }) => ({
    _id: randomUUID(),
    hash,
    account,
    revision,
    attempt,
    bytes: Buffer.from(bytes),
  }))
}

/** Their ids are this attempt's own: what stands there already is what the driver's first try has put. */
export const putBlobs = async ({ blobs }: Collections, copies: readonly BlobRow[]): Promise<void> => {
  if (copies.length === 0) return
  await blobs.insertMany(copies, { lean: true, ordered: false }).catch((error: unknown) => {
    if (!isOnlyDuplicates(error)) throw error
  })
}

/**
 * After a refusal, the copies of what the account does not name. After a failure they stay: the document may have been written and
 * name them. Failing to take them back leaves ciphertext that nobody names.
 *
 * [Note: Refused although written] The driver sends a write once more whose answer was lost. A server that has forgotten the first
 * one, as after a crash of one that does not keep what it answered, refuses the second for the revision that the first has written.
 */
export const takeBack = async (collections: Collections, copies: readonly BlobRow[]): Promise<void> => {
  const [first] = copies
  if (first === undefined) return
  try {
    const named = await namedBy(collections, first.account)
    const unnamed = copies.map(({ hash }) => hash).filter((hash) => !named.has(hash))
    if (unnamed.length === 0) return
    await collections.blobs.deleteMany({ hash: { $in: unnamed }, attempt: first.attempt })
  } catch {
    // They stay.
  }
}

const namedBy = async ({ accounts }: Collections, account: string): Promise<ReadonlySet<string>> => {
  const row = await accounts.findOne({ _id: account }, { document: 1 }).lean()
  const hashes = row?.document === undefined ? [] : [...namedBlobs(row.document)]
  return new Set(hashes.map((hash) => blobName(account, hash)))
}

/** By name, one copy of each. Plain arrays of their own: libraries refuse Buffers. */
export const readCopies = async (
  { blobs }: Collections,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> => {
  if (hashes.length === 0) return new Map()
  const found = await blobs.find({ hash: { $in: hashes } }, { hash: 1, bytes: 1 }).lean()
  return new Map(
    found.map((copy) => {
      // A lean read gives BSON's own Binary.
      const bytes = copy.bytes as Buffer | { readonly buffer: Uint8Array }
      return [copy.hash, Uint8Array.from(Buffer.isBuffer(bytes) ? bytes : bytes.buffer)]
    }),
  )
}

/**
 * Not those of later commits, under way or done: their documents may name them. One that loses takes its own back, or leaves what is
 * named, which then goes with the name: its revision is none that comes later.
 */
export const eraseCopies = async ({ blobs }: Collections, hash: string, revision: number): Promise<void> => {
  await blobs.deleteMany({ hash, revision: { $lte: revision } })
}
