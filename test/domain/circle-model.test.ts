/**
 * Any order of what owner, contacts, requests and time can do to a circle, held against what must always be true. `fc.assert`
 * prints the seed and the shortest failing sequence.
 */
import { verifyLog } from '@holdfast/client/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Account, OPEN_STATES, type LogEntry } from '../../src/domain/account.ts'
import { acceptShare, declineShare } from '../../src/domain/circle-acceptance.ts'
import { namedBlobs } from '../../src/domain/circle-blobs.ts'
import { changeDueAt, settleCircle } from '../../src/domain/circle-change.ts'
import { cancelChange, countersignChange, requestDeletion } from '../../src/domain/circle-consent.ts'
import { endCircle } from '../../src/domain/circle-end.ts'
import { proposeEpoch } from '../../src/domain/circle-proposal.ts'
import {
  acceptanceOf,
  answerBy,
  contact,
  COOLING,
  DELAY,
  HOUR,
  idOf,
  proposalFor,
  registered,
  requestOn,
  SETTINGS,
  signedText,
  T0,
} from '../support/circles.ts'
import type { Decision } from '../../src/domain/decision.ts'

interface World {
  readonly account: Account
  readonly now: number
  readonly log: readonly LogEntry[]
}

type Step = (world: World) => World

const slotNumber = fc.integer({ min: 1, max: 6 })

const afterDecision = (world: World, decision: Decision): World =>
  decision.kind === 'changed' ? { ...world, account: decision.next } : world

const onSlot = (world: World, stage: 'active' | 'pending', slot: number): boolean =>
  world.account.circle[stage]?.slots[slot - 1] !== undefined

const proposal = fc.record({
  members: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 6 }),
  ahead: fc.constantFrom(0, 1, 1, 1, 1, 3),
  spare: fc.integer({ min: 0, max: 2 }),
})

const always = (step: Step): fc.Arbitrary<Step> => fc.constant(step)

/** Everything that can happen. */
const steps = {
  propose: proposal.map(({ members, ahead, spare }): Step => (world) => {
    const acceptances = Math.max(3, members.length - spare)
    const proposed = proposalFor(world.account, {
      contacts: members.map(contact),
      policy: { threshold: 2, acceptances },
      epoch: world.account.circle.highestEpoch + ahead,
    })
    return afterDecision(world, proposeEpoch(world.account, proposed, world.now, SETTINGS))
  }),
  acceptAll: always((world) => {
    // Everyone accepts, or the sequences would rarely get anywhere.
    const { pending } = world.account.circle
    return (pending?.slots ?? []).reduce<World>((next, { slot }) => {
      if (next.account.circle.pending?.coreHash !== pending?.coreHash) return next
      const acceptance = acceptanceOf(next.account, slot)
      return afterDecision(next, acceptShare(next.account, acceptance, next.now, SETTINGS))
    }, world)
  }),
  accept: slotNumber.map((slot): Step => (world) => {
    if (!onSlot(world, 'pending', slot)) return world
    return afterDecision(
      world,
      acceptShare(world.account, acceptanceOf(world.account, slot), world.now, SETTINGS),
    )
  }),
  decline: slotNumber.map((slot): Step => (world) => {
    if (!onSlot(world, 'pending', slot)) return world
    const { body, message } = acceptanceOf(world.account, slot)
    return afterDecision(world, declineShare(world.account, { body, message }, world.now))
  }),
  countersign: slotNumber.map((slot): Step => (world) => {
    const { active, pending } = world.account.circle
    const holder = active?.slots[slot - 1]
    if (active === null || holder === undefined) return world
    const body = {
      owner: world.account.id,
      contact: holder.contact,
      activeCoreHash: active.coreHash,
      slot,
      coreHash: pending?.coreHash ?? active.coreHash,
    }
    return afterDecision(world, countersignChange(world.account, body, world.now, SETTINGS))
  }),
  requestDeletion: always((world) => {
    const { active } = world.account.circle
    if (active === null) return world
    const { circle, epoch, coreHash } = active
    const body = { account: world.account.id, circle, epoch, coreHash }
    return afterDecision(
      world,
      requestDeletion(world.account, { body, message: signedText(body) }, world.now),
    )
  }),
  cancel: always((world) => {
    const { active, pending, deletion } = world.account.circle
    const coreHash = (deletion === null ? pending : active)?.coreHash ?? ''
    return afterDecision(
      world,
      cancelChange(world.account, { account: world.account.id, coreHash }, world.now),
    )
  }),
  complete: always((world) => ({ ...world, account: endCircle(world.account, world.now) })),
  request: fc.boolean().map((approved): Step => (world) => {
    if (world.account.circle.active === null) return world
    const recovery = idOf(`recovery ${world.account.recoveries.length}`)
    const request = requestOn(world.account, { recovery, answers: approved ? [answerBy(1)] : [] })
    return { ...world, account: { ...world.account, recoveries: [...world.account.recoveries, request] } }
  }),
  vetoAll: always((world) => ({
    ...world,
    account: {
      ...world.account,
      recoveries: world.account.recoveries.map((one) => ({
        ...one,
        state: 'vetoed' as const,
        endedAt: world.now,
      })),
    },
  })),
  wait: fc.constantFrom(1, HOUR, COOLING - 1, COOLING, DELAY).map((ms): Step => (world) => ({
    ...world,
    now: world.now + ms,
  })),
} as const satisfies Record<string, fc.Arbitrary<Step>>

/** How often each is tried, so that most sequences get somewhere. */
const WEIGHTS: Readonly<Record<keyof typeof steps, number>> = {
  propose: 4,
  acceptAll: 5,
  accept: 1,
  decline: 1,
  countersign: 3,
  requestDeletion: 2,
  cancel: 1,
  complete: 1,
  request: 2,
  vetoAll: 1,
  wait: 5,
}
const anyStep = fc.oneof(
  ...Object.entries(steps).map(([name, arbitrary]) => ({
    arbitrary: arbitrary as fc.Arbitrary<Step>,
    weight: WEIGHTS[name as keyof typeof steps],
  })),
)

/** Requests that stand in the way of a change, as the specification says and not as the code finds them. */
const openRequests = ({ circle, recoveries }: Account) =>
  recoveries.filter(
    ({ state, coreHash }) =>
      coreHash === circle.active?.coreHash && (OPEN_STATES as readonly string[]).includes(state),
  )

/** An epoch begins, or a circle ends, only where the account, as it was one step before, and the log allow it. */
const expectRightfulChange = (before: Account, { account, now, log }: World): void => {
  const { active, pending, deletion } = before.circle
  const isSpent = account.outbox.entries.some(({ type }) => type === 'epoch-spent')
  if (account.circle.active?.coreHash === active?.coreHash || isSpent) return
  // Requests of the old epoch end with it, unless they ended otherwise; none of them had an approval.
  const old = openRequests(before).map(({ recovery }) => recovery)
  const ended = account.recoveries.filter(({ recovery }) => old.includes(recovery))
  for (const { state, answers } of ended)
    expect(state === 'vetoed' || (state === 'superseded' && answers.length === 0)).toBe(true)
  const next = account.circle.active
  if (next === null) {
    expect(deletion!.proposedAt + COOLING).toBeLessThanOrEqual(now)
    return
  }
  expect(next.coreHash).toBe(pending?.coreHash)
  const acceptances = next.slots.filter(({ state }) => state === 'accepted').length
  expect(acceptances).toBeGreaterThanOrEqual(next.policy.acceptances)
  const consents = log.filter(
    ({ type, details }) => type === 'change-countersigned' && details['epoch'] === next.epoch,
  )
  const removed = active?.slots.filter((slot) => next.slots.every(({ contact }) => contact !== slot.contact))
  const isConsented = consents.length >= 2 && consents.length >= (removed?.length ?? 0)
  if (pending?.coolsAt !== null && !isConsented) expect(next.proposedAt + COOLING).toBeLessThanOrEqual(now)
}

const expectInvariants = (before: World, { account, log, now }: World): void => {
  const { active, pending, deletion, highestEpoch, lastCoreHash } = account.circle
  expect(highestEpoch).toBeGreaterThanOrEqual(before.account.circle.highestEpoch)
  if (pending !== null) {
    expect(pending.epoch).toBe(highestEpoch)
    expect(pending.epoch).toBeGreaterThan(active?.epoch ?? 0)
    // The first epoch of all, or the first after a recovery, alone does not cool.
    if (active !== null) expect(pending.coolsAt).not.toBeNull()
  }
  if (active !== null) expect(active.coreHash).toBe(lastCoreHash)
  expect(pending === null || deletion === null).toBe(true)
  expect(deletion === null || active !== null).toBe(true)
  // One delay, counted from when the change would have taken effect.
  const was = before.account.circle.deletion ?? before.account.circle.pending
  const change = deletion ?? pending
  if (change != null && change.coolsAt !== null) {
    const isSame = was?.proposedAt === change.proposedAt && was.delayed
    if (isSame && change.delayed) expect(change.coolsAt).toBe(was.coolsAt)
    else if (change.delayed) expect(change.coolsAt).toBe(now + DELAY)
    else expect(change.coolsAt).toBe(change.proposedAt + COOLING)
  }
  const named = namedBlobs(account)
  for (const epoch of [active, pending]) if (epoch) expect(named).toContain(epoch.payloadHash)
  // Settled: nothing that time could do is left undone.
  expect(changeDueAt(account) ?? Infinity).toBeGreaterThan(now)
  const head =
    before.account.log.hash === null ? null : (before.account.log as { sequence: number; hash: string })
  expect(verifyLog(log.slice(before.log.length), head) ?? { sequence: 0, hash: null }).toEqual(account.log)
}

/** Blobs and factor keys whose erasure was ordered, with the epoch that must not be among them. */
const expectSafeErasures = ({ circle, outbox }: Account): void => {
  const erased = outbox.erasures
  for (const epoch of [circle.active, circle.pending]) {
    if (epoch === null) continue
    for (const erasure of erased) {
      if (erasure.what === 'blob') expect(erasure.hash).not.toBe(epoch.payloadHash)
      if (erasure.what === 'factor') expect(erasure.epoch).not.toBe(epoch.epoch)
      if (erasure.what === 'factors-below') expect(erasure.epoch).toBeLessThanOrEqual(epoch.epoch)
    }
  }
}

const EMPTY = { entries: [], notices: [], erasures: [] }

it('keeps chain, epochs, factors and log whole in any order of events', () => {
  const seen = { activated: 0, deleted: 0, delayed: 0, blocked: 0, cancelled: 0 }
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 20, maxLength: 60 }), (sequence) => {
      let world: World = { account: registered(), now: T0, log: [] }
      for (const step of sequence) {
        const stepped = step(world)
        const { account } = settleCircle(stepped.account, stepped.now, SETTINGS)
        const after = { account, now: stepped.now, log: [...stepped.log, ...account.outbox.entries] }
        expectRightfulChange(world.account, after)
        expectInvariants(world, after)
        expectSafeErasures(account)
        for (const { type } of account.outbox.entries) {
          if (type === 'epoch-activated') seen.activated += 1
          if (type === 'circle-deleted') seen.deleted += 1
          if (type === 'change-delayed') seen.delayed += 1
          if (type === 'change-cancelled') seen.cancelled += 1
        }
        const { pending } = account.circle
        if (pending !== null && changeDueAt(account) === null && openRequests(account).length > 0)
          seen.blocked += 1
        world = { ...after, account: { ...account, outbox: EMPTY, revision: account.revision + 1 } }
      }
    }),
    { numRuns: process.env['HOLDFAST_TEST_ALL'] === '1' ? 2000 : 500, verbose: 1 },
  )
  // Sequences that never get anywhere would prove nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5)
})
