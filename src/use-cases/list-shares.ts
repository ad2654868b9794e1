/** Shows a contact the shares that others entrusted, or wish to entrust, to it. */
import { toBase64url } from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import { blobName } from '../domain/circle-blobs.ts'
import { sealedSharesOf, sharesFor } from '../domain/present-shares.ts'
import { activationOf } from './activation.ts'
import { contactOf, ownersWith } from './contacts.ts'
import type { Deps, UseCase } from './use-cases.ts'

export const listShares: UseCase<'listShares'> = async (deps, { caller }) => {
  const contact = await contactOf(deps, caller)
  const owners = await ownersWith(deps, contact)
  const sealed = await sealedTo(deps, contact.account, owners)
  const activations = new Map(
    await Promise.all(owners.map(async (owner) => [owner.id, await activationOf(owner, deps.keys)] as const)),
  )
  return sharesFor(contact.account, owners, await deps.records.now(), {
    sealed: (hash) => sealed.get(hash) ?? null,
    activation: ({ id }) => activations.get(id) ?? null,
  })
}

/** Base64url, by hash. */
const sealedTo = async (
  { records }: Deps,
  contact: string,
  owners: readonly Account[],
): Promise<ReadonlyMap<string, string>> => {
  const named = owners.flatMap((owner) =>
    sealedSharesOf(contact, owner).map((hash) => ({ hash, name: blobName(owner.id, hash) })),
  )
  const blobs = await records.readBlobs(named.map(({ name }) => name))
  return new Map(
    named.flatMap(({ hash, name }) => {
      const bytes = blobs.get(name)
      return bytes === undefined ? [] : [[hash, toBase64url(bytes)]]
    }),
  )
}
