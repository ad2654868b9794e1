/** Shows a contact the shares that others entrusted, or wish to entrust, to it. */
import { toBase64url } from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import { sealedSharesOf, sharesFor } from '../domain/present-shares.ts'
import { activationOf } from './activation.ts'
import { blobName } from './blobs.ts'
import { contactOf, ownersWith } from './contacts.ts'
import type { Deps, UseCase } from './use-cases.ts'

export const listShares: UseCase<'listShares'> = async (deps, { caller }) => {
  const contact = await contactOf(deps, caller)
  const owners = await ownersWith(deps, contact)
  const sources = await Promise.all(owners.map((owner) => sourcesOf(deps, owner, contact.account)))
  const sealed = new Map(sources.flatMap((source) => source.sealed))
  const activations = new Map(sources.map(({ owner, activation }) => [owner, activation]))
  return sharesFor(contact.account, owners, await deps.records.now(), {
    sealed: (hash) => sealed.get(hash) ?? null,
    activation: ({ id }) => activations.get(id) ?? null,
  })
}

const sourcesOf = async (deps: Deps, owner: Account, contact: string) => {
  const hashes = sealedSharesOf(contact, [owner])
  const blobs = await Promise.all(hashes.map((hash) => deps.records.readBlob(blobName(owner.id, hash))))
  const sealed = hashes.flatMap((hash, index) => {
    const bytes = blobs[index] ?? null
    return bytes === null ? [] : [[hash, toBase64url(bytes)] as const]
  })
  return { owner: owner.id, sealed, activation: await activationOf(owner, deps.keys) }
}
