/**
 * The states that an account and a request on it can be in, each reached as people reach it: by what they send.
 */
import {
  type BuiltEpoch,
  type CheckKey,
  type SharePin,
  type Signed,
  answerCodes,
  concludeCodes,
  publicHalf,
  revealCodes,
  signCancel,
  signDeletion,
  startCodes,
} from '@holdfast/client/protocol'
import { type Friends, type Person, accept, contactAt, offerTo } from '../../support/actors.ts'
import {
  type Requester,
  approvalOf,
  approve,
  ask,
  pull,
  refuse,
  vetoOf,
  completionOf,
} from '../../support/recoveries.ts'
import { type Household, newHousehold, openCircle, propose } from './people.ts'
import type { Place } from './place.ts'

export const STATES = [
  'noCircle',
  'pending',
  'active',
  'changing',
  'deleting',
  'collecting',
  'waiting',
  'contested',
  'resumed',
  'releasable',
  'released',
  'completed',
  'vetoed',
  'cancelled',
  'declined',
  'expired',
  'superseded',
] as const
export type State = (typeof STATES)[number]

/** What slot 1 and the requester said to each other, whether the service has heard it or not. */
export interface Talk {
  readonly start: Signed
  readonly answer: Signed
  readonly reveal: Signed
  readonly outcome: Signed
}

export interface Held {
  readonly pin: SharePin
  readonly checkKey: CheckKey
}

export interface Scene extends Household {
  readonly state: State
  /** The circle that is active, or was when the request was opened; null without one. */
  readonly circle: BuiltEpoch | null
  readonly pending: BuiltEpoch | null
  /** This request is in the state; `other` was opened on the same account and nobody has answered it. */
  readonly request: Requester
  readonly other: Requester
  readonly talk: Talk
  /** What the contact of this slot holds; slot 1 stands for all who hold nothing. */
  readonly held: (slot: number) => Held
  /** The approval that slot 1 has given; null if it has given none. */
  readonly approval: Awaited<ReturnType<typeof approvalOf>> | null
}

const NOWHERE = { coreHash: 'A'.repeat(43), checkKey: 'A'.repeat(43) }

/** Codes compared with slot 1, up to a step. */
const talkWith = async (
  place: Place,
  { contacts }: Household,
  request: Requester,
  circle: BuiltEpoch | null,
  upTo: 'nothing' | 'answer' | 'outcome',
): Promise<Talk> => {
  const { identity, caller } = contacts[0] as Person
  const { checkKey } = circle?.core.slots[0] ?? NOWHERE
  const { requestHash } = request
  const transcript = { requestHash, coreHash: circle?.coreHash ?? NOWHERE.coreHash, slot: 1, checkKey }
  const at = { recovery: request.recovery, slot: 1, attempt: 1 }
  const start = await startCodes({ ...at, transcript, identity })
  const answer = await answerCodes({ ...at, commitment: start.commitment, requester: request.keys })
  const { contactNonce } = start
  const requesterSigning = publicHalf(request.keys).signing
  const opened = { ...at, transcript, contactNonce, requesterSigning, answer: answer.message, identity }
  const reveal = await revealCodes(opened)
  const outcome = await concludeCodes({ ...at, matched: true, identity })
  const owner = request.account
  const say = (name: 'startSession' | 'revealSession' | 'concludeSession', message: Signed) =>
    place.call(name, { caller, body: { owner, message } })
  if (upTo !== 'nothing') {
    await say('startSession', start.message)
    await place.call('answerSession', { caller: request.caller, body: { message: answer.message } })
  }
  if (upTo === 'outcome') {
    await say('revealSession', reveal.message)
    await say('concludeSession', outcome.message)
  }
  return { start: start.message, answer: answer.message, reveal: reveal.message, outcome: outcome.message }
}

type Policy = NonNullable<Parameters<typeof openCircle>[2]>
/** Where a second passes quickly enough to be waited for. */
const POLICIES: Partial<Record<State, Policy>> = {
  contested: { stolenQuorum: 3 },
  resumed: { stolenQuorum: 3 },
  releasable: { waitingSeconds: 1 },
  released: { waitingSeconds: 1 },
  completed: { waitingSeconds: 1 },
  expired: { collectingSeconds: 1 },
}
const APPROVED: ReadonlySet<State> = new Set([
  'waiting',
  'contested',
  'resumed',
  'releasable',
  'released',
  'completed',
])

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 200 && !(await holds()); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
}

const stateOf = async (place: Place, { caller }: Person, { recovery }: Requester): Promise<string> => {
  const { recoveries } = await place.call('readAccount', { caller })
  return recoveries.find((one) => one.recovery === recovery)?.state ?? 'unknown'
}

/** What happens to the request after two contacts have approved it, or instead. */
const ENDINGS: Partial<
  Record<State, (place: Place, friends: Friends, request: Requester) => Promise<unknown>>
> = {
  async contested(place, { owner }, { recovery }) {
    await place.call('veto', { body: await vetoOf(owner, recovery) })
  },
  async resumed(place, friends, request) {
    const { owner } = friends
    await place.call('veto', { body: await vetoOf(owner, request.recovery) })
    await approve(place, friends, request, 3, { stolen: true })
  },
  releasable: (place, { owner }, request) =>
    until(async () => (await stateOf(place, owner, request)) === 'releasable'),
  async released(place, friends, request) {
    await ENDINGS.releasable?.(place, friends, request)
    await pull(place, request)
  },
  async completed(place, friends, request) {
    await ENDINGS.released?.(place, friends, request)
    const { body } = await completionOf(place, request, friends.owner.identity)
    await place.call('completeRecovery', { caller: request.caller, body })
  },
  async vetoed(place, { owner }, { recovery }) {
    await place.call('veto', { body: await vetoOf(owner, recovery) })
  },
  async cancelled(place, _, { account, recovery, keys, caller }) {
    const body = await signCancel({ account, recovery, requester: keys })
    await place.call('cancelRecovery', { caller, body })
  },
  async declined(place, friends, request) {
    for (const slot of [1, 2, 3, 4]) await refuse(place, friends, request, slot, 'decline')
  },
  expired: (place, { owner }) =>
    until(async () => {
      const { recoveries } = await place.call('readAccount', { caller: owner.caller })
      return recoveries.every(({ endedAt }) => endedAt !== null)
    }),
  async superseded(place, { owner }) {
    for (let count = 0; count < 2; count += 1) await ask(place, owner.account)
  },
}

const stolen = (state: State): boolean => state === 'resumed'

/** An account and a request of its own in this state, and everybody around them. */
export const openScene = async (place: Place, state: State): Promise<Scene> => {
  const household = await newHousehold(place)
  const { owner, contacts } = household
  if (state === 'noCircle' || state === 'pending') {
    const options = { vetoKey: household.vetoKey.publicKey, policy: { acceptances: 3 } }
    const pending = state === 'pending' ? await propose(place, owner, contacts, options) : null
    if (pending !== null) await accept(place, contacts[0] as Person, owner)
    const held = await heldBy(place, household, pending)
    const request = await ask(place, owner.account)
    const talk = await talkWith(place, household, request, null, 'nothing')
    const other = await ask(place, owner.account)
    return { ...household, state, circle: null, pending, request, other, talk, held, approval: null }
  }
  const circle = await openCircle(place, household, POLICIES[state])
  const held = await heldBy(place, household, circle.built)
  const request = await ask(place, owner.account)
  const upTo = APPROVED.has(state) ? 'outcome' : state === 'collecting' ? 'answer' : 'nothing'
  const talk = await talkWith(place, household, request, circle.built, upTo)
  const approval = APPROVED.has(state)
    ? await approvalOf(place, circle, request, 1, { stolen: stolen(state) })
    : null
  if (approval !== null) {
    await place.call('decide', { caller: contactAt(circle, 1).caller, body: approval })
    await approve(place, circle, request, 2, { stolen: stolen(state) })
  }
  const other = await ask(place, owner.account)
  const pending = state === 'changing' ? await propose(place, owner, contacts) : null
  if (state === 'deleting') await askDeletion(place, owner, circle.built)
  await ENDINGS[state]?.(place, circle, request)
  return { ...household, state, circle: circle.built, pending, request, other, talk, held, approval }
}

const askDeletion = async (place: Place, owner: Person, { core, coreHash }: BuiltEpoch): Promise<void> => {
  const body = await signDeletion({ ...owner, circle: core.circle, epoch: core.epoch, coreHash })
  await place.call('deleteCircle', { caller: owner.caller, body })
}

/** Opens what each contact was handed. Without a circle: a pin of the right form that nobody ever had. */
const heldBy = async (
  place: Place,
  { owner, contacts }: Household,
  circle: BuiltEpoch | null,
): Promise<Scene['held']> => {
  if (circle === null) return () => NOTHING_HELD(owner)
  const all = await Promise.all(contacts.map((friend) => offerTo(place, friend, owner)))
  return (slot) => all[slot - 1] as Held
}

const NOTHING_HELD = ({ account, identity }: Person): Held => ({
  pin: {
    owner: account,
    ownerIdentity: publicHalf(identity),
    circle: 'A'.repeat(22),
    epoch: 9,
    slot: 1,
    x: 1,
    entry: NOWHERE.coreHash,
    ...NOWHERE,
  },
  checkKey: identity.signing,
})
