/**
 * Requests for recovery on the owners of `circles.ts`, step by step through the domain's own decisions.
 */
import {
  type CompletionBody,
  type DecisionKind,
  identityFromSeed,
  type PublicIdentity,
  publicHalf,
  type RecoveryBody,
  Secret,
  sha256,
  utf8,
} from '@holdfast/client/protocol'
import type { Account, Recovery } from '../../src/domain/account.ts'
import { type ContactAnswer, answerRequest } from '../../src/domain/recovery-answers.ts'
import { completeRecovery, type Completion } from '../../src/domain/recovery-completion.ts'
import { type Opening, openRecovery, type RecoverySettings } from '../../src/domain/recovery-opening.ts'
import { releaseRecovery } from '../../src/domain/recovery-release.ts'
import { concludeSession, startSession } from '../../src/domain/recovery-sessions.ts'
import { vetoRecovery } from '../../src/domain/recovery-veto.ts'
import type { VetoView } from '@holdfast/client/protocol'
import type { Decision } from '../../src/domain/decision.ts'
import { answerOf, findRecovery } from '../../src/domain/recovery.ts'
import { settle } from '../../src/domain/settle.ts'
import { contact, hash32, HOUR, idOf, nextOf, SETTINGS, signedText, T0 } from './circles.ts'

export const DAY = 24 * HOUR
/** W of the circles in these tests, and how long their requests collect. */
export const WAITING = 72 * HOUR
export const COLLECTING = 7 * DAY
export const CONTEST = 48 * HOUR
export const RULES: RecoverySettings = { ...SETTINGS, contestSeconds: CONTEST / 1000 }
/** A stolen-phone rule for 3 of 5. */
export const STOLEN_RULE = { policy: { stolenQuorum: 4 } }

const identity = async (name: string): Promise<PublicIdentity> =>
  publicHalf(await identityFromSeed(Secret.of(sha256(utf8(name)))))
export const REQUESTER = await identity('requester')
export const NEXT_IDENTITY = await identity('next identity')

/** A request by that name which nothing is wrong with, unless `more` says otherwise. */
export const opening = (
  account: Account,
  name = 'a',
  more: { readonly body?: Partial<RecoveryBody>; readonly opening?: Partial<Opening> } = {},
): Opening => {
  const body: RecoveryBody = {
    app: account.app,
    account: account.id,
    recovery: idOf(name),
    requester: REQUESTER,
    cause: 'lost',
    nextIdentity: null,
    ticketHash: hash32(`ticket ${name}`),
    ...more.body,
  }
  return {
    body,
    message: signedText(body),
    requestHash: hash32(`request ${name}`),
    subject: hash32('subject'),
    ticketHash: hash32(`ticket ${name}`),
    ticketExpiresAt: T0 + HOUR,
    decoyCoreHash: hash32('decoy'),
    ...more.opening,
  }
}

export const opened = (
  account: Account,
  name = 'a',
  now = T0,
  more: Parameters<typeof opening>[2] = {},
): Account => nextOf(openRecovery(account, opening(account, name, more), now, RULES))

export const stolen = { body: { cause: 'stolen', nextIdentity: NEXT_IDENTITY } } as const

/** The request by that name; it must be known. */
export const request = (account: Account, name = 'a'): Recovery => {
  const found = findRecovery(account, idOf(name))
  if (found === undefined) throw new Error(`no request ${name}`)
  return found
}

/** After a comparison of codes in which both sides found the same, in the form that needs only two messages. */
export const compared = (account: Account, slot: number, name = 'a', now = T0): Account => {
  const session = { recovery: idOf(name), slot, attempt: 1 }
  const start = { ...session, mode: 'digits' as const }
  const says = { message: signedText(start), contact: contact(slot) }
  const started = nextOf(startSession(account, { body: start, ...says }, now))
  const outcome = { ...session, matched: true }
  return nextOf(concludeSession(started, { body: outcome, ...says }, now))
}

/** This slot's next answer, which nothing is wrong with, unless `more` says otherwise. */
export const answer = (
  account: Account,
  slot: number,
  decision: DecisionKind = 'approve',
  name = 'a',
  more: Partial<ContactAnswer['body']> = {},
): ContactAnswer => {
  const { requestHash, coreHash, epoch, recovery } = request(account, name)
  const sequence = (answerOf(request(account, name), slot)?.sequence ?? 0) + 1
  const body = {
    owner: account.id,
    recovery,
    contact: contact(slot),
    requestHash,
    coreHash,
    epoch,
    slot,
    sequence,
    decision,
    stolen: false,
    shareHash: decision === 'approve' ? hash32(`handed ${name} ${slot} ${sequence}`) : null,
    ...more,
  }
  return { body, message: signedText(body), proof: 'C'.repeat(85) + 'A', contact: contact(slot) }
}

/** After this slot's answer; codes are compared first where an approval needs it. */
export const answered = (
  account: Account,
  slot: number,
  decision: DecisionKind = 'approve',
  { name = 'a', now = T0, theft = false } = {},
): Account => {
  const isCompared = request(account, name).sessions.some((one) => one.slot === slot)
  const ready = decision !== 'approve' || isCompared ? account : compared(account, slot, name, now)
  return nextOf(answerRequest(ready, answer(ready, slot, decision, name, { stolen: theft }), now, RULES))
}

export const approvedBy = (
  account: Account,
  slots: readonly number[],
  options: { readonly name?: string; readonly now?: number; readonly theft?: boolean } = {},
): Account => slots.reduce((next, slot) => answered(next, slot, 'approve', options), account)

export const veto = (
  account: Account,
  by: 'identity' | 'veto-key' = 'identity',
  now = T0,
  name = 'a',
): Decision<VetoView> =>
  vetoRecovery(account, { body: { account: account.id, recovery: idOf(name), by } }, now, RULES)

export const pull = (account: Account, now: number, name = 'a'): Decision<Recovery> =>
  releaseRecovery(account, { body: { account: account.id, recovery: idOf(name) } }, now)

/** What makes the request by that name complete, unless `more` says otherwise. */
export const completion = (
  account: Account,
  name = 'a',
  more: { readonly body?: Partial<CompletionBody>; readonly rest?: Partial<Completion> } = {},
): Completion => {
  const { coreHash, nextIdentity, recovery } = request(account, name)
  const recovered = account.identity?.keys
  if (recovered === undefined) throw new Error('no identity')
  const device = hash32('new device')
  const stated = { account: account.id, device, registeredAt: T0 }
  return {
    body: { account: account.id, recovery, coreHash, recovered, next: nextIdentity, device, ...more.body },
    identity: nextIdentity && { keys: nextIdentity, statement: signedText({ next: 'statement' }) },
    device: { body: stated, statement: signedText(stated) },
    ...more.rest,
  }
}

export const complete = (account: Account, now: number, name = 'a'): Decision =>
  completeRecovery(account, completion(account, name), now)

/** The account as time has made it by `now`. */
export const at = (account: Account, now: number): Account => settle(account, now, RULES).account
