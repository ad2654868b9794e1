/** Every operation of the table, with the use case that answers it. */
import { acceptShare } from './accept-share.ts'
import { answerInvitation } from './answer-invitation.ts'
import { answerSession } from './answer-session.ts'
import { cancelChange } from './cancel-change.ts'
import { cancelRecovery } from './cancel-recovery.ts'
import { completeRecovery } from './complete-recovery.ts'
import { concludeSession } from './conclude-session.ts'
import { countersignChange } from './countersign-change.ts'
import { createAccount } from './create-account.ts'
import { createChallenge } from './create-challenge.ts'
import { createInvitation } from './create-invitation.ts'
import { createSession } from './create-session.ts'
import { decide } from './decide.ts'
import { declineShare } from './decline-share.ts'
import { deleteCircle } from './delete-circle.ts'
import { listContactRecoveries } from './list-contact-recoveries.ts'
import { listShares } from './list-shares.ts'
import { openRecovery } from './open-recovery.ts'
import { proposeEpoch } from './propose-epoch.ts'
import { pullRelease } from './pull-release.ts'
import { readAccount } from './read-account.ts'
import { readIdentity } from './read-identity.ts'
import { readInvitation } from './read-invitation.ts'
import { readLog } from './read-log.ts'
import { readNotices } from './read-notices.ts'
import { readRecovery } from './read-recovery.ts'
import { readService } from './read-service.ts'
import { revealSession } from './reveal-session.ts'
import { revokeDevice } from './revoke-device.ts'
import { setDestinations } from './set-destinations.ts'
import { startSession } from './start-session.ts'
import { veto } from './veto.ts'
import type { UseCases } from './use-cases.ts'

export const allUseCases: UseCases = {
  readService,
  createAccount,
  createChallenge,
  createSession,
  readAccount,
  readLog,
  readIdentity,
  revokeDevice,
  setDestinations,
  readNotices,
  createInvitation,
  readInvitation,
  answerInvitation,
  proposeEpoch,
  cancelChange,
  deleteCircle,
  listShares,
  acceptShare,
  declineShare,
  countersignChange,
  openRecovery,
  readRecovery,
  answerSession,
  cancelRecovery,
  pullRelease,
  completeRecovery,
  listContactRecoveries,
  startSession,
  revealSession,
  concludeSession,
  decide,
  veto,
}
