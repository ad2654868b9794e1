/**
 * The end of a recovery that went well: the epoch is spent, the device registered, and after theft the account moves on to
 * its next identity. PROTOCOL.md, "Recover", step 9.
 */
import type { CompletionBody, PublicIdentity, Signed } from '@holdfast/client/protocol'
import type { Account, AccountIdentity, Recovery } from './account.ts'
import { withDevice, type DeviceRegistration } from './accounts.ts'
import { NO_BACK_OFF } from './back-off.ts'
import { endCircle } from './circle-end.ts'
import { changed, type Decision, refused, type Refused } from './decision.ts'
import { renumbered } from './destinations.ts'
import { logged, noticed, toRequester } from './journal.ts'
import { closeRecovery, supersedeRecovery } from './recovery-ending.ts'
import { circleOf, findRecovery, isOpen, toCircle } from './recovery.ts'

/** All signatures are verified: by the one-use key, the recovered identity's and, after theft, the next identity's. */
export interface Completion {
  readonly body: CompletionBody
  /** After theft: the next identity's own statement. Null otherwise. */
  readonly identity: { readonly keys: PublicIdentity; readonly statement: Signed } | null
  /** The new device, stated by the identity that the account has from now on. */
  readonly device: DeviceRegistration
}

const isSame = (a: PublicIdentity | null, b: PublicIdentity | null): boolean =>
  a?.signing === b?.signing && a?.sealing === b?.sealing

/** What a completion of this request is refused with whatever it says; null if it may be completed. */
export const refuseState = ({ state }: Recovery): Refused | null => {
  if (state === 'completed') return refused('already_completed')
  if (state === 'released') return null
  return refused(isOpen({ state } as Recovery) ? 'not_released' : 'recovery_ended')
}

/** A next identity that the account has, or had, would lock its owner out: every former key is refused. */
const isSpent = ({ identity, replaced }: Account, { signing }: PublicIdentity): boolean =>
  identity?.keys.signing === signing || replaced.includes(signing)

const isWhole = (account: Account, recovery: Recovery, { body, identity, device }: Completion): boolean =>
  body.coreHash === recovery.coreHash &&
  isSame(body.next, recovery.nextIdentity) &&
  isSame(body.next, identity?.keys ?? null) &&
  device.body.account === account.id &&
  device.body.device === body.device &&
  (body.next === null || !isSpent(account, body.next))

/** After theft nothing that the thief holds opens anything any more: neither the old key nor any device. */
const movedOn = (account: Account, next: AccountIdentity, now: number): Account => {
  const before = account.identity?.keys.signing
  const replaced = before === undefined ? account.replaced : [...account.replaced, before]
  const { signing, sealing } = next.keys
  return logged(renumbered({ ...account, identity: next, replaced, devices: [] }), now, 'identity-replaced', {
    signing,
    sealing,
  })
}

/**
 * Completes a released request. Refuses `recovery_ended`, `already_completed`, `not_released`, `signature_rejected` (recovered
 * another identity than the account's), `malformed` (parts that do not belong together).
 */
export const completeRecovery = (account: Account, completion: Completion, now: number): Decision => {
  const { body, identity, device } = completion
  const recovery = findRecovery(account, body.recovery)
  if (body.account !== account.id || recovery === undefined) return refused('recovery_ended')
  const refusal = refuseState(recovery)
  if (refusal !== null) return refusal
  if (circleOf(account, recovery) === null) return refused('not_released')
  if (!isSame(body.recovered, account.identity?.keys ?? null)) return refused('signature_rejected')
  if (!isWhole(account, recovery, completion)) return refused('malformed')

  const id = recovery.recovery
  const told = [...toCircle(account, recovery), toRequester(account, id)]
  let next = closeRecovery(account, recovery, { command: 'complete', state: 'completed' }, now)
  next = noticed(
    logged(next, now, 'recovery-completed', { recovery: id }),
    now,
    'recovery-completed',
    told,
    id,
  )
  for (const other of next.recoveries.filter(isOpen)) next = supersedeRecovery(next, other, now)
  next = endCircle({ ...next, backOff: NO_BACK_OFF }, now)
  if (identity !== null) next = movedOn(next, identity, now)
  return changed(withDevice(next, device, now))
}
