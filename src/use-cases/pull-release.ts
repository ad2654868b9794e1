/** Hands out what a released request may have. PROTOCOL.md, "Recover", step 7. */
import {
  HoldfastError,
  type ReleaseView,
  handFactor,
  readRelease,
  toBase64url,
} from '@holdfast/client/protocol'
import type { Account, Recovery } from '../domain/account.ts'
import { blobName } from '../domain/circle-blobs.ts'
import { refused } from '../domain/decision.ts'
import { releaseRecovery } from '../domain/recovery-release.ts'
import { circleOf, liveApprovals } from '../domain/recovery.ts'
import { requesterOf } from './authorise.ts'
import { isReleasable, releasedFactor } from './epoch-keys.ts'
import { refuseOtherRequest, requestOf } from './requests.ts'
import { transact } from './transact.ts'
import type { Deps, UseCase } from './use-cases.ts'

export const pullRelease: UseCase<'pullRelease'> = async (deps, input) => {
  const caller = requesterOf(input.caller)
  const body = await readRelease(input.body.message, caller.key)
  refuseOtherRequest(caller, body)
  // [Note: First the write, then the key] That this request is released, with every rule in the condition of one write, is
  // durable before the key store is so much as looked at.
  const { account, value } = await transact(deps, { account: caller.account, caller }, async (own, now) => {
    const decision = releaseRecovery(own, { body }, now)
    const isOver = !(await isReleasable(deps, own.id, requestOf(own, caller)))
    // Records from an old backup may know an epoch, or a request, that has ended since.
    return isOver && decision.kind !== 'refused' ? refused('recovery_ended') : decision
  })
  return released(deps, account, value)
}

const released = async (deps: Deps, account: Account, recovery: Recovery): Promise<ReleaseView> => {
  const epoch = circleOf(account, recovery)
  if (epoch === null) throw new HoldfastError('recovery_ended')
  const { requester, coreHash, requestHash } = recovery
  const payload = await deps.records.readBlob(blobName(account.id, epoch.payloadHash))
  // Erased in between: the recovery was completed, or the circle ended, after this pull was decided.
  if (payload === null) throw new HoldfastError('recovery_ended')
  const approvals = await approvalsOf(deps, account, recovery)
  const factor = await releasedFactor(deps, account, recovery)
  try {
    return {
      manifest: epoch.manifest,
      payload: toBase64url(payload),
      factor: await handFactor({ factor, requester, coreHash, requestHash }),
      approvals,
    }
  } finally {
    factor.erase()
  }
}

const approvalsOf = async (
  { records }: Deps,
  account: Account,
  recovery: Recovery,
): Promise<ReleaseView['approvals']> => {
  const approvals = liveApprovals(recovery)
  const nameOf = (hash: string): string => blobName(account.id, hash)
  const blobs = await records.readBlobs(approvals.flatMap(({ shareHash }) => shareHash ?? []).map(nameOf))
  return approvals.flatMap(({ slot, sequence, stolen, proof, shareHash }) => {
    const sealed = shareHash === null ? undefined : blobs.get(nameOf(shareHash))
    // One share that is missing must not keep the others from the requester.
    if (sealed === undefined || proof === null) return []
    return [{ slot, sequence, stolen, sealed: toBase64url(sealed), proof }]
  })
}
