import {
  blobHash,
  canonicalize,
  handedShareContext,
  isHoldfastError,
  readRequest,
  sealTo,
  signText,
  toBase64url,
  utf8,
  type Randomness,
  type ReleaseView,
} from '@holdfast/client/protocol'
import { offered, type Asked, type Cast } from '../support/cast.ts'

export const slotsOf = async (run: () => Promise<unknown>): Promise<readonly number[]> => {
  try {
    await run()
  } catch (error) {
    if (isHoldfastError(error)) return error.slots
    throw error
  }
  return []
}

/** Puts other bytes into a slot's hand-over, with a proof by the check key: what a lying contact can do. */
export const handOver = async (
  cast: Cast,
  asked: Asked,
  slot: number,
  share: Uint8Array,
  said: { coreHash?: string; epoch?: number } = {},
  seal: Randomness['seal'] = sealTo,
) => {
  const { pin, checkKey } = await offered(cast, slot)
  const { requester, requestHash } = await readRequest(asked.request)
  const { coreHash, epoch, ownerIdentity } = pin
  const handed = { share: toBase64url(share), owner: ownerIdentity, coreHash, epoch, ...said }
  const context = handedShareContext(coreHash, slot, requestHash)
  const bytes = await seal(requester.sealing, utf8(canonicalize(handed)), context)
  const answer = { sequence: 1, decision: 'approve', stolen: false, shareHash: blobHash(bytes) }
  const text = canonicalize({ requestHash, coreHash, epoch, slot, ...answer })
  const proof = await signText('decision-proof', text, checkKey.seed)
  return { slot, sequence: 1, stolen: false, sealed: toBase64url(bytes), proof }
}

export const replaced = (
  release: ReleaseView,
  approval: ReleaseView['approvals'][number],
): ReleaseView['approvals'] =>
  release.approvals.map((other) => (other.slot === approval.slot ? approval : other))
