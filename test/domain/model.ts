/**
 * What an account's requests and circle must do, said a second time and in another way than the service says it: a request is
 * the list of what happened to it, and every number is worked out from that list when it is asked for. Shares no code with
 * the service.
 */
import { closedUntil, shortHold } from './model-back-off.ts'
import { expiresAt, lapsesAt, quorumSince, ripeAt } from './model-instants.ts'

export { closedUntil, expiresAt, lapsesAt, quorumSince, ripeAt, shortHold }

export interface Rules {
  readonly contacts: number
  readonly threshold: number
  /** How many statements of theft beat a veto; null where no number does. */
  readonly stolenQuorum: number | null
  readonly waiting: number
  readonly collecting: number
  readonly decoyCollecting: number
  readonly contest: number
  readonly cooling: number
  readonly delay: number
  readonly backOff: number
}

type Says = 'approve' | 'decline' | 'alarm'

export interface Claim {
  /** The epoch that it is for; 0 for none. */
  readonly epoch: number
  readonly openedAt: number
  readonly subject: string
  readonly next: string | null
  /** In order. `moved`: the contact approved another request. */
  readonly facts: { at: number; slot: number; says: Says | 'moved'; stolen: boolean }[]
  /** Outcomes of comparing codes, by slot. */
  readonly comparisons: Map<number, { at: number; agree: boolean }[]>
  contestUntil: number | null
  beatenAt: number | null
  releasedAt: number | null
  restoredAt: number | null
  end: { at: number; how: string } | null
}

export interface Change {
  readonly epoch: number | null
  readonly proposedAt: number
  coolsAt: number
  accepted: boolean
  delayed: boolean
}

export interface Model {
  readonly rules: Rules
  now: number
  readonly claims: Claim[]
  strikes: { at: number; subject: string; byKey: boolean }[]
  active: number | null
  change: Change | null
  highestEpoch: number
  /** Whether the next epoch cools although none is active. */
  mustCool: boolean
  /** Names of the identities that the account has or had. */
  readonly identities: Set<string>
}

export type Outcome = string

const last = <T>(items: readonly T[]): T | undefined => items[items.length - 1]
const isOpen = (claim: Claim): boolean => claim.end === null
export const openOf = (model: Model): Claim[] => model.claims.filter(isOpen)

/** What each contact says at last. */
const standing = (claim: Claim): Claim['facts'] => {
  const slots = [...new Set(claim.facts.map(({ slot }) => slot))]
  return slots.map((slot) => last(claim.facts.filter((fact) => fact.slot === slot))!)
}
export const approving = (claim: Claim): Claim['facts'] =>
  standing(claim).filter(({ says }) => says === 'approve')
const statedTheft = (claim: Claim): number => approving(claim).filter(({ stolen }) => stolen).length
/** Ended for so long that nobody keeps it. */
export const isForgotten = ({ end }: Claim, { now }: Model): boolean =>
  end !== null && end.at + 14 * 24 * 3_600_000 <= now

export const stateOf = (claim: Claim, { rules, now }: Model): string => {
  if (claim.end !== null) return claim.end.how
  if (claim.releasedAt !== null) return 'released'
  if (claim.contestUntil !== null) return 'contested'
  const ripe = ripeAt(claim, rules)
  if (ripe === null) return 'collecting'
  return now < ripe ? 'waiting' : 'releasable'
}

const end = (model: Model, claim: Claim, how: string, at = model.now, byKey = false): void => {
  if (how === 'vetoed' || claim.contestUntil !== null)
    model.strikes.push({ at, subject: claim.subject, byKey })
  claim.contestUntil = null
  claim.end = { at, how }
}

const beat = (model: Model, claim: Claim): void => {
  claim.beatenAt = model.now
  claim.contestUntil = null
  model.strikes = []
  model.change = null
}

const supersede = (model: Model, claims: readonly Claim[]): void => {
  for (const claim of claims) end(model, claim, 'superseded')
}

/** What time alone has brought by now. */
export const pass = (model: Model): void => {
  const { now, rules } = model
  const contests = openOf(model).filter(({ contestUntil }) => contestUntil !== null && contestUntil <= now)
  for (const claim of contests.toSorted((a, b) => a.contestUntil! - b.contestUntil!))
    end(model, claim, 'vetoed', claim.contestUntil!)
  for (const claim of openOf(model))
    if (stateOf(claim, model) === 'collecting' && expiresAt(claim, rules) <= now)
      end(
        model,
        claim,
        'expired',
        Math.max(expiresAt(claim, rules), last(claim.facts)?.at ?? 0, claim.restoredAt ?? 0),
      )
  for (const claim of openOf(model)) {
    const over = lapsesAt(claim, rules)
    if (claim.contestUntil === null && over <= now) end(model, claim, 'expired', over)
  }
  passChange(model)
}

const passChange = (model: Model): void => {
  const { change, now, rules } = model
  if (change === null || !change.accepted) return
  const concerned = openOf(model).filter(({ epoch }) => epoch !== 0 && epoch === model.active)
  if (concerned.some((claim) => approving(claim).length > 0)) return
  if (change.coolsAt > now) return
  if (concerned.length > 0 && !change.delayed) {
    change.delayed = true
    change.coolsAt = now + rules.delay
    return
  }
  supersede(model, concerned)
  model.active = change.epoch
  model.mustCool = change.epoch === null
  model.change = null
}

/** For each contact the one request that it spoke for last, by voice or by approval. */
const heldBy = (model: Model): (Claim | undefined)[] =>
  Array.from({ length: model.rules.contacts }, (_, index) => {
    const words = openOf(model).flatMap((claim) => {
      const compared = last(claim.comparisons.get(index + 1) ?? [])
      const approved = approving(claim).find(({ slot }) => slot === index + 1)
      const instants = [
        ...(compared?.agree === true ? [compared.at] : []),
        ...(approved ? [approved.at] : []),
      ]
      return instants.map((at) => ({ claim, at }))
    })
    return last(words.toSorted((a, b) => a.at - b.at))?.claim
  })

export const open = (model: Model, subject: string, next: string | null): Outcome => {
  const theft = next !== null && model.active !== null && model.rules.stolenQuorum !== null
  const closed = Math.max(closedUntil(model, null, theft), closedUntil(model, subject, theft))
  if (model.now < (theft ? Math.max(closed, shortHold(model)) : closed)) return 'backing_off'
  if (openOf(model).length === 3) {
    const held = heldBy(model)
    const victim = openOf(model).find((claim) => claim.releasedAt === null && !held.includes(claim))
    if (victim === undefined) return 'too_many_open'
    end(model, victim, 'superseded')
  }
  model.claims.push({
    epoch: model.active ?? 0,
    openedAt: model.now,
    subject,
    next,
    facts: [],
    comparisons: new Map(),
    contestUntil: null,
    beatenAt: null,
    releasedAt: null,
    restoredAt: null,
    end: null,
  })
  return 'changed'
}

/** Whether this contact may speak about the request at all; null if it may. */
const hearing = (model: Model, claim: Claim, slot: number): Outcome | null => {
  const isContact = claim.epoch !== 0 && claim.epoch === model.active && slot <= model.rules.contacts
  if (isOpen(claim)) return isContact ? null : 'not_found'
  return isContact || claim.facts.some((fact) => fact.slot === slot) ? 'recovery_ended' : 'not_found'
}

export const compare = (model: Model, claim: Claim, slot: number, agree: boolean): Outcome => {
  const refusal = hearing(model, claim, slot)
  if (refusal !== null) return refusal
  const outcomes = claim.comparisons.get(slot) ?? []
  if (outcomes.length === 3) return 'codes_exhausted'
  claim.comparisons.set(slot, [...outcomes, { at: model.now, agree }])
  return 'changed'
}

export const mayApprove = (claim: Claim, slot: number): boolean =>
  last(claim.comparisons.get(slot) ?? [])?.agree === true

export const answer = (model: Model, claim: Claim, slot: number, says: Says, stolen: boolean): Outcome => {
  const refusal = hearing(model, claim, slot)
  if (refusal !== null) return refusal
  if (says === 'approve' && !mayApprove(claim, slot)) return 'approval_rejected'
  const isApproving = approving(claim).some((fact) => fact.slot === slot)
  if (claim.releasedAt !== null && (says !== 'approve' || isApproving)) return 'not_collecting'
  claim.facts.push({ at: model.now, slot, says, stolen })
  if (says === 'approve')
    for (const other of openOf(model))
      if (other !== claim && approving(other).some((fact) => fact.slot === slot))
        other.facts.push({ at: model.now, slot, says: 'moved', stolen: false })
  const { contacts, threshold, stolenQuorum } = model.rules
  const declined = standing(claim).filter((fact) => fact.says === 'decline').length
  if (claim.releasedAt === null && contacts - declined < threshold) end(model, claim, 'declined')
  const isBeaten = stolenQuorum !== null && statedTheft(claim) >= stolenQuorum
  if (claim.contestUntil !== null && says === 'approve' && isBeaten) beat(model, claim)
  return 'changed'
}

/** The same words once more: `latest`, or some that were said before them. */
export const repeat = (model: Model, claim: Claim, slot: number, says: Says, latest: boolean): Outcome => {
  const moved = last(claim.facts.filter((fact) => fact.slot === slot))?.says === 'moved'
  if (latest && !moved) return 'unchanged'
  const refusal = hearing(model, claim, slot)
  if (refusal !== null) return refusal
  return says === 'approve' && !mayApprove(claim, slot) ? 'approval_rejected' : 'sequence_rejected'
}

export const veto = (model: Model, claim: Claim, byKey: boolean): Outcome => {
  if (byKey && claim.epoch === 0) return 'signature_rejected'
  if (claim.end !== null) return claim.end.how === 'vetoed' ? 'unchanged' : 'recovery_ended'
  if (claim.releasedAt !== null) return 'veto_too_late'
  const { stolenQuorum, contest } = model.rules
  if (byKey || claim.epoch === 0 || stolenQuorum === null) end(model, claim, 'vetoed', model.now, byKey)
  else if (claim.beatenAt !== null) return 'veto_overruled'
  else if (claim.contestUntil !== null) return 'unchanged'
  else if (statedTheft(claim) >= stolenQuorum) beat(model, claim)
  else claim.contestUntil = model.now + contest
  return 'changed'
}

export const cancel = (model: Model, claim: Claim): Outcome => {
  if (claim.end !== null) return claim.end.how === 'cancelled' ? 'unchanged' : 'recovery_ended'
  end(model, claim, 'cancelled')
  return 'changed'
}

export const pull = (model: Model, claim: Claim): Outcome => {
  const state = stateOf(claim, model)
  if (claim.end !== null) return state === 'completed' ? 'already_completed' : 'recovery_ended'
  if (state === 'released') return 'unchanged'
  if (state !== 'releasable') return 'not_releasable'
  claim.releasedAt = model.now
  return 'changed'
}

export const complete = (model: Model, claim: Claim): Outcome => {
  if (claim.end !== null) return claim.end.how === 'completed' ? 'already_completed' : 'recovery_ended'
  if (claim.releasedAt === null) return 'not_released'
  if (claim.next !== null && model.identities.has(claim.next)) return 'malformed'
  if (claim.next !== null) model.identities.add(claim.next)
  end(model, claim, 'completed')
  supersede(model, openOf(model))
  Object.assign(model, { strikes: [], active: null, change: null, mustCool: false })
  return 'changed'
}
