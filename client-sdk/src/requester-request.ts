/**
 * The request of a new device: making, opening, watching and ending it.
 */
import type { TicketRequest } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { type RecordOf, changeRecord, deleteRecord, readRecord, secretOf } from './device-state.ts'
import {
  HoldfastError,
  type IdentityKeys,
  type PublicIdentity,
  type RequesterView,
  buildRequest,
  identityFromSeed,
  isHoldfastError,
  keyHash,
  publicHalf,
  randomBytes,
  signCancel,
  toBase64url,
} from './protocol/index.ts'

export type RequestRecord = RecordOf<'request'>

/** This device's request. Throws `not_found` before {@link prepare}. */
export const readRequestRecord = async (client: Client): Promise<RequestRecord> => {
  const record = await readRecord(client.storage, 'request')
  if (record === null) throw new HoldfastError('not_found')
  return record
}

/** Changes this device's request, as long as it is still this one. Throws `not_found`. */
export const changeRequest = (
  client: Client,
  { recovery }: Pick<RequestRecord, 'recovery'>,
  change: (record: RequestRecord) => RequestRecord,
): Promise<RequestRecord> =>
  changeRecord(client.storage, 'request', (record) => {
    if (record?.recovery !== recovery) throw new HoldfastError('not_found')
    return change(record)
  })

/** The one-use keys of this device's request. */
export const requesterKeys = (record: RequestRecord): Promise<IdentityKeys> =>
  identityFromSeed(secretOf(record.requesterSeed))

const freshRequest = (account: string, cause: RequestRecord['cause']): RequestRecord => ({
  account,
  recovery: toBase64url(randomBytes(16)),
  cause,
  requesterSeed: toBase64url(randomBytes(32)),
  nextSeed: cause === 'stolen' ? toBase64url(randomBytes(32)) : null,
  deviceSeed: toBase64url(randomBytes(32)),
  opened: null,
  coreHash: null,
  comparisons: [],
})

/**
 * Makes the one-use keys of a request, and says what the app's ticket must name. `cause`: after theft the account moves to a
 * new identity, so that whoever holds the old phone holds nothing. Calling it again for the same account and cause keeps the
 * request that was made. Throws `limit_reached` while this device has another one open ({@link cancel} it first), and
 * `account_exists` where another account lives on it.
 */
export const prepare = async (
  client: Client,
  { account, cause }: { readonly account: string; readonly cause: 'lost' | 'stolen' },
): Promise<TicketRequest> => {
  const device = await readRecord(client.storage, 'device')
  if (device !== null && device.account !== account) throw new HoldfastError('account_exists')
  const recovered = await readRecord(client.storage, 'recovered')
  const record = await changeRecord(client.storage, 'request', (made) => {
    const isDone = recovered?.completed === true && recovered.recovery === made?.recovery
    if (made === null || isDone) return freshRequest(account, cause)
    if (made.account === account && made.cause === cause) return made
    if (made.opened !== null) throw new HoldfastError('limit_reached')
    return freshRequest(account, cause)
  })
  // Tokens are bound to a request's own key.
  client.sessions.forget('requester')
  return { purpose: 'recover', account, keys: keyHash(publicHalf(await requesterKeys(record))) }
}

const nextIdentity = async ({ nextSeed }: RequestRecord): Promise<PublicIdentity | null> =>
  nextSeed === null ? null : publicHalf(await identityFromSeed(secretOf(nextSeed)))

type Opened = NonNullable<RequestRecord['opened']>

const send = async (
  client: Client,
  record: RequestRecord,
  { ticket, message }: Opened,
): Promise<RequesterView> => {
  const view = await client.call('openRecovery', { body: { ticket, message } })
  // H(core) as first named: the service must not change its mind once codes were compared.
  await changeRequest(client, record, (now) => ({ ...now, coreHash: now.coreHash ?? view.coreHash }))
  return view
}

/** Whether an earlier call with another ticket went through although its answer was lost. */
const sentBefore = (client: Client, record: RequestRecord, opened: Opened): Promise<RequesterView | null> =>
  send(client, record, opened).catch((error: unknown) => {
    if (isHoldfastError(error) && error.code === 'ticket_rejected') return null
    throw error
  })

/**
 * Opens the request with the app's ticket. The owner's devices and the contacts are told at once. Repeating it after a lost
 * answer is harmless, with the same ticket or a new one. Throws `ticket_rejected`, `backing_off`, `too_many_open`.
 */
export const open = async (
  client: Client,
  { ticket }: { readonly ticket: string },
): Promise<RequesterView> => {
  const record = await readRequestRecord(client)
  const { app } = client
  const { account, recovery, cause, opened } = record
  if (record.coreHash !== null) return status(client)
  if (opened?.ticket === ticket) return send(client, record, opened)
  const before = opened === null ? null : await sentBefore(client, record, opened)
  if (before !== null) return before
  const requester = await requesterKeys(record)
  const { request, requestHash } = await buildRequest({
    ...{ app, account, recovery, cause, ticket, requester },
    nextIdentity: await nextIdentity(record),
  })
  const fresh = { ticket, message: request, requestHash }
  await changeRequest(client, record, (now) => ({ ...now, opened: fresh }))
  return send(client, record, fresh)
}

/** The request as the service shows it. Throws `stale_circle` if it now names another circle than at opening. */
export const status = async (client: Client, options: CallOptions = {}): Promise<RequesterView> => {
  const record = await readRequestRecord(client)
  const view = await client.call('readRecovery', {}, options)
  if (record.coreHash !== null && record.coreHash !== view.coreHash) throw new HoldfastError('stale_circle')
  return view
}

/** Ends the request from its own side, and forgets it. */
export const cancel = async (client: Client): Promise<void> => {
  const record = await readRequestRecord(client)
  const { account, recovery, opened, coreHash } = record
  if (opened !== null) {
    const body = await signCancel({ account, recovery, requester: await requesterKeys(record) })
    await client.call('cancelRecovery', { body }).catch((error: unknown) => {
      const code = isHoldfastError(error) ? error.code : null
      // Over already, or never arrived: then nobody signs in for it.
      if (code !== 'recovery_ended' && (code !== 'signature_rejected' || coreHash !== null)) throw error
    })
  }
  await forget(client)
}

/**
 * Removes from this device what a request left there: its one-use keys and, after a recovery, the key and the app's bytes as
 * they came back. Call it once the app has taken them; the account stays on this device.
 */
export const forget = async (client: Client): Promise<void> => {
  await deleteRecord(client.storage, 'recovered')
  await deleteRecord(client.storage, 'request')
  client.sessions.forget('requester')
}
