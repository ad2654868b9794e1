/**
 * Plays one command on both sides and compares what came of it.
 */
import { type ContactAnswer, answerRequest } from '../../src/domain/recovery-answers.ts'
import { completeRecovery } from '../../src/domain/recovery-completion.ts'
import { openRecovery } from '../../src/domain/recovery-opening.ts'
import { releaseRecovery } from '../../src/domain/recovery-release.ts'
import { concludeSession, startSession } from '../../src/domain/recovery-sessions.ts'
import { cancelRecovery, vetoRecovery } from '../../src/domain/recovery-veto.ts'
import { settle } from '../../src/domain/settle.ts'
import { contact, hash32, signedText } from '../support/circles.ts'
import { answer, completion, opening, RULES } from '../support/requests.ts'
import * as says from './model.ts'
import { changeCircle } from './model-circle.ts'
import type { ModelCommand } from './model-commands.ts'
import {
  act,
  bringUpToDate,
  compareAll,
  count,
  type Fault,
  idOfClaim,
  nameOf,
  NEXT,
  Parted,
  restore,
  type World,
} from './model-world.ts'

type Of<K extends ModelCommand['kind']> = Extract<ModelCommand, { readonly kind: K }>

const openOne = (world: World, { subject, theft, next }: Of<'open'>): void => {
  const { model, real } = world
  const index = model.claims.length
  const named = theft ? (['x', 'y'] as const)[next]! : null
  const request = opening(real, nameOf(index), {
    body: { cause: theft ? 'stolen' : 'lost', nextIdentity: named && NEXT[named] },
    opening: { subject: hash32(`subject ${subject}`), ticketExpiresAt: model.now + 600_000 },
  })
  const expected = says.open(model, request.subject, named)
  act(world, 'open', null, expected, openRecovery(real, request, model.now, RULES))
}

/** The very same message is no second request; its ticket in another message is no ticket. */
const openAgain = (world: World, index: number, how: 'message' | 'ticket'): void => {
  const { real, model } = world
  const known = real.recoveries.find(({ recovery }) => recovery === idOfClaim(index))
  if (known === undefined) return
  if (how === 'message') {
    act(world, 'open', null, 'unchanged', openRecovery(real, opening(real, nameOf(index)), model.now, RULES))
    return
  }
  const ticketHash = hash32(`ticket ${nameOf(index)}`)
  if (!real.tickets.some(({ hash }) => hash === ticketHash)) return
  const request = opening(real, 'another', { body: { ticketHash }, opening: { ticketHash } })
  act(world, 'open', null, 'ticket_rejected', openRecovery(real, request, model.now, RULES))
}

const compareCodes = (world: World, index: number, slot: number, agree: boolean): void => {
  const { model, real } = world
  const claim = model.claims[index]!
  const attempt = Math.min(3, (claim.comparisons.get(slot)?.length ?? 0) + 1)
  const expected = says.compare(model, claim, slot, agree)
  const session = { recovery: idOfClaim(index), slot, attempt }
  const start = { ...session, mode: 'digits' as const }
  const said = { message: signedText({ ...start, revision: real.revision }), contact: contact(slot) }
  act(world, 'compare', session.recovery, expected, startSession(real, { body: start, ...said }, model.now))
  if (expected !== 'changed') return
  const outcome = { body: { ...session, matched: agree }, ...said }
  act(world, 'compare', session.recovery, 'changed', concludeSession(world.real, outcome, model.now))
}

const respond = (
  world: World,
  index: number,
  slot: number,
  decision: Of<'answer'>['says'],
  stolen: boolean,
  properly: boolean,
): void => {
  const { model } = world
  const claim = model.claims[index]!
  const isKnown = world.real.recoveries.some(({ recovery }) => recovery === idOfClaim(index))
  if (!isKnown) return
  if (properly && decision === 'approve' && !says.mayApprove(claim, slot))
    compareCodes(world, index, slot, true)
  const key = `${index} ${slot}`
  const words = (world.said.get(key) ?? []) as ContactAnswer[]
  const said = answer(world.real, slot, decision, nameOf(index), { stolen })
  const expected = says.answer(model, claim, slot, decision, stolen)
  if (expected === 'changed') world.said.set(key, [...words, said])
  act(world, decision, idOfClaim(index), expected, answerRequest(world.real, said, model.now, RULES))
}

const replay = (world: World, index: number, slot: number, latest: boolean): void => {
  const { model, real, said } = world
  const words = (said.get(`${index} ${slot}`) ?? []) as ContactAnswer[]
  const old = latest ? words.at(-1) : words.at(-2)
  if (old === undefined || !real.recoveries.some(({ recovery }) => recovery === idOfClaim(index))) return
  const { decision } = old.body
  const expected = says.repeat(model, model.claims[index]!, slot, decision, latest)
  act(world, decision, idOfClaim(index), expected, answerRequest(real, old, model.now, RULES))
}

/** What it would mean if the service gave out what the model holds back, or the other way round. */
const faultOfPull = (world: World, claim: says.Claim): ((got: string) => Fault) => {
  const { model } = world
  const wasVetoed = claim.end?.how === 'vetoed'
  const isEnough = says.approving(claim).length >= model.rules.threshold
  const isReleasable = says.stateOf(claim, model) === 'releasable'
  return (got) => {
    if (got !== 'changed') return isReleasable ? 'lost' : 'divergence'
    if (wasVetoed) return 'after a veto'
    return isEnough ? 'early' : 'under threshold'
  }
}

const pullOne = (world: World, index: number): void => {
  const { model, real } = world
  const claim = model.claims[index]!
  const fault = faultOfPull(world, claim)
  const before = says.stateOf(claim, model)
  const expected = says.pull(model, claim)
  const body = { account: real.id, recovery: idOfClaim(index) }
  const decision = releaseRecovery(real, { body }, model.now)
  count(world, `pull of ${before}`)
  act(world, 'release', body.recovery, expected, decision, fault)
  const held = decision.kind === 'changed' ? decision.notBefore : undefined
  if (held !== undefined && held !== says.ripeAt(claim, model.rules))
    throw new Parted('early', `the write holds from ${held}`)
}

const completeOne = (world: World, index: number): void => {
  const { model, real } = world
  const claim = model.claims[index]!
  if (!real.recoveries.some(({ recovery }) => recovery === idOfClaim(index))) return
  const wasCompleted = claim.end?.how === 'completed'
  const expected = says.complete(model, claim)
  const decision = completeRecovery(real, completion(real, nameOf(index)), model.now)
  act(world, 'complete', idOfClaim(index), expected, decision, (got) =>
    got === 'changed' && wasCompleted ? 'twice' : 'divergence',
  )
}

const stop = (world: World, index: number, byKey: boolean): void => {
  const { model, real } = world
  const expected = says.veto(model, model.claims[index]!, byKey)
  const recovery = idOfClaim(index)
  const body = { account: real.id, recovery, by: byKey ? ('veto-key' as const) : ('identity' as const) }
  act(world, byKey ? 'veto-key' : 'veto', recovery, expected, vetoRecovery(real, { body }, model.now, RULES))
}

const cancelOne = (world: World, index: number): void => {
  const { model, real } = world
  const expected = says.cancel(model, model.claims[index]!)
  const body = { account: real.id, recovery: idOfClaim(index) }
  act(world, 'cancel', body.recovery, expected, cancelRecovery(real, { body }, model.now, RULES))
}

/** Instants at which something may change, soonest first. */
const instants = ({ model }: World): readonly number[] => {
  const open = model.claims.filter((claim) => claim.end === null)
  const all = open.flatMap((claim) => [
    says.ripeAt(claim, model.rules) ?? says.expiresAt(claim, model.rules),
    claim.contestUntil ?? 0,
    says.lapsesAt(claim, model.rules),
  ])
  const others = [model.change?.coolsAt ?? 0, says.closedUntil(model, null)]
  return [...new Set([...all, ...others])]
    .filter((at) => at > model.now && at < Infinity)
    .toSorted((a, b) => a - b)
}

export const passTo = (world: World, instant: number): void => {
  world.model.now = Math.max(world.model.now, instant)
  bringUpToDate(world)
}

const strayJob = ({ real, model }: World, earlier: number): void => {
  for (const now of [model.now, model.now - earlier])
    if (settle(real, now, RULES).account !== real) throw new Parted('early', 'a stray job changed something')
}

const seeThrough = (world: World, index: number, until: Of<'see-through'>['until']): void => {
  const claim = world.model.claims[index]!
  if (says.stateOf(claim, world.model) === 'waiting') passTo(world, says.ripeAt(claim, world.model.rules)!)
  if (until !== 'releasable') pullOne(world, index)
  if (until === 'completed') completeOne(world, index)
}

const indexOf = ({ model }: World, claim: number): number | null => {
  const all = model.claims.map((_, index) => index)
  const open = all.filter((index) => model.claims[index]!.end === null)
  const among = claim < 8 && open.length > 0 ? open : all.slice(-5)
  return among.length === 0 ? null : among[claim % among.length]!
}

const slotOf = ({ model }: World, slot: number): number =>
  slot > 5 ? model.rules.contacts + 1 : ((slot - 1) % model.rules.contacts) + 1

const playOn = (world: World, index: number, command: ModelCommand): void => {
  if (says.isForgotten(world.model.claims[index]!, world.model)) return
  switch (command.kind) {
    case 'open-again':
      return openAgain(world, index, command.how)
    case 'compare':
      return compareCodes(world, index, command.slot, command.agree)
    case 'answer':
      return respond(world, index, command.slot, command.says, command.stolen, command.properly)
    case 'rally':
      for (const slot of command.slots.filter((one) => one <= world.model.rules.contacts))
        respond(world, index, slot, 'approve', command.stolen, true)
      return
    case 'see-through':
      return seeThrough(world, index, command.until)
    case 'replay':
      return replay(world, index, command.slot, command.latest)
    case 'veto':
      return stop(world, index, command.byKey)
    case 'cancel':
      return cancelOne(world, index)
    case 'pull':
      return pullOne(world, index)
    case 'complete':
      return completeOne(world, index)
    default:
  }
}

export const play = (world: World, command: ModelCommand): void => {
  const { model } = world
  switch (command.kind) {
    case 'open':
      openOne(world, command)
      break
    case 'propose':
    case 'accept':
    case 'delete':
    case 'withdraw':
      changeCircle(world, command.kind)
      break
    case 'pass':
      passTo(world, model.now + command.ms)
      break
    case 'pass-to':
      passTo(world, (instants(world)[command.which] ?? model.now) + command.offset)
      break
    case 'restore':
      restore(world)
      break
    case 'stray-job':
      strayJob(world, command.earlier)
      break
    default: {
      const index = indexOf(world, command.claim)
      const slot = 'slot' in command ? { slot: slotOf(world, command.slot) } : {}
      if (index !== null) playOn(world, index, { ...command, ...slot } as ModelCommand)
    }
  }
  compareAll(world)
}

/** Whatever waits with enough approvals is given its time: held back to the last millisecond, released at the next. */
export const finish = (world: World): void => {
  const { model } = world
  model.claims.forEach((claim, index) => {
    if (says.stateOf(claim, model) === 'waiting') {
      passTo(world, says.ripeAt(claim, model.rules)! - 1)
      if (says.stateOf(claim, model) !== 'waiting') return
      pullOne(world, index)
      passTo(world, model.now + 1)
    }
    if (says.stateOf(claim, model) !== 'releasable') return
    pullOne(world, index)
    count(world, 'waited to the end and was released')
    compareAll(world)
  })
}
