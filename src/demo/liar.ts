/**
 * A contact's client that was altered: it compares codes and signs like any other, and hands over a share that is not the one
 * it was given. Neither service nor requester can tell before the release; then the check key in the core names it.
 */
import { type Client, account, contact } from '@holdfast/client'
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

/** Approves with a false share. Everything else about the answer is as it should be. */
export const approveFalsely = async (client: Client, owner: string, recovery: string): Promise<void> => {
  const self = await account.readSelf(client)
  const pin = (await contact.owners(client)).find((known) => known.account === owner)?.active
  const { held } = await contact.shares(client)
  const share = held.find((other) => other.coreHash === pin?.coreHash)
  const views = await contact.requests(client)
  const view = views.find((other) => other.recovery === recovery)?.view
  if (pin == null || share === undefined || view === undefined) throw new Error('The liar holds no share.')

  const opened = await openShare({ pin, sealed: share.sealed, account: self.account, identity: self.keys })
  const { requester, requestHash } = await readRequest(view.request)
  const falsified = Uint8Array.from(opened.share.bytes, (byte, index) => (index === 7 ? byte ^ 1 : byte))
  const { coreHash, epoch, slot, ownerIdentity } = pin
  const handed = canonicalize({ share: toBase64url(falsified), owner: ownerIdentity, coreHash, epoch })
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
  const body = { owner, recovery, contact: self.account, ...proofBody }
  const message = await signMessage('decision', body, self.keys.signing.seed)
  await client.call('decide', { body: { message, proof, sealed: toBase64url(sealed) } })
}
