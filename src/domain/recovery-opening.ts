/**
 * Opening a request. PROTOCOL.md, "Recover", step 1. For an account that is unknown here, or has no active circle, the very
 * same happens, with a circle of no contacts: who asks cannot tell.
 */
import { acceptableIdentity, type Policy, type RecoveryBody, type Signed } from '@holdfast/client/protocol'
import type { Account, Recovery } from './account.ts'
import { backingOffUntil, type BackOffSettings } from './back-off.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed } from './journal.ts'
import { endRecovery } from './recovery-ending.ts'
import { findRecovery, isOpen, toCircle } from './recovery.ts'
import { vouchedForIn } from './recovery-vouching.ts'

/** Requests that may be open side by side; released ones count. */
export const MAX_OPEN = 3

/** How long a request for an account without a circle collects, within the bounds: what the SDK gives a circle unasked. */
const DECOY_COLLECTING_SECONDS = 14 * 24 * 3600

interface Bounds {
  readonly min: number
  readonly max: number
}

/** What an operator may set about recoveries; a part of the service's settings. */
export interface RecoverySettings extends BackOffSettings {
  readonly waitingSeconds: Bounds
  readonly coolingSeconds: Bounds
  readonly collectingSeconds: Bounds
  /** How long an identity-key veto holds a request where the stolen-phone rule applies. */
  readonly contestSeconds: number
  /** By how much a request without an approval may delay a change of the circle, once. */
  readonly delaySeconds: number
}

/** A request whose signature was verified under the one-use key that it names, and whose ticket was read. */
export interface Opening {
  readonly body: RecoveryBody
  readonly message: Signed
  readonly requestHash: string
  /** Hash of the ticket's subject. */
  readonly subject: string
  /** Hash of the ticket that came with it. */
  readonly ticketHash: string
  /** Unix ms. */
  readonly ticketExpiresAt: number
  /** What H(core) is said to be where there is no circle: pseudorandom, and always the same for an account. */
  readonly decoyCoreHash: string
}

const decoyPolicy = ({ waitingSeconds, coolingSeconds, collectingSeconds }: RecoverySettings): Policy => ({
  threshold: 2,
  waitingSeconds: waitingSeconds.min,
  coolingSeconds: coolingSeconds.min,
  collectingSeconds: Math.min(
    Math.max(DECOY_COLLECTING_SECONDS, collectingSeconds.min),
    collectingSeconds.max,
  ),
  acceptances: 2,
  stolenQuorum: null,
})

const recoveryOf = (
  { circle: { active } }: Account,
  { body, message, requestHash, subject, decoyCoreHash }: Opening,
  now: number,
  settings: RecoverySettings,
): Recovery => {
  const policy = active?.policy ?? decoyPolicy(settings)
  return {
    recovery: body.recovery,
    state: 'collecting',
    request: message,
    requestHash,
    requester: body.requester,
    cause: body.cause,
    nextIdentity: body.nextIdentity,
    subject,
    epoch: active?.epoch ?? 0,
    coreHash: active?.coreHash ?? decoyCoreHash,
    policy,
    vetoKey: active?.vetoKey ?? null,
    answers: [],
    sessions: [],
    openedAt: now,
    expiresAt: now + policy.collectingSeconds * 1000,
    quorumAt: null,
    answeredAt: null,
    alarmed: false,
    overriddenAt: null,
    contestedUntil: null,
    releasedAt: null,
    restoredAt: null,
    endedAt: null,
    reminded: [],
  }
}

/** Room for one more: the account as it is, or without the oldest request that may go; null if none may. */
const makeRoom = (account: Account, now: number, settings: RecoverySettings): Account | null => {
  const open = account.recoveries.filter(isOpen)
  if (open.length < MAX_OPEN) return account
  const vouchedFor = vouchedForIn(open)
  const oldest = open.find((one) => !vouchedFor.has(one.recovery))
  return oldest === undefined
    ? null
    : endRecovery(account, oldest, { command: 'supersede', state: 'superseded' }, now, settings)
}

/**
 * Opens a request. The value is the request; the very same message again is unchanged.
 * Refuses `malformed` (of another account; a next identity without theft, or none with it; an id in use), `ticket_rejected`
 * (used, or not the one that was signed), `key_rejected`, `backing_off` with its end, `too_many_open`.
 */
export const openRecovery = (
  account: Account,
  opening: Opening,
  now: number,
  settings: RecoverySettings,
): Decision<Recovery> => {
  const { body, requestHash, subject, ticketHash, ticketExpiresAt } = opening
  const known = findRecovery(account, body.recovery)
  if (known?.requestHash === requestHash) return unchanged(known)
  const isForThis = body.account === account.id && body.app === account.app && known === undefined
  if (!isForThis || (body.cause === 'stolen') !== (body.nextIdentity !== null)) return refused('malformed')
  const isUsed = account.tickets.some(({ hash }) => hash === ticketHash)
  if (body.ticketHash !== ticketHash || isUsed) return refused('ticket_rejected')
  const keys = body.nextIdentity === null ? [body.requester] : [body.requester, body.nextIdentity]
  if (!keys.every(acceptableIdentity)) return refused('key_rejected')
  // Only where contacts can beat a thief's vetoes: elsewhere a stranger would just call its request one for theft.
  const theft = body.cause === 'stolen' && (account.circle.active?.policy.stolenQuorum ?? null) !== null
  const until = backingOffUntil(account.backOff, subject, { theft })
  if (now < until) return refused('backing_off', until - now)
  const roomy = makeRoom(account, now, settings)
  if (roomy === null) return refused('too_many_open')

  const recovery = recoveryOf(account, opening, now, settings)
  const { epoch, cause } = recovery
  let next: Account = {
    ...roomy,
    recoveries: [...roomy.recoveries, recovery],
    tickets: [
      ...roomy.tickets.filter(({ expiresAt }) => now < expiresAt),
      { hash: ticketHash, expiresAt: ticketExpiresAt },
    ],
  }
  next = logged(next, now, 'recovery-opened', { recovery: body.recovery, epoch, cause, requestHash })
  next = noticed(next, now, 'recovery-opened', toCircle(next, recovery), body.recovery)
  return changed(next, recovery, until === 0 ? {} : { notBefore: until })
}
