/**
 * Replays a trace of the model on the real service, and compares after every step what came of it and how everything stands.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  type AnswerOf,
  HoldfastError,
  buildApproval,
  buildRefusal,
  countersign,
  publicHalf,
  signCancel,
  signChangeCancel,
  signDeletion,
  signSlotDecline,
} from '@holdfast/client/protocol'
import type { Account } from '../../src/domain/account.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { settleAccount } from '../../src/use-cases/settle-account.ts'
import type { Person } from '../support/actors.ts'
import {
  compare,
  completionOf,
  pullOf,
  requestFor,
  type Requester,
  transcriptFor,
  vetoOf,
} from '../support/recoveries.ts'
import { acceptFrom, type Household, newHousehold, type Offered, proposeNext } from './people.ts'
import { asWorld, TICK, type Town } from './town.ts'
import type { RequestShown, Shown, Step } from './traces.ts'

interface Play {
  readonly town: Town
  readonly household: Household
  /** Every epoch that was ever proposed, by its core's hash; the newest last. */
  readonly epochs: Map<string, Offered>
  readonly requests: (Requester | undefined)[]
  /** `request slot` pairs whose codes were compared. */
  matched: ReadonlySet<string>
  sequence: number
  backup: { readonly account: Account; readonly matched: ReadonlySet<string> } | null
}

const askedIn = ({ requests }: Play, { request }: Step): Requester => {
  const asked = requests[request]
  if (asked === undefined) throw new Error(`the trace speaks about a request that nobody opened: ${request}`)
  return asked
}

const contactIn = ({ household }: Play, { slot }: Step): Person => {
  const contact = household.contacts[slot - 1]
  if (contact === undefined) throw new Error(`no contact ${slot}`)
  return contact
}

/** The epoch that a request is for; for one without a circle, the newest, whose contacts nobody then knows. */
const epochOf = ({ epochs }: Play, coreHash: string): Offered => {
  const offered = epochs.get(coreHash) ?? [...epochs.values()].at(-1)
  if (offered === undefined) throw new Error('no epoch')
  return offered
}

const viewOf = ({ town, household }: Play): Promise<AnswerOf<'readAccount'>> =>
  town.call('readAccount', { caller: household.owner.caller })

const openRequest = async (play: Play, { request }: Step): Promise<void> => {
  const { town, household } = play
  const { account } = household.owner
  const { body, requester: keys, ...rest } = await requestFor(asWorld(town), account)
  const { coreHash } = await town.call('openRecovery', { body })
  const asked = { ticket: body.ticket, request: body.message }
  const key = publicHalf(keys).signing
  const caller = { role: 'requester', account, recovery: rest.recovery, key } as const
  play.requests[request] = { ...rest, account, keys, ...asked, coreHash, caller }
}

const answerRequest = async (play: Play, step: Step): Promise<void> => {
  const { town, household } = play
  const asked = askedIn(play, step)
  const { built, offers } = epochOf(play, asked.coreHash)
  const { account, identity, caller } = contactIn(play, step)
  const offer = offers[step.slot - 1]
  if (offer === undefined) throw new Error(`no offer ${step.slot}`)
  const friends = { ...household, built }
  play.sequence += 1
  const said = { pin: offer.pin, request: asked.request, account, identity, sequence: play.sequence }
  if (step.command === 'decline' || step.command === 'alarm') {
    const body = await buildRefusal({ ...said, decision: step.command, checkKey: null })
    await town.call('decide', { caller, body })
    return
  }
  const pair = `${step.request} ${step.slot}`
  if (!play.matched.has(pair) && step.outcome === 'changed') {
    await compare(asWorld(town), friends, asked, step.slot)
    play.matched = new Set([...play.matched, pair])
  }
  const confirmed = transcriptFor(friends, asked, step.slot)
  const body = await buildApproval({
    ...said,
    confirmed,
    sealed: offer.sealed,
    stolen: step.command !== 'approve',
  })
  await town.call('decide', { caller, body })
}

const changeCircle = async (play: Play, { command }: Step): Promise<void> => {
  const { town, household } = play
  const { account, identity, caller } = household.owner
  const { active, pending, deletion } = (await viewOf(play)).circle
  const newest = epochOf(play, pending?.coreHash ?? '')
  if (command === 'propose') {
    const offered = await proposeNext(town, household)
    play.epochs.set(offered.built.coreHash, offered)
  } else if (command === 'accept_share') {
    const slot = pending?.slots.find(({ state }) => state === 'offered')?.slot ?? 1
    await acceptFrom(town, household, newest, slot)
  } else if (command === 'decline_share') {
    const slot = pending?.slots.find(({ state }) => state === 'offered')?.slot ?? 1
    const contact = contactIn(play, { slot } as Step)
    const place = { owner: account, coreHash: newest.built.coreHash, slot }
    await town.call('declineShare', {
      caller: contact.caller,
      body: await signSlotDecline({ ...place, ...contact }),
    })
  } else if (command === 'countersign') {
    const slot = (pending?.countersigned.length ?? 0) + 1
    const contact = contactIn(play, { slot } as Step)
    const hashes = {
      activeCoreHash: active?.coreHash ?? newest.built.coreHash,
      coreHash: newest.built.coreHash,
    }
    const body = await countersign({ owner: account, ...hashes, slot, ...contact })
    await town.call('countersignChange', { caller: contact.caller, body })
  } else if (command === 'withdraw_change') {
    const coreHash = (deletion === null ? pending : active)?.coreHash ?? newest.built.coreHash
    await town.call('cancelChange', {
      body: await signChangeCancel({ account, coreHash, seed: identity.signing.seed }),
    })
  } else {
    const { core, coreHash } = epochOf(play, active?.coreHash ?? '').built
    const named = { circle: core.circle, epoch: core.epoch, coreHash }
    await town.call('deleteCircle', { caller, body: await signDeletion({ account, ...named, identity }) })
  }
}

/** The records as they were are put in the place of those that are, and found to be a backup's, as at a start. */
const restore = async ({ town, household, backup }: Play): Promise<void> => {
  const current = await town.records.load(household.owner.account)
  if (backup === null || current === null) throw new Error('nothing to restore')
  const outcome = await town.records.commit(backup.account, { ifRevision: current.account.revision })
  if (outcome !== 'committed') throw new Error(outcome)
  await town.records.markRestored()
}

const act = async (play: Play, step: Step): Promise<void> => {
  const { town, household } = play
  const { owner } = household
  switch (step.command) {
    case 'tick':
      return town.advance(TICK)
    case 'settle':
      return settleAccount(town.deps)(owner.account)
    case 'relay':
      await relayOutbox(town.deps)(owner.account)
      return undefined
    case 'save': {
      const loaded = await town.records.load(owner.account)
      if (loaded !== null) play.backup = { account: loaded.account, matched: play.matched }
      return undefined
    }
    case 'restore':
      await restore(play)
      play.matched = play.backup?.matched ?? new Set()
      return undefined
    case 'open_request':
      return openRequest(play, step)
    case 'approve':
    case 'approve_stolen':
    case 'decline':
    case 'alarm':
      return answerRequest(play, step)
    case 'veto':
      await town.call('veto', { body: await vetoOf(owner, askedIn(play, step).recovery) })
      return undefined
    case 'veto_key': {
      const by = { by: 'veto-key', seed: household.vetoSeed } as const
      await town.call('veto', { body: await vetoOf(owner, askedIn(play, step).recovery, by) })
      return undefined
    }
    case 'cancel': {
      const { account, recovery, keys: requester, caller } = askedIn(play, step)
      await town.call('cancelRecovery', { caller, body: await signCancel({ account, recovery, requester }) })
      return undefined
    }
    case 'pull': {
      const asked = askedIn(play, step)
      await town.call('pullRelease', { caller: asked.caller, body: await pullOf(asked) })
      return undefined
    }
    case 'complete': {
      const asked = askedIn(play, step)
      const { body } = await completionOf(asWorld(town), asked, owner.identity)
      await town.call('completeRecovery', { caller: asked.caller, body })
      return undefined
    }
    default:
      return changeCircle(play, step)
  }
}

const outcomeOf = async (play: Play, step: Step): Promise<string> => {
  try {
    await act(play, step)
    return 'done'
  } catch (error) {
    if (error instanceof HoldfastError) return error.code
    throw error
  }
}

const ENDED: readonly string[] = ['completed', 'vetoed', 'declined', 'cancelled', 'expired', 'superseded']

/** What is compared: of an ended request only how it ended. */
const compared = ({ requests, ...circle }: Shown): unknown => ({
  ...circle,
  requests: requests.map((one: RequestShown) =>
    one.state === 'nobody' || ENDED.includes(one.state)
      ? one.state
      : { ...one, answers: one.answers.map((answer) => (answer === 'moved on' ? 'silent' : answer)) },
  ),
})

const shownBy = async (play: Play, { delayed, requests: expected }: Shown): Promise<unknown> => {
  const { now, circle, recoveries } = await viewOf(play)
  const ticks = (at: number | null): number | null => (at === null ? null : (at - now) / TICK)
  const { active, pending, deletion, highestEpoch } = circle
  const requests = expected.map((_, index) => {
    const shown = recoveries.find(({ recovery }) => recovery === play.requests[index]?.recovery)
    if (shown === undefined) return 'nobody'
    const { state, epoch, quorumAt, alarmed, overridden, contestedUntil, releasableAt } = shown
    if (ENDED.includes(state)) return state
    const answers = play.household.contacts.map((__, at) => {
      const answer = shown.answers.find(({ slot }) => slot === at + 1)
      return answer === undefined ? 'silent' : answer.stolen ? 'approve stolen' : answer.decision
    })
    const instants = {
      quorumAt: ticks(quorumAt),
      contestedUntil: ticks(contestedUntil),
      releasableAt: ticks(releasableAt),
    }
    return { state, epoch, alarmed, overridden, ...instants, answers }
  })
  return {
    activeEpoch: active?.epoch ?? 0,
    highestEpoch,
    change: deletion === null ? (pending === null ? 'none' : 'epoch') : 'deletion',
    coolsAt: ticks(deletion === null ? (pending?.coolsAt ?? null) : deletion.coolsAt),
    // Of a deletion the owner is not shown it.
    delayed: deletion === null ? (pending?.delayed ?? false) : delayed,
    accepted: pending?.slots.filter(({ state }) => state === 'accepted').length ?? 0,
    consents: pending?.countersigned.length ?? 0,
    requests,
  }
}

/** The first step at which model and service part, in words; null if they never do. */
export const replay = async (
  town: Town,
  contacts: readonly Person[],
  steps: readonly Step[],
): Promise<string | null> => {
  const { household, first } = await newHousehold(town, contacts)
  const play: Play = {
    town,
    household,
    epochs: new Map([[first.built.coreHash, first]]),
    requests: [],
    matched: new Set(),
    sequence: 0,
    backup: null,
  }
  for (const [index, step] of steps.entries()) {
    const outcome = await outcomeOf(play, step)
    const expected = step.outcome === 'changed' || step.outcome === 'unchanged' ? 'done' : step.outcome
    const [modelled, real] = [compared(step.shown), await shownBy(play, step.shown)]
    if (outcome === expected && isDeepStrictEqual(modelled, real)) continue
    const path = steps
      .slice(0, index + 1)
      .map(({ command, request, slot }) => `${command} ${request} ${slot}`)
      .join(', ')
    return `step ${index}: ${outcome}, in the model ${expected}\nservice ${JSON.stringify(real)}\nmodel   ${JSON.stringify(modelled)}\nafter   ${path}`
  }
  return null
}
