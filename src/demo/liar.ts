/**
 * A contact's client that was altered: it compares codes and signs like any other, and hands over a share that is not the one
 * it was given. Neither service nor requester can tell before the release; then the check key in the core names it.
 */
import { account, contact, type Client } from '@holdfast/client'
import {
  type DecisionProofBody,
  blobHash,
  canonicalize,
  handedShareContext,
  openShare,
  readRequest,
  sealTo,
  signMessage,
  signText,
  toBase64url,
  utf8,
} from '@holdfast/client/protocol'

/** What the liar makes of its 33 share bytes, the last of which is x. */
export type Falsify = (share: Uint8Array) => Uint8Array

/** The share that this contact holds of the request's circle, opened. */
export const ownShare = async (client: Client, { owner }: contact.Request): Promise<Uint8Array> =>
  (await openedShare(client, owner)).opened.share.bytes

const openedShare = async (client: Client, owner: string) => {
  const { account: own, keys: identity } = await account.readSelf(client)
  const pin = (await contact.owners(client)).find((known) => known.account === owner)?.active
  const share = (await contact.shares(client)).held.find((other) => other.coreHash === pin?.coreHash)
  if (pin == null || share === undefined) throw new Error('This contact holds no share.')
  const opened = await openShare({ pin, sealed: share.sealed, account: own, identity })
  return { own, identity, pin, opened }
}

/** Approves with whatever `falsify` makes of the share. Everything else about the answer is as it should be. */
export const approveWith = async (
  client: Client,
  { owner, recovery }: Pick<contact.Request, 'owner' | 'recovery'>,
  falsify: Falsify,
): Promise<void> => {
  const { own, identity, pin, opened } = await openedShare(client, owner)
  const view = (await contact.requests(client)).find((other) => other.recovery === recovery)?.view
  if (view === undefined) throw new Error('This contact is not asked.')
  const { requester, requestHash } = await readRequest(view.request)
  const { coreHash, epoch, slot, ownerIdentity } = pin
  const share = toBase64url(falsify(Uint8Array.from(opened.share.bytes)))
  const handed = canonicalize({ share, owner: ownerIdentity, coreHash, epoch })
  const context = handedShareContext(coreHash, slot, requestHash)
  const sealed = await sealTo(requester.sealing, utf8(handed), context)
  const proofBody: DecisionProofBody = {
    ...{ requestHash, coreHash, epoch, slot },
    sequence: (view.answer?.sequence ?? 0) + 1,
    decision: 'approve',
    stolen: false,
    shareHash: blobHash(sealed),
  }
  const proof = await signText('decision-proof', canonicalize(proofBody), opened.checkKey.seed)
  const body = { owner, recovery, contact: own, ...proofBody }
  const message = await signMessage('decision', body, identity.signing.seed)
  await client.call('decide', { body: { message, proof, sealed: toBase64url(sealed) } })
}
