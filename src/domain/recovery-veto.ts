/**
 * How a request is stopped: by its owner's veto, or by the requester itself. PROTOCOL.md, "Recover", step 6.
 */
import type { CancelBody, VetoBody, VetoView } from '@holdfast/client/protocol'
import type { Account, Recovery } from './account.ts'
import type { BackOffSettings } from './back-off.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed } from './journal.ts'
import { hasStolenQuorum, resume } from './recovery-judgement.ts'
import { endRecovery } from './recovery-ending.ts'
import { findRecovery, isOpen, toCircle, withRecovery } from './recovery.ts'
import { moved } from './transitions.ts'

export interface VetoSettings extends BackOffSettings {
  /** How long a contest lasts. */
  readonly contestSeconds: number
}

const VETOED: VetoView = { outcome: 'vetoed', until: null }

/**
 * The stolen-phone rule holds an identity-key veto until enough contacts state the theft, or the contest ends. Where they
 * have stated it before, the request goes on at once, one waiting period later.
 */
const contest = (
  account: Account,
  recovery: Recovery,
  now: number,
  settings: VetoSettings,
): Decision<VetoView> => {
  const id = recovery.recovery
  const isBeaten = hasStolenQuorum(recovery)
  const contestedUntil = now + settings.contestSeconds * 1000
  const contested = isBeaten ? recovery : moved(recovery, 'veto', 'contested', { contestedUntil })
  let next = logged(withRecovery(account, contested), now, 'recovery-contested', { recovery: id })
  next = noticed(next, now, 'recovery-contested', toCircle(next, contested), id)
  if (isBeaten) next = resume(next, contested, 'veto', now)
  return changed(next, { outcome: 'contested', until: isBeaten ? null : contestedUntil })
}

/**
 * Stops a request; verified under the account's identity key or the request's veto key, as `body.by` says. `vetoed` means that
 * it is over. `contested` until an instant means that the contacts may state the theft until then; null, that they have.
 * The same again is unchanged. Refuses `signature_rejected` (another account, or no veto key), `recovery_ended`,
 * `veto_too_late`, `veto_overruled`.
 */
export const vetoRecovery = (
  account: Account,
  { body }: { readonly body: VetoBody },
  now: number,
  settings: VetoSettings,
): Decision<VetoView> => {
  const recovery = findRecovery(account, body.recovery)
  if (body.account !== account.id) return refused('signature_rejected')
  if (recovery === undefined) return refused('recovery_ended')
  const byVetoKey = body.by === 'veto-key'
  if (byVetoKey && recovery.vetoKey === null) return refused('signature_rejected')
  if (recovery.state === 'vetoed') return unchanged(VETOED)
  if (recovery.state === 'released') return refused('veto_too_late')
  if (!isOpen(recovery)) return refused('recovery_ended')
  if (!byVetoKey && recovery.overriddenAt !== null) return refused('veto_overruled')
  if (!byVetoKey && recovery.state === 'contested')
    return unchanged({ outcome: 'contested', until: recovery.contestedUntil })
  if (!byVetoKey && recovery.policy.stolenQuorum !== null) return contest(account, recovery, now, settings)
  const command = byVetoKey ? 'veto-key' : 'veto'
  return changed(endRecovery(account, recovery, { command, state: 'vetoed' }, now, settings), VETOED)
}

/**
 * Ends a request from its own side; verified under its one-use key. The same again is unchanged. Refuses `recovery_ended`.
 */
export const cancelRecovery = (
  account: Account,
  { body }: { readonly body: CancelBody },
  now: number,
  settings: BackOffSettings,
): Decision => {
  const recovery = findRecovery(account, body.recovery)
  if (body.account !== account.id || recovery === undefined) return refused('recovery_ended')
  if (recovery.state === 'cancelled') return unchanged()
  if (!isOpen(recovery)) return refused('recovery_ended')
  return changed(endRecovery(account, recovery, { command: 'cancel', state: 'cancelled' }, now, settings))
}
