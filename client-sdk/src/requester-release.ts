/**
 * Pulling the release and putting the key together.
 */
import type { CallOptions, Client } from './client.ts'
import { type RecordOf, changeRecord, readRecord, secretOf } from './device-state.ts'
import {
  type Expected,
  HoldfastError,
  type RequesterView,
  type Secret,
  buildCompletion,
  fromBase64url,
  identityFromSeed,
  isHoldfastError,
  openRelease,
  publicHalf,
  refuseUnexpected,
  signRelease,
  stateDevice,
  stateIdentity,
  toBase64url,
} from './protocol/index.ts'
import { sameAccount } from './owner-contacts.ts'
import { transcriptOf } from './requester-codes.ts'
import { type RequestRecord, readRequestRecord, requesterKeys, status } from './requester-request.ts'
import { type LiveTransport, until } from './watch.ts'

/** What came back, byte for byte. */
export interface RecoveredKey {
  readonly account: string
  /** The 32-byte identity seed that the account has from now on: after theft the new one. */
  readonly seed: Secret
  /** The seed that was backed up. */
  readonly recoveredSeed: Secret
  /** The app's own bytes. */
  readonly payload: Uint8Array
  /** Slots of contacts who handed over a false share. */
  readonly liars: readonly number[]
}

export interface RecoverOptions extends CallOptions {
  /**
   * Ask the person how many contacts were to be needed, and pass it as `threshold`: without it, two contacts who lie together
   * with the service can make this device believe in an identity that was never the owner's.
   */
  readonly expected?: Expected
}

type Kept = RecordOf<'recovered'>

const confirmedBy = ({ comparisons }: RequestRecord): RequestRecord['comparisons'] =>
  comparisons.filter(({ state }) => state === 'confirmed')

const pull = async (client: Client, record: RequestRecord, options: RecoverOptions): Promise<Kept> => {
  const { account, recovery, opened } = record
  if (opened === null) throw new HoldfastError('not_found')
  const requester = await requesterKeys(record)
  const body = await signRelease({ account, recovery, requester })
  const release = await client.call('pullRelease', { body }, options)
  const confirmed = confirmedBy(record).map((comparison) => transcriptOf(record, comparison))
  const { requestHash } = opened
  const found = await openRelease({
    release,
    requester,
    requestHash,
    confirmed,
    expected: options.expected ?? {},
  })
  const kept: Kept = {
    account,
    recovery,
    seed: toBase64url(found.identitySeed.expose()),
    payload: toBase64url(found.application),
    contacts: found.entries.map(({ account: contact, identity, slot }) => {
      return { account: contact, identity, verified: found.core.slots[slot - 1]?.verified ?? 'none' }
    }),
    coreHash: found.coreHash,
    epoch: found.core.epoch,
    liars: [...found.liars],
    completed: false,
  }
  found.identitySeed.erase()
  found.application.fill(0)
  // Kept before the service is told: completion erases what it could be pulled from again.
  await changeRecord(client.storage, 'recovered', () => kept)
  return kept
}

const complete = async (client: Client, record: RequestRecord, kept: Kept): Promise<void> => {
  const { account, recovery } = record
  const identity = await identityFromSeed(secretOf(kept.seed))
  const next = record.nextSeed === null ? null : await identityFromSeed(secretOf(record.nextSeed))
  const current = next ?? identity
  const deviceSeed = secretOf(record.deviceSeed)
  const now = Date.now()
  const device = await stateDevice({ account, deviceSeed, identity: current, registeredAt: now })
  const requester = await requesterKeys(record)
  const { coreHash } = kept
  const completion = await buildCompletion({
    ...{ account, recovery, coreHash, requester, identity, next },
    device: device.device,
  })
  const statement =
    next === null ? null : await stateIdentity({ app: client.app, account, identity: next, statedAt: now })
  const body = { completion, device: device.statement, identity: statement }
  await client.call('completeRecovery', { body }).catch((error: unknown) => {
    // The answer to an earlier try was lost.
    if (!isHoldfastError(error) || error.code !== 'already_completed') throw error
  })
}

/** Makes this device the owner's: account, known contacts, the number of the last epoch. */
const settle = async ({ storage, sessions }: Client, record: RequestRecord, kept: Kept): Promise<void> => {
  const { account, deviceSeed } = record
  const device = { account, seed: record.nextSeed ?? kept.seed, deviceSeed, registered: true }
  await changeRecord(storage, 'device', (own) => {
    if (own !== null && own.account !== account) throw new HoldfastError('account_exists')
    return device
  })
  sessions.forget('device')
  await changeRecord(storage, 'contacts', (own) =>
    // Whom this device knows already stays as it knows them: the backup is older.
    kept.contacts.reduce<Kept['contacts']>(
      (all, contact) => (all.some(sameAccount(contact.account)) ? all : [...all, contact]),
      own ?? [],
    ),
  )
  await changeRecord(storage, 'circle', (own) => ({
    highestEpoch: Math.max(kept.epoch, own?.highestEpoch ?? 0),
    activeEpoch: Math.max(kept.epoch, own?.activeEpoch ?? 0),
  }))
  await changeRecord(storage, 'recovered', (own) => own && { ...own, completed: true })
}

/**
 * Pulls the release, checks every part of it, puts the key together and completes the recovery: this device is then the
 * owner's. Can be repeated after any failure, until `forget`. Throws `not_releasable` before the waiting period is over;
 * `recovery_ended` once as much time has passed after that as collecting lasts (14 days unless the operator widened the bounds), or as
 * the waiting period if that is longer; `codes_unconfirmed` when too few contacts were
 * confirmed both ways, or fewer than expected; `identity_changed` for another key than expected; `too_few_shares`, with the slots
 * that lie, when others must approve first; `backup_damaged`. Lead the person to a new circle next: the old one is spent.
 */
export const recover = async (client: Client, options: RecoverOptions = {}): Promise<RecoveredKey> => {
  const record = await readRequestRecord(client)
  const earlier = await readRecord(client.storage, 'recovered')
  const kept = earlier?.recovery === record.recovery ? earlier : await pull(client, record, options)
  // Also of what was pulled by an earlier call, which may have expected nothing.
  const { expected = {} } = options
  const recovered = await identityFromSeed(secretOf(kept.seed))
  refuseUnexpected(expected, confirmedBy(record), publicHalf(recovered))
  if (!kept.completed) {
    await complete(client, record, kept)
    await settle(client, record, kept)
  }
  const payload = fromBase64url(kept.payload)
  if (payload === null) throw new HoldfastError('storage_failed')
  return {
    account: record.account,
    seed: secretOf(record.nextSeed ?? kept.seed),
    recoveredSeed: secretOf(kept.seed),
    payload,
    liars: kept.liars,
  }
}

export interface WaitOptions extends Pick<RecoverOptions, 'expected'> {
  readonly signal: AbortSignal
  readonly transport?: LiveTransport
  /** Between two looks without live events, in ms. */
  readonly intervalMs?: number
  /** Told whenever the request looks different. */
  readonly onProgress?: (view: RequesterView) => void
}

/**
 * Waits for quorum and waiting period, then recovers. Throws as {@link recover}, `recovery_ended` when the request was
 * stopped, `aborted` with the signal.
 */
export const recoverWhenReady = async (client: Client, options: WaitOptions): Promise<RecoveredKey> => {
  const { signal, transport, intervalMs, onProgress, expected = {} } = options
  let shown = ''
  const waiting = { role: 'requester' as const, signal, ...(transport === undefined ? {} : { transport }) }
  const interval = intervalMs === undefined ? {} : { intervalMs }
  return until(client, { ...waiting, ...interval }, async (again) => {
    const view = await status(client, { signal })
    const { now, ...rest } = view
    if (JSON.stringify(rest) !== shown) onProgress?.(view)
    shown = JSON.stringify(rest)
    if (view.state === 'ended') throw new HoldfastError('recovery_ended')
    if (view.earliestAt === null && view.state === 'collecting') return null
    if (view.earliestAt !== null && view.earliestAt > now) {
      again(view.earliestAt - now)
      return null
    }
    return recover(client, { signal, expected })
  })
}
