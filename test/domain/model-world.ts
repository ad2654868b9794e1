/**
 * The real domain beside the model, the way the use cases drive it: settle, decide, commit.
 */
import { contacts, HOUR, idOf, protectedOwner, relayed, T0, VETO_KEY } from '../support/circles.ts'
import { DAY, REQUESTER, NEXT_IDENTITY, RULES } from '../support/requests.ts'
import type { Account, Recovery } from '../../src/domain/account.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { restarted } from '../../src/domain/restart.ts'
import { settle } from '../../src/domain/settle.ts'
import { restore as restoreModel } from './model-changes.ts'
import * as says from './model.ts'
import { type Claim, closedUntil, expiresAt, type Model, pass, quorumSince, stateOf } from './model.ts'
import { type Framed, outsideFrame } from './model-frames.ts'

/** A way in which the domain and the model may part. The first five have names because nobody may ever see them. */
export type Fault = 'early' | 'after a veto' | 'under threshold' | 'lost' | 'twice' | 'frame' | 'divergence'

export class Parted extends Error {
  readonly fault: Fault
  constructor(fault: Fault, what: string) {
    super(`${fault}: ${what}`)
    this.fault = fault
  }
}

export interface World {
  real: Account
  readonly model: Model
  /** How often what was seen: outcomes, and steps of the state machine. */
  readonly seen: Map<string, number>
  /** Words that contacts said, to be replayed: by claim and slot, oldest first. */
  readonly said: Map<string, unknown[]>
}

/** The next identities that a theft may name. */
export const NEXT = { x: NEXT_IDENTITY, y: REQUESTER } as const
export const nameOf = (claim: number): string => `claim ${claim}`

const ids: string[] = []
export const idOfClaim = (claim: number): string => (ids[claim] ??= idOf(nameOf(claim)))

export const SHAPES = [
  [2, 2, null],
  [3, 2, 3],
  [3, 3, null],
  [4, 2, 3],
  [4, 3, 4],
  [5, 2, 4],
  [5, 3, null],
  [5, 3, 4],
  [5, 4, 5],
] as const
const PERIODS = [
  { waiting: 72 * HOUR, collecting: 7 * DAY },
  { waiting: 24 * HOUR, collecting: 20 * HOUR },
] as const

/** The shape of a circle: what `proposed` of the circles' tests takes. */
export const shapeOf = ({ contacts: count, threshold, stolenQuorum, ...rules }: Model['rules']) => ({
  contacts: contacts(count),
  vetoKey: VETO_KEY,
  policy: {
    threshold,
    stolenQuorum,
    acceptances: count,
    waitingSeconds: rules.waiting / 1000,
    coolingSeconds: rules.cooling / 1000,
    collectingSeconds: rules.collecting / 1000,
  },
})

/** Every kind of circle that the sequences begin with, made once. */
const beginnings = SHAPES.flatMap(([count, threshold, stolenQuorum]) =>
  PERIODS.map(({ waiting, collecting }) => {
    const rules: Model['rules'] = {
      contacts: count,
      threshold,
      stolenQuorum,
      waiting,
      collecting,
      decoyCollecting: 14 * DAY,
      contest: RULES.contestSeconds * 1000,
      cooling: 48 * HOUR,
      delay: RULES.delaySeconds * 1000,
      backOff: RULES.backOffSeconds * 1000,
    }
    return { rules, account: protectedOwner(shapeOf(rules)) }
  }),
)
export const BEGINNINGS = beginnings.length

export const worldOf = (beginning: number, seen: Map<string, number>): World => {
  const { rules, account } = beginnings[beginning % BEGINNINGS]!
  const model: Model = {
    rules,
    now: T0,
    claims: [],
    strikes: [],
    active: 1,
    change: null,
    highestEpoch: 1,
    mustCool: false,
    identities: new Set(),
  }
  return { real: account, model, seen, said: new Map() }
}

export const count = ({ seen }: World, what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)

/** Notes each step of the state machine; what a command does to other requests than its own has a name too. */
const noteSteps = (world: World, after: Account, command: Framed, target: string | null): void => {
  for (const before of world.real.recoveries) {
    const next = after.recoveries.find((one) => one.recovery === before.recovery)
    if (next === undefined || next === before) continue
    const isTarget = before.recovery === target
    const how = isTarget ? command : next.state === 'superseded' ? 'supersede' : command
    const name = !isTarget && how === 'approve' ? 'displace' : how
    // Time may have brought two of them at one look: nobody looked in between.
    const isBoth = name === 'pass' && before.state === 'waiting' && next.state === 'expired'
    if (isBoth) count(world, 'step waiting pass releasable')
    count(world, `step ${isBoth ? 'releasable' : before.state} ${name} ${next.state}`)
  }
}

const commit = (world: World, next: Account, command: Framed, target: string | null): void => {
  const outside = outsideFrame(world.real, next, command, target)
  if (outside.length > 0) throw new Parted('frame', `${command} changed ${outside.join(', ')}`)
  noteSteps(world, next, command, target)
  world.real = relayed(next)
}

/** Writes down what time has brought, on both sides. A second look, or one on behalf of the past, brings nothing. */
export const bringUpToDate = (world: World): void => {
  const { model, real } = world
  pass(model)
  const { account, notBefore } = settle(real, model.now, RULES)
  if (notBefore !== null && notBefore > model.now) throw new Parted('early', `settled for ${notBefore}`)
  if (account === real) return
  commit(world, account, 'pass', null)
  if (settle(world.real, model.now, RULES).account !== world.real)
    throw new Parted('twice', 'time passed twice')
}

/** As if the records had been copied now and put back at once. A second look at them changes nothing more. */
export const restore = (world: World): void => {
  const { model, real } = world
  restoreModel(model)
  const account = restarted(real, model.now)
  if (account !== real) commit(world, account, 'restore', null)
  if (restarted(world.real, model.now) !== world.real) throw new Parted('twice', 'restored twice')
  bringUpToDate(world)
}

/** One decision beside what the model says of it. */
export const act = (
  world: World,
  command: Framed,
  target: string | null,
  expected: string,
  decision: Decision<unknown>,
  faultOf: (got: string) => Fault = () => 'divergence',
): void => {
  const got = decision.kind === 'refused' ? decision.code : decision.kind
  count(world, `${command} ${got}`)
  if (got !== expected)
    throw new Parted(faultOf(got), `${command} of ${target}: ${got} where the model says ${expected}`)
  if (decision.kind !== 'changed') return
  const { now } = world.model
  const { notBefore = 0, notAfter = Infinity, next } = decision
  if (now < notBefore || now >= notAfter)
    throw new Parted('divergence', `${command} outside its own condition`)
  commit(world, next, command, target)
  bringUpToDate(world)
}

const same = (what: string, got: unknown, expected: unknown): void => {
  if (got !== expected) throw new Parted('divergence', `${what}: ${got} where the model has ${expected}`)
}

const sameRequest = (claim: Claim, recovery: Recovery, model: Model, name: string): void => {
  const { rules } = model
  same(`${name} state`, recovery.state, stateOf(claim, model))
  same(`${name} endedAt`, recovery.endedAt, claim.end?.at ?? null)
  same(`${name} overridden`, recovery.overriddenAt, claim.beatenAt)
  same(`${name} contestedUntil`, recovery.contestedUntil, claim.contestUntil)
  same(`${name} releasedAt`, recovery.releasedAt, claim.releasedAt)
  same(`${name} expiresAt`, recovery.expiresAt, expiresAt(claim, rules))
  if (claim.end !== null || claim.releasedAt !== null) return
  const since = quorumSince(claim, rules)
  // Since when it waits: with a release that is held back again, earlier comings and goings do not count.
  const from = (quorumAt: number | null): number | null =>
    quorumAt && Math.max(quorumAt, claim.restoredAt ?? 0)
  same(`${name} quorumAt`, from(recovery.quorumAt), from(since))
}

/** Everything that the model knows, looked up in the account. */
export const compareAll = ({ real, model }: World): void => {
  const recoveries = new Map(real.recoveries.map((one) => [one.recovery, one]))
  model.claims.forEach((claim, index) => {
    const recovery = recoveries.get(idOfClaim(index))
    if (says.isForgotten(claim, model)) same(`${nameOf(index)} forgotten`, recovery, undefined)
    else if (recovery !== undefined) sameRequest(claim, recovery, model, nameOf(index))
    else if (claim.end === null) throw new Parted('lost', nameOf(index))
  })
  const { active, pending, deletion, highestEpoch } = real.circle
  const { change } = model
  same('active epoch', active?.epoch ?? null, model.active)
  same('highest epoch', highestEpoch, model.highestEpoch)
  same('pending epoch', pending?.epoch ?? null, change?.epoch ?? null)
  same('pending deletion', deletion !== null, change !== null && change.epoch === null)
  const coolsAt = (deletion ?? pending)?.coolsAt ?? null
  same('cooling', coolsAt, change === null || change.coolsAt === -Infinity ? null : change.coolsAt)
  same('back-off', real.backOff.account.until, closedUntil(model, null))
  for (const { subject, until } of real.backOff.subjects) same('subject', until, closedUntil(model, subject))
  const { theft } = real.backOff
  same('short hold', theft.until, says.shortHold(model))
  same('back-off by key', theft.account.until, closedUntil(model, null, true))
  for (const { subject, until } of theft.subjects) same('key', until, closedUntil(model, subject, true))
}
