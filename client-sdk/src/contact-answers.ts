/**
 * A contact's answer to a request: approve, decline, or raise the alarm.
 */
import type { Client } from './client.ts'
import { comparisonOf } from './contact-codes.ts'
import { type SoundRequest, type Which, current } from './contact-requests.ts'
import { changeOwner, shares } from './contact-shares.ts'
import { changeRecord, readRecord, upsert } from './device-state.ts'
import { nextNumber } from './next-number.ts'
import {
  type CheckKey,
  type DecisionKind,
  HoldfastError,
  buildApproval,
  buildRefusal,
  openShare,
} from './protocol/index.ts'

/** Answers whose numbers are remembered. */
const KEPT_ANSWERS = 256

type Place = Pick<SoundRequest, 'owner' | 'recovery' | 'slot'>

const isAt =
  ({ owner, recovery, slot }: Place) =>
  (other: Place): boolean =>
    other.owner === owner && other.recovery === recovery && other.slot === slot

/** Whether the service shows this very answer, which this device gave last: then only the reply to it was lost. */
const isGiven = async (
  client: Client,
  request: SoundRequest,
  said: { readonly decision: DecisionKind; readonly stolen: boolean },
): Promise<boolean> => {
  const { answer } = request.view
  if (answer?.live !== true || answer.decision !== said.decision || answer.stolen !== said.stolen)
    return false
  const own = (await readRecord(client.storage, 'answers'))?.find(isAt(request))
  return own?.sequence === answer.sequence
}

// By this device's own count as well: if the service hid an answer, two of them must still not carry one number.
const nextSequence = async (client: Client, request: SoundRequest): Promise<number> => {
  const { owner, recovery, slot, view } = request
  const isSame = isAt(request)
  const all = await changeRecord(client.storage, 'answers', (before) => {
    const own = before?.find(isSame)?.sequence ?? 0
    const sequence = nextNumber(own, view.answer?.sequence ?? 0, 'sequence_rejected')
    return upsert(before, { owner, recovery, slot, sequence }, isSame).slice(-KEPT_ANSWERS)
  })
  return all.find(isSame)?.sequence ?? 1
}

const sealedShare = async (client: Client, { owner, pin }: SoundRequest): Promise<string> => {
  const { held } = await shares(client)
  const share = held.find((other) => other.owner === owner && other.coreHash === pin.coreHash)
  if (share === undefined) throw new HoldfastError('share_rejected')
  return share.sealed
}

/**
 * Approves: hands this share, sealed, to the requester whose code was compared. `stolen`: the caller said by voice that the
 * phone was stolen. Throws `codes_unconfirmed` before a comparison that matched, and where another request than the compared one
 * is now shown under its id. Called again, as after a lost reply, it changes nothing.
 */
export const approve = async (
  client: Client,
  { stolen = false, ...which }: Which & { readonly stolen?: boolean },
): Promise<void> => {
  const request = await current(client, which)
  const comparison = await comparisonOf(client, request, 'codes_unconfirmed')
  if (comparison?.state !== 'confirmed') throw new HoldfastError('codes_unconfirmed')
  const { owner, pin, transcript, self, view, nextIdentity } = request
  if (!(await isGiven(client, request, { decision: 'approve', stolen }))) {
    const body = await buildApproval({
      pin,
      request: view.request,
      account: self.account,
      identity: self.keys,
      sequence: await nextSequence(client, request),
      confirmed: transcript,
      sealed: await sealedShare(client, request),
      stolen,
    })
    await client.call('decide', { body })
  }
  // The voice vouches for the keys to move to as it does for the request: once the service shows them, they are the owner's.
  await changeOwner(client, owner, (known) => ({ ...known, next: nextIdentity }))
}

// A device whose share no longer opens must still be able to warn.
const checkKeyFor = async (client: Client, request: SoundRequest): Promise<CheckKey | null> => {
  const { pin, self } = request
  try {
    const sealed = await sealedShare(client, request)
    const { share, checkKey } = await openShare({ pin, sealed, account: self.account, identity: self.keys })
    share.bytes.fill(0)
    return checkKey
  } catch {
    return null
  }
}

const refuse = async (client: Client, which: Which, decision: 'decline' | 'alarm'): Promise<void> => {
  const request = await current(client, which)
  const { owner, pin, self, view } = request
  // Whatever was believed of this caller before is no longer.
  await changeOwner(client, owner, (known) => ({ ...known, next: null }))
  if (await isGiven(client, request, { decision, stolen: false })) return
  const question = { pin, request: view.request, account: self.account, identity: self.keys }
  const checkKey = await checkKeyFor(client, request)
  const sequence = await nextSequence(client, request)
  const body = await buildRefusal({ ...question, sequence, decision, checkKey })
  checkKey?.seed.erase()
  await client.call('decide', { body })
}

/** Declines: "I will not help with this." */
export const declineRequest = (client: Client, which: Which): Promise<void> =>
  refuse(client, which, 'decline')

/** Raises the alarm: "this isn't them." Everyone is told and the wait grows; to the requester it looks like an approval. */
export const alarm = (client: Client, which: Which): Promise<void> => refuse(client, which, 'alarm')
