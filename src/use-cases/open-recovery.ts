/** Opens a request for recovery. PROTOCOL.md, "Recover", step 1. */
import {
  HoldfastError,
  type RecoveryBody,
  type TicketClaims,
  hmac,
  keyHash,
  readRequest,
  subjectHash,
  ticketHash,
  toBase64url,
  utf8,
} from '@holdfast/client/protocol'
import { refused } from '../domain/decision.ts'
import { requesterView } from '../domain/present-recovery.ts'
import { openRecovery as decide } from '../domain/recovery-opening.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

/** A used ticket is remembered for this much longer than it holds: clocks differ, and a verifier tolerates that. */
const TICKET_MARGIN_MS = 120_000

export const openRecovery: UseCase<'openRecovery'> = async (deps, { body: { ticket, message } }) => {
  const body = await readRequest(message)
  const claims = await deps.tickets.read(ticket, await deps.records.now())
  if (claims === null || !isFor(claims, body)) throw new HoldfastError('ticket_rejected')
  const opening = {
    body,
    message,
    requestHash: body.requestHash,
    subject: subjectHash(claims.iss, claims.sub),
    ticketHash: ticketHash(ticket),
    ticketExpiresAt: claims.exp * 1000 + TICKET_MARGIN_MS,
    decoyCoreHash: toBase64url(hmac(deps.keys.decoy.expose(), utf8(body.account))),
  }
  const { account, value, now } = await transact(deps, { account: body.account }, (known, at) => {
    // An app vouches for its own accounts only. Where nobody is registered, whoever asks is answered alike.
    if (known.identity !== null && known.app !== body.app) return refused('ticket_rejected')
    return decide({ ...known, app: body.app }, opening, at, deps.settings)
  })
  return requesterView(account, value, now)
}

const isFor = (claims: TicketClaims, { app, account, requester }: RecoveryBody): boolean =>
  claims.purpose === 'recover' &&
  claims.iss === app &&
  claims.account === account &&
  claims.keys === keyHash(requester)
