/**
 * Requests for recovery as a contact sees them: held against what this device knows.
 */
import { type Self, readSelf } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { ownerOf, shares } from './contact-shares.ts'
import {
  type ContactRecoveryView,
  type ErrorCode,
  HoldfastError,
  type PublicIdentity,
  type SharePin,
  type Transcript,
  isHoldfastError,
  readRequest,
} from './protocol/index.ts'

/** A request as its contact may answer it. */
export interface Request {
  readonly owner: string
  readonly recovery: string
  /** What its sender says happened; null where that could not be read. */
  readonly cause: 'lost' | 'stolen' | null
  /** This contact's number in the circle: say it to the caller, who sees it too. */
  readonly slot: number
  /** What the service shows. */
  readonly view: ContactRecoveryView
  /**
   * Why this device cannot answer it, or null: `not_found` for an owner it never met, `stale_circle` for a circle that it
   * does not hold a share of, `signature_rejected` and others for a request that is not what it should be.
   */
  readonly doubt: ErrorCode | null
}

/** Names a request. */
export type Which = Pick<Request, 'owner' | 'recovery'>

/** A request that fits what this device knows, and all that answering takes. */
export interface SoundRequest extends Request {
  readonly cause: 'lost' | 'stolen'
  readonly doubt: null
  readonly self: Self
  readonly pin: SharePin
  readonly transcript: Transcript
  readonly requesterSigning: string
  /** After theft: the identity that the owner would move to. */
  readonly nextIdentity: PublicIdentity | null
}

const listed = async (client: Client, options: CallOptions = {}): Promise<readonly ContactRecoveryView[]> =>
  (await client.call('listContactRecoveries', {}, options)).recoveries

// Against the owner's pinned circle, this slot, and the requester's own signature.
const sound = async (client: Client, view: ContactRecoveryView): Promise<SoundRequest> => {
  const { active: pin } = await ownerOf(client, view.owner)
  if (pin?.coreHash !== view.coreHash || pin.slot !== view.slot) throw new HoldfastError('stale_circle')
  const request = await readRequest(view.request)
  const isAbout = request.account === view.owner && request.recovery === view.recovery
  if (!isAbout || request.app !== client.app) throw new HoldfastError('approval_rejected')
  const { requestHash, requester, cause, nextIdentity } = request
  const { owner, recovery, slot } = view
  const transcript = { requestHash, coreHash: pin.coreHash, slot, checkKey: pin.checkKey }
  const self = await readSelf(client)
  const requesterSigning = requester.signing
  const checked = { self, pin, transcript, requesterSigning, nextIdentity }
  return { owner, recovery, cause, slot, view, doubt: null, ...checked }
}

/** Open requests of owners whose share this device holds. A request is no more than a claim until codes were compared. */
export const requests = async (client: Client, options: CallOptions = {}): Promise<readonly Request[]> => {
  await shares(client, options)
  const found: Request[] = []
  for (const view of await listed(client, options)) {
    const { owner, recovery, slot } = view
    try {
      const { cause } = await sound(client, view)
      found.push({ owner, recovery, cause, slot, view, doubt: null })
    } catch (error) {
      if (!isHoldfastError(error) || error.code === 'storage_failed') throw error
      found.push({ owner, recovery, cause: null, slot, view, doubt: error.code })
    }
  }
  return found
}

/** This request as it stands now. Throws what {@link Request.doubt} says, or `recovery_ended`. */
export const current = async (client: Client, { owner, recovery }: Which): Promise<SoundRequest> => {
  const views = await listed(client)
  const view = views.find((other) => other.owner === owner && other.recovery === recovery)
  if (view === undefined) throw new HoldfastError('recovery_ended')
  return sound(client, view)
}
