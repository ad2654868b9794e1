/**
 * Every cell of one state. Those that are refused, or that only look, come first and all together: after them nothing may have
 * changed. Those that are allowed follow one by one, each on a scene that the ones before have left in its state.
 */
import { type ErrorCode, OPERATIONS, OPERATION_NAMES, type OperationName } from '@holdfast/client/protocol'
import { ATTEMPTS } from './attempts.ts'
import type { Bystanders } from './people.ts'
import { outcomeOf, type Place, type Seen } from './place.ts'
import { type Role, ROLES, type Who, whoIs } from './roles.ts'
import { type Cell, expectedOf } from './rules.ts'
import { openScene, type Scene, type State } from './scenes.ts'

export interface Mismatch {
  readonly cell: string
  readonly expected: string
  readonly found: string
}

export interface Played {
  readonly cells: number
  /** Requests for which a scene had to be made anew, left out here. */
  readonly left: number
  readonly mismatches: readonly Mismatch[]
  /** What each refusal looked like, wherever it came from. */
  readonly looks: ReadonlyMap<ErrorCode, ReadonlySet<string>>
}

interface One {
  readonly name: OperationName
  readonly role: Role
  readonly expected: Cell
}

/** In this order: what an earlier one leaves behind does not matter to a later one, unless {@link SPENDS} says so. */
const ORDER: readonly OperationName[] = [
  'createInvitation',
  'answerInvitation',
  'openRecovery',
  'startSession',
  'answerSession',
  'revealSession',
  'concludeSession',
  'decide',
  'acceptShare',
  'declineShare',
  'countersignChange',
  'pullRelease',
  'deleteCircle',
  'cancelChange',
  'proposeEpoch',
  'completeRecovery',
  'cancelRecovery',
  'veto',
  'revokeDevice',
]
/** What there is once in a scene, and who uses it up. */
const SPENDS: { readonly [N in OperationName]?: 'offer' | 'request' | 'change' | 'device' } = {
  acceptShare: 'offer',
  declineShare: 'offer',
  pullRelease: 'request',
  completeRecovery: 'request',
  cancelRecovery: 'request',
  veto: 'request',
  deleteCircle: 'change',
  cancelChange: 'change',
  proposeEpoch: 'change',
  revokeDevice: 'device',
}

const cellsOf = (state: State): readonly One[] =>
  OPERATION_NAMES.flatMap((name) =>
    ROLES.map((role) => ({ name, role, expected: expectedOf(name, OPERATIONS[name].caller, role, state) })),
  )

/** Neither changes anything nor is meant to. */
const isQuiet = ({ name, expected }: One): boolean =>
  (expected !== 'ok' && expected !== 'own') ||
  OPERATIONS[name].method === 'GET' ||
  name === 'createChallenge' ||
  name === 'createSession'

const isAbout = ({ owner, request }: Scene, text: string): boolean =>
  text.includes(owner.account) || text.includes(request.recovery)

const foundIn = (scene: Scene, { name, expected }: One, seen: Seen): string => {
  const outcome = outcomeOf(seen)
  if (outcome !== 'ok') return outcome
  // What is sent says whom it is about, and the answer does not; what is read shows whom it is about.
  if (OPERATIONS[name].method === 'POST') return expected === 'own' ? 'own' : 'ok'
  return isAbout(scene, seen.text) ? 'ok' : 'own'
}

export interface PlayOptions {
  /** Also cells that need a scene of their own, which takes most of the time. */
  readonly full: boolean
}

export const playState = async (
  place: Place,
  bystanders: Bystanders,
  state: State,
  { full }: PlayOptions,
): Promise<Played> => {
  let scene = await openScene(place, state)
  const mismatches: Mismatch[] = []
  const looks = new Map<ErrorCode, Set<string>>()
  const people = new Map<Role, Who>()
  const meet = async (): Promise<void> => {
    for (const role of ROLES) people.set(role, await whoIs(place, scene, bystanders, role))
  }
  const ask = async (one: One): Promise<string> => {
    const who = people.get(one.role) as Who
    const sent = await ATTEMPTS[one.name](place, scene, who)
    const seen = await place.send(one.name, sent, await who.token(OPERATIONS[one.name].caller))
    const outcome = outcomeOf(seen)
    if (outcome !== 'ok') {
      const look = JSON.stringify(seen)
      looks.set(outcome, (looks.get(outcome) ?? new Set()).add(look))
    }
    return foundIn(scene, one, seen)
  }
  const judge = async (one: One): Promise<void> => {
    const found = await ask(one)
    const cell = `${one.name} by ${one.role} when ${state}`
    if (found !== one.expected) mismatches.push({ cell, expected: one.expected, found })
  }
  const revisions = async (): Promise<readonly number[]> => {
    const everyone = [
      scene.owner,
      scene.removed,
      ...scene.contacts,
      bystanders.otherOwner,
      bystanders.foreigner,
    ]
    return Promise.all(everyone.map(({ account }) => place.revision(account)))
  }

  await meet()
  const cells = cellsOf(state)
  const quiet = cells.filter(isQuiet)
  const before = await revisions()
  for (let from = 0; from < quiet.length; from += 16)
    await Promise.all(quiet.slice(from, from + 16).map(judge))
  const after = await revisions()
  if (JSON.stringify(after) !== JSON.stringify(before))
    mismatches.push({
      cell: `all that is refused when ${state}`,
      expected: String(before),
      found: String(after),
    })

  const spent = new Set<string>()
  let left = 0
  const loud = ORDER.flatMap((name) => cells.filter((one) => one.name === name && !isQuiet(one)))
  for (const one of loud) {
    const spends = SPENDS[one.name]
    if (spends !== undefined && spent.has(spends)) {
      if (!full) {
        left += 1
        continue
      }
      scene = await openScene(place, state)
      await meet()
      spent.clear()
    }
    const revision = await place.revision(scene.owner.account)
    await judge(one)
    const isSame = (await place.revision(scene.owner.account)) === revision
    if (spends !== undefined && !isSame) spent.add(spends)
  }
  return { cells: cells.length - left, left, mismatches, looks }
}
