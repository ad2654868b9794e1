/**
 * What requesters, contacts and owners do in a recovery: real keys and real messages, through the use cases.
 */
import {
  type Confirmed,
  type IdentityKeys,
  type Recovered,
  type ReleaseView,
  Secret,
  type Signed,
  type Transcript,
  answerCodes,
  buildApproval,
  buildCompletion,
  buildRefusal,
  buildRequest,
  concludeCodes,
  confirmCode,
  identityFromSeed,
  makeRequester,
  openCodes,
  openRelease,
  publicHalf,
  revealCodes,
  signRelease,
  signVeto,
  startCodes,
  stateDevice,
  stateIdentity,
} from '@holdfast/client/protocol'
import type { Caller } from '../../src/use-cases/ports.ts'
import { type Friends, type Person, contactAt, offerTo, signIn } from './actors.ts'
import type { TestApp } from './test-app.ts'
import type { Ground, World } from './world.ts'

/** A new device that asks for recovery, signed in with its one-use key. */
export interface Requester {
  readonly account: string
  readonly recovery: string
  readonly keys: IdentityKeys
  readonly cause: 'lost' | 'stolen'
  /** After theft: what the account moves to. */
  readonly next: { readonly seed: Secret; readonly identity: IdentityKeys } | null
  readonly request: Signed
  readonly ticket: string
  readonly requestHash: string
  readonly coreHash: string
  readonly caller: Caller
}

export interface AskOptions {
  readonly app?: TestApp
  readonly cause?: 'lost' | 'stolen'
  readonly subject?: string
}

/** Everything that opening takes, not sent yet. */
export const requestFor = async (world: Ground, account: string, options: AskOptions = {}) => {
  const { app = world.app, cause = 'lost', subject = `subject of ${account}` } = options
  const { recovery, requester } = await makeRequester()
  const seed = Secret.random(32)
  const next = cause === 'stolen' ? { seed, identity: await identityFromSeed(seed) } : null
  const ticket = await app.ticket('recover', account, publicHalf(requester), { sub: subject })
  const nextIdentity = next === null ? null : publicHalf(next.identity)
  const built = await buildRequest({
    app: app.app,
    account,
    recovery,
    requester,
    cause,
    nextIdentity,
    ticket,
  })
  const { request, requestHash } = built
  return { recovery, requester, cause, next, requestHash, body: { ticket, message: request } }
}

export const ask = async (world: Ground, account: string, options: AskOptions = {}): Promise<Requester> => {
  const { body, requester: keys, ...rest } = await requestFor(world, account, options)
  const { coreHash } = await world.call('openRecovery', { body })
  const { recovery } = rest
  const caller = await signIn(world, { account, recovery, seed: keys.signing.seed })
  const { ticket, message: request } = body
  return { ...rest, account, keys, ticket, request, coreHash, caller }
}

export const transcriptFor = ({ built }: Friends, asked: Requester, slot: number): Transcript => ({
  requestHash: asked.requestHash,
  coreHash: built.coreHash,
  slot,
  checkKey: built.core.slots[slot - 1]?.checkKey ?? '',
})

export interface Compared {
  readonly byContact: Confirmed
  readonly byRequester: Confirmed
}

/** Contact and requester compare codes: start, answer, reveal, outcome. */
export const compare = async (
  world: Ground,
  friends: Friends,
  asked: Requester,
  slot: number,
  attempt = 1,
): Promise<Compared> => {
  const { identity, caller } = contactAt(friends, slot)
  const owner = friends.owner.account
  const transcript = transcriptFor(friends, asked, slot)
  const place = { recovery: asked.recovery, slot, attempt }
  const { message: start, contactNonce, commitment } = await startCodes({ ...place, transcript, identity })
  await world.call('startSession', { caller, body: { owner, message: start } })
  const answered = await answerCodes({ ...place, commitment, requester: asked.keys })
  await world.call('answerSession', { caller: asked.caller, body: { message: answered.message } })
  const revealed = await revealCodes({
    ...place,
    transcript,
    contactNonce,
    requesterSigning: publicHalf(asked.keys).signing,
    answer: answered.message,
    identity,
  })
  await world.call('revealSession', { caller, body: { owner, message: revealed.message } })
  const { requesterNonce } = answered
  const codes = openCodes({ transcript, commitment, contactNonce, requesterNonce })
  const byContact = confirmCode({ transcript, typed: codes.first, code: revealed.codes.first })
  const byRequester = confirmCode({ transcript, typed: revealed.codes.second, code: codes.second })
  const { message } = await concludeCodes({ ...place, matched: true, identity })
  await world.call('concludeSession', { caller, body: { owner, message } })
  return { byContact, byRequester }
}

export interface AnswerOptions {
  readonly sequence?: number
  readonly stolen?: boolean
}

/** The body of `decide` for an approval. The codes are taken as compared. */
export const approvalOf = async (
  world: Ground,
  friends: Friends,
  asked: Requester,
  slot: number,
  { sequence = 1, stolen = false }: AnswerOptions = {},
) => {
  const contact = contactAt(friends, slot)
  const { pin, view } = await offerTo(world, contact, friends.owner, { stage: 'active' })
  return buildApproval({
    pin,
    request: asked.request,
    account: contact.account,
    identity: contact.identity,
    sequence,
    confirmed: transcriptFor(friends, asked, slot),
    sealed: view.sealed,
    stolen,
  })
}

/** Compares codes and approves; what the requester has confirmed by it. */
export const approve = async (
  world: Ground,
  friends: Friends,
  asked: Requester,
  slot: number,
  options: AnswerOptions = {},
): Promise<Confirmed> => {
  const { byRequester } = await compare(world, friends, asked, slot)
  const body = await approvalOf(world, friends, asked, slot, options)
  await world.call('decide', { caller: contactAt(friends, slot).caller, body })
  return byRequester
}

/** The body of `decide` for a decline or an alarm, without a proof, as from a contact who cannot open the share. */
export const refusalOf = async (
  world: Ground,
  friends: Friends,
  asked: Requester,
  slot: number,
  decision: 'decline' | 'alarm',
  sequence = 1,
) => {
  const { account, identity } = contactAt(friends, slot)
  const { pin } = await offerTo(world, contactAt(friends, slot), friends.owner, { stage: 'active' })
  return buildRefusal({ pin, request: asked.request, account, identity, sequence, decision, checkKey: null })
}

export const refuse = async (
  world: Ground,
  friends: Friends,
  asked: Requester,
  slot: number,
  decision: 'decline' | 'alarm',
  sequence = 1,
): Promise<void> => {
  const body = await refusalOf(world, friends, asked, slot, decision, sequence)
  await world.call('decide', { caller: contactAt(friends, slot).caller, body })
}

/** The body of `veto`, signed by the identity key, or by another seed. */
export const vetoOf = (
  { account, identity }: Person,
  recovery: string,
  options: { readonly by?: 'identity' | 'veto-key'; readonly seed?: Secret } = {},
): Promise<{ readonly message: Signed }> =>
  signVeto({ account, recovery, by: options.by ?? 'identity', seed: options.seed ?? identity.signing.seed })

export const pullOf = ({ account, recovery, keys }: Requester): Promise<{ readonly message: Signed }> =>
  signRelease({ account, recovery, requester: keys })

export const pull = async (world: Ground, asked: Requester): Promise<ReleaseView> =>
  world.call('pullRelease', { caller: asked.caller, body: await pullOf(asked) })

export const open = (
  asked: Requester,
  release: ReleaseView,
  confirmed: readonly Confirmed[],
): Promise<Recovered> =>
  openRelease({ release, requester: asked.keys, requestHash: asked.requestHash, confirmed })

/** The body of `completeRecovery`, and the device that it registers. */
export const completionOf = async (world: Ground, asked: Requester, recovered: IdentityKeys) => {
  const { account, recovery, keys, coreHash, next } = asked
  const deviceSeed = Secret.random(32)
  const identity = next?.identity ?? recovered
  const { device, statement } = await stateDevice({
    account,
    deviceSeed,
    identity,
    registeredAt: world.now(),
  })
  const completion = await buildCompletion({
    account,
    recovery,
    coreHash,
    requester: keys,
    identity: recovered,
    next: next?.identity ?? null,
    device,
  })
  const stated =
    next === null
      ? null
      : await stateIdentity({ app: world.app.app, account, identity: next.identity, statedAt: world.now() })
  return { deviceSeed, device, body: { completion, device: statement, identity: stated } }
}

/** A request that these slots approved, after codes were compared; what the requester confirmed. */
export const askApproved = async (
  world: Ground,
  friends: Friends,
  slots: readonly number[],
  options: AskOptions & AnswerOptions = {},
): Promise<{ readonly asked: Requester; readonly confirmed: readonly Confirmed[] }> => {
  const asked = await ask(world, friends.owner.account, options)
  const confirmed: Confirmed[] = []
  for (const slot of slots) confirmed.push(await approve(world, friends, asked, slot, options))
  return { asked, confirmed }
}

/** One that was released as well: time passes by the waiting period. */
export const askReleased = async (
  world: World,
  friends: Friends,
  slots: readonly number[],
  options: AskOptions & AnswerOptions = {},
) => {
  const approved = await askApproved(world, friends, slots, options)
  world.advance(friends.built.core.policy.waitingSeconds * 1000)
  return { ...approved, release: await pull(world, approved.asked) }
}
