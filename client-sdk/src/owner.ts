/**
 * The owner's side: protecting the key, and watching over it.
 */
import { readSelf } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { changeRecord, readRecord } from './device-state.ts'
import { type Contact, sameAccount, takeAnswers } from './owner-contacts.ts'
import {
  type CircleWarning,
  HoldfastError,
  type LogEntryView,
  type Policy,
  type ServiceView,
  buildEpoch,
  randomBytes,
  toBase64url,
  verifyLog,
  warningsFor,
} from './protocol/index.ts'
import { nextNumber } from './next-number.ts'
import { status } from './owner-status.ts'
import { readService } from './service.ts'

export { addUnverified, contacts, invite, verifyInPerson, type Contact } from './owner-contacts.ts'
export { status }
export { cancelChange, deleteCircle, makeVetoKey, veto, vetoWithKey } from './owner-objections.ts'

export interface ProtectInput {
  /** Accounts of the contacts, in slot order; all known contacts if left out. */
  readonly contacts?: readonly string[]
  /** How many of them are needed. */
  readonly threshold: number
  /** From quorum to release, in seconds; seven days unless given. */
  readonly waitingSeconds?: number
  /** From a later change to its taking effect; the waiting period unless given. */
  readonly coolingSeconds?: number
  /** How long a request may collect answers; 14 days, or what the service allows, unless given. */
  readonly collectingSeconds?: number
  /** Acceptances that make the circle active; all contacts unless given. */
  readonly acceptances?: number
  /** The stolen-phone rule: how many contacts beat a veto by stating the theft; off unless given. */
  readonly stolenQuorum?: number
  /** Public half of a veto key that is kept off this phone: {@link makeVetoKey}. */
  readonly vetoKey?: string
  /** The app's own bytes, sealed together with the key; up to 64 KiB. */
  readonly payload?: Uint8Array
}

export interface Protected {
  readonly epoch: number
  readonly coreHash: string
  /** What to tell the person about this choice. */
  readonly warnings: readonly CircleWarning[]
}

const DAY_SECONDS = 24 * 3600

const clamp = (seconds: number, { min, max }: ServiceView['bounds']['waitingSeconds']): number =>
  Math.min(Math.max(seconds, min), max)

const policyOf = (input: ProtectInput, count: number, { bounds }: ServiceView): Policy => {
  const waitingSeconds = input.waitingSeconds ?? 7 * DAY_SECONDS
  return {
    threshold: input.threshold,
    waitingSeconds,
    coolingSeconds: input.coolingSeconds ?? waitingSeconds,
    collectingSeconds: input.collectingSeconds ?? clamp(14 * DAY_SECONDS, bounds.collectingSeconds),
    acceptances: input.acceptances ?? count,
    stolenQuorum: input.stolenQuorum ?? null,
  }
}

const choose = (known: readonly Contact[], wanted: readonly string[] | undefined): readonly Contact[] => {
  if (wanted === undefined) return known
  return wanted.map((account) => {
    const found = known.find(sameAccount(account))
    if (found === undefined) throw new HoldfastError('contact_unknown')
    return found
  })
}

// The number is used up before the service sees it: no two manifests of this owner may carry the same.
const nextEpoch = async (client: Client, highest: number): Promise<number> => {
  const pinned = await changeRecord(client.storage, 'circle', (own) => ({
    activeEpoch: own?.activeEpoch ?? 0,
    highestEpoch: nextNumber(own?.highestEpoch ?? 0, highest, 'epoch_rejected'),
  }))
  return pinned.highestEpoch
}

/**
 * Splits the key's backup among the contacts and hands it to the service, sealed. The first circle is active once the
 * contacts accepted; every later one also cools down in sight of the present contacts. Throws what `buildEpoch` or
 * `proposeEpoch` refuse: nothing has changed then; `identity_changed` once, as `contacts`; also as {@link status}, and `epoch_rejected` where the service names an epoch
 * far beyond those of this device. After a lost answer, calling it again proposes anew, and takes the place
 * of what may have arrived.
 */
export const protect = async (client: Client, input: ProtectInput): Promise<Protected> => {
  const self = await readSelf(client)
  const service = await readService(client)
  // Verified, since what it names is signed: the circle's id, and what the new epoch follows.
  const view = await status(client)
  const { circle } = view
  const { contacts: known, refusal } = await takeAnswers(client, self, view)
  if (refusal?.code === 'identity_changed') throw refusal
  const chosen = choose(known, input.contacts)
  const built = await buildEpoch({
    app: client.app,
    account: self.account,
    identitySeed: self.seed,
    circle: (circle.active ?? circle.pending)?.circle ?? toBase64url(randomBytes(16)),
    epoch: await nextEpoch(client, circle.highestEpoch),
    previous: circle.lastCoreHash,
    policy: policyOf(input, chosen.length, service),
    vetoKey: input.vetoKey ?? null,
    serviceKey: service.release,
    contacts: chosen,
    application: input.payload ?? new Uint8Array(0),
  })
  const { manifest, payload, factor, core, coreHash } = built
  await client.call('proposeEpoch', { body: { manifest, payload, shares: [...built.shares], factor } })
  return { epoch: core.epoch, coreHash, warnings: warningsFor(core) }
}

/** Log entries since this device last looked, verified to follow them. Throws `log_broken`. */
export const readLog = async (
  client: Client,
  options: CallOptions = {},
): Promise<readonly LogEntryView[]> => {
  const entries: LogEntryView[] = []
  let head = await readRecord(client.storage, 'log')
  for (;;) {
    const query = { after: String(head?.sequence ?? 0) }
    const page = await client.call('readLog', { query }, options)
    head = verifyLog(page.entries, head)
    entries.push(...page.entries)
    const reached = page.sequence === (head?.sequence ?? 0)
    // A log that ends before what was seen, or in another entry, was cut or rewritten.
    if (page.entries.length === 0 && !reached) throw new HoldfastError('log_broken')
    if (reached && page.hash !== (head?.hash ?? null)) throw new HoldfastError('log_broken')
    if (reached) break
  }
  const reached = head
  if (reached !== null)
    await changeRecord(client.storage, 'log', (seen) =>
      seen !== null && seen.sequence >= reached.sequence ? seen : reached,
    )
  return entries
}
