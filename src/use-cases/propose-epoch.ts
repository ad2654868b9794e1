/** Proposes the first or a later epoch of the circle. PROTOCOL.md, "Protect", step 7. */
import {
  type BodyOf,
  type Core,
  HoldfastError,
  type Secret,
  blobHash,
  fromBase64url,
  isHoldfastError,
  openFactor,
  readManifest,
} from '@holdfast/client/protocol'
import { proposeEpoch as decide } from '../domain/circle-proposal.ts'
import { deviceOf } from './authorise.ts'
import { blobOf } from './blobs.ts'
import { keepFactor } from './epoch-keys.ts'
import { refuseNumbers } from './refuse-numbers.ts'
import { transact } from './transact.ts'
import type { Deps, UseCase } from './use-cases.ts'

export const proposeEpoch: UseCase<'proposeEpoch'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { manifest } = input.body
  refuseNumbers(manifest)
  const parts = partsOf(input.body)
  const blobs = [parts.payload, ...parts.shares.map(({ sealed }) => sealed)].map((bytes) =>
    blobOf(caller.account, bytes),
  )
  const { account } = await transact(
    deps,
    { account: caller.account, caller },
    async (own, now) => {
      if (own.identity === null) throw new HoldfastError('signature_rejected')
      const body = await readManifest(manifest, own.identity.keys)
      const factor = await factorOf(deps, body.core, parts.factor)
      const proposal = {
        manifest,
        body,
        coreHash: body.coreHash,
        payloadHash: blobHash(parts.payload),
        factorHash: blobHash(parts.factor),
        factorFits: factor !== null,
        serviceKey: deps.keys.release.publicKey,
        shares: parts.shares.map(({ contact, sealed }) => ({ contact, sealedHash: blobHash(sealed) })),
        knownContacts: await registeredOf(deps, own.app, parts.shares),
      }
      try {
        // Decided once without: a key must not be made for what is refused.
        const decision = decide(own, { ...proposal, wrappedFactor: '' }, now, deps.settings)
        if (decision.kind !== 'changed' || factor === null) return decision
        // The key is kept before the commit: a document whose factor cannot be opened would be a backup lost.
        const wrappedFactor = await keepFactor(deps, factor, { ...body.core, coreHash: body.coreHash })
        return decide(own, { ...proposal, wrappedFactor }, now, deps.settings)
      } finally {
        factor?.erase()
      }
    },
    blobs,
  )
  return { revision: account.revision }
}

const bytesOf = (text: string): Uint8Array => {
  const bytes = fromBase64url(text)
  if (bytes === null) throw new HoldfastError('malformed')
  return bytes
}

const partsOf = ({ payload, shares, factor }: BodyOf<'proposeEpoch'>) => ({
  payload: bytesOf(payload),
  shares: shares.map(({ contact, sealed }) => ({ contact, sealed: bytesOf(sealed) })),
  factor: bytesOf(factor),
})

/** Null where the release factor does not open to what the core commits to. */
const factorOf = async ({ keys }: Deps, core: Core, factor: Uint8Array): Promise<Secret | null> => {
  try {
    return await openFactor({ core, factor, release: keys.release.secret })
  } catch (error) {
    if (isHoldfastError(error) && error.code === 'commitment_rejected') return null
    throw error
  }
}

/** Those of the contacts that are registered in this app. */
const registeredOf = async (
  { records }: Deps,
  app: string,
  contacts: readonly { readonly contact: string }[],
): Promise<ReadonlySet<string>> => {
  const loaded = await records.loadAll(contacts.map(({ contact }) => contact))
  const registered = loaded.filter(({ account }) => account.app === app && account.identity !== null)
  return new Set(registered.map(({ account }) => account.id))
}
