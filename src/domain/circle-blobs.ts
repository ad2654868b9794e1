/**
 * Ciphertexts of a circle: blobs named by their hash, to be erased when nothing names them any more.
 */
import type { Account, Epoch } from './account.ts'
import { erasing } from './journal.ts'
import { isOpen } from './recovery.ts'

/**
 * What a ciphertext is stored under. It belongs to one account: if two shared one, ending the one would erase the other's.
 * `hash`: its SHA-256, base64url.
 */
export const blobName = (account: string, hash: string): string => `${account}.${hash}`

/** Blobs that an epoch names: payload and sealed shares. */
export const blobsOf = (epoch: Epoch): readonly string[] => [
  epoch.payloadHash,
  ...epoch.slots.map(({ sealedHash }) => sealedHash),
]

/** Blobs that the account still needs: of its active and pending epoch, and handed to open requests. */
export const namedBlobs = ({ circle, recoveries }: Account): ReadonlySet<string> => {
  const named = [circle.active, circle.pending].flatMap((epoch) => (epoch === null ? [] : blobsOf(epoch)))
  const handed = recoveries
    .filter(isOpen)
    .flatMap(({ answers }) => answers.flatMap(({ shareHash }) => shareHash ?? []))
  return new Set([...named, ...handed])
}

/**
 * Marks those of `hashes` for erasure that `account`, as it is to be, no longer names. Without that check, someone who
 * proposes an epoch with the active one's own ciphertexts and withdraws it would erase what the owner needs.
 */
export const erasingBlobs = (account: Account, hashes: readonly string[]): Account => {
  const named = namedBlobs(account)
  const unnamed = [...new Set(hashes)].filter((hash) => !named.has(hash))
  return erasing(
    account,
    unnamed.map((hash) => ({ what: 'blob', hash })),
  )
}
