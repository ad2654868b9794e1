/** Opening a request, and comparing codes. */
import {
  answerCodes,
  buildRequest,
  type Json,
  publicHalf,
  revealCodes,
  Secret,
  type SignedType,
  signMessage,
  startCodes,
  startDigits,
  concludeCodes,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contactAt, newFriends, newId, newPerson, type Person } from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { ask, compare, pull, requestFor, transcriptFor, vetoOf } from '../support/recoveries.ts'
import { DAY, HOUR, type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const resigned = async (
  person: Person,
  type: SignedType,
  text: string,
  changes: Readonly<Record<string, Json>>,
) => {
  const body = { ...(JSON.parse(text) as Record<string, Json>), ...changes }
  return signMessage(type, body, person.identity.signing.seed)
}
type OpenBody = Awaited<ReturnType<typeof requestFor>>['body']
const openWith = (body: OpenBody) => world.call('openRecovery', { body })

test('a request needs a ticket of that app, for that account, for these keys, not used before', async () => {
  const { owner } = await newFriends(world)
  const { account } = owner
  const made = await requestFor(world, account)
  const { requester, recovery, body } = made
  const keys = publicHalf(requester)
  const withTicket = async (ticket: string) => {
    const plan = { app: 'letters', account, recovery, requester, cause: 'lost', nextIdentity: null } as const
    const { request } = await buildRequest({ ...plan, ticket })
    return { ticket, message: request }
  }
  const expired = { exp: Math.floor(world.now() / 1000) - 60 }
  for (const ticket of [
    await world.app.ticket('register', account, keys),
    await world.app.ticket('recover', newId(), keys),
    await world.app.ticket('recover', account, publicHalf(owner.identity)),
    await world.app.ticket('recover', account, keys, expired),
    await world.otherApp.ticket('recover', account, keys),
    await world.otherApp.ticket('recover', account, keys, { iss: 'letters' }),
    'nothing',
  ])
    await expectOutcome('openRecovery', openWith(await withTicket(ticket)), 'ticket_rejected')
  // Of another app, which vouches for an account that is not its own.
  const abroad = await requestFor(world, account, { app: world.otherApp })
  await expectOutcome('openRecovery', openWith(abroad.body), 'ticket_rejected')
  // Another ticket than the one that the request was signed for.
  const swapped = { ...body, ticket: await world.app.ticket('recover', account, keys) }
  await expectOutcome('openRecovery', openWith(swapped), 'ticket_rejected')
  await expectOutcome('openRecovery', openWith(body), 'ok')
  const again = await buildRequest({
    app: 'letters',
    account,
    recovery: newId(),
    requester,
    cause: 'lost',
    nextIdentity: null,
    ticket: body.ticket,
  })
  await expectOutcome('openRecovery', openWith({ ...body, message: again.request }), 'ticket_rejected')
  expect((await world.deps.records.load(account))?.account.recoveries).toHaveLength(1)
})

test('a request is whole, and signed by the keys that it names', async () => {
  const { owner } = await newFriends(world)
  const { body, requester } = await requestFor(world, owner.account)
  const sign = async (changes: Readonly<Record<string, Json>>, seed = requester.signing.seed) => {
    const said = JSON.parse(body.message.body) as Record<string, Json>
    return { ...body, message: await signMessage('recovery', { ...said, ...changes }, seed) }
  }
  await expectOutcome('openRecovery', openWith(await sign({}, Secret.random(32))), 'signature_rejected')
  await expectOutcome('openRecovery', openWith(await sign({ cause: 'stolen' })), 'malformed')
  await expectOutcome('openRecovery', openWith(await sign({ more: 1 })), 'malformed')
  const zero = 'A'.repeat(43)
  const weak = await sign({ requester: { signing: publicHalf(requester).signing, sealing: zero } })
  await expectOutcome('openRecovery', openWith(weak), 'key_rejected')
  const next = { signing: publicHalf(requester).signing, sealing: zero }
  await expectOutcome(
    'openRecovery',
    openWith(await sign({ cause: 'stolen', nextIdentity: next })),
    'key_rejected',
  )
})

/** The answer without what differs from request to request anyway. */
const shape = ({ recovery: _recovery, coreHash, ...view }: Awaited<ReturnType<typeof openWith>>) => ({
  ...view,
  coreHash: coreHash.length,
})

test('an unknown account, one without a circle and one with a circle answer alike, now and later', async () => {
  const fortnight = { policy: { collectingSeconds: 14 * 24 * 3600 } }
  const known = await newFriends(world, fortnight)
  const bare = await newPerson(world)
  const accounts = [known.owner.account, bare.account, newId()]
  const asked = await Promise.all(accounts.map((account) => ask(world, account)))
  const read = () => Promise.all(asked.map(({ caller }) => world.call('readRecovery', { caller })))
  const same = async () => {
    const [first, ...others] = (await read()).map(shape)
    for (const other of others) expect(other).toEqual(first)
    return first
  }
  expect(await same()).toMatchObject({ state: 'collecting', answers: 0, earliestAt: null })
  for (const one of asked) await expectOutcome('pullRelease', pull(world, one), 'not_releasable')
  // The core hash that is shown is always the same for one account.
  const again = await ask(world, accounts[2] as string)
  expect(again.coreHash).toBe(asked[2]?.coreHash)
  world.advance(14 * DAY - 1)
  expect(await same()).toMatchObject({ state: 'collecting' })
  world.advance(1)
  expect(await same()).toMatchObject({ state: 'ended' })
  for (const one of asked) await expectOutcome('pullRelease', pull(world, one), 'recovery_ended')
})

test('at most three requests are open; a vouched one stays, and a fourth takes the place of another', async () => {
  const friends = await newFriends(world)
  const { account } = friends.owner
  const first = await ask(world, account)
  await compare(world, friends, first, 1)
  const second = await ask(world, account)
  const third = await ask(world, account)
  await ask(world, account)
  const states = async () =>
    (await world.call('readAccount', { caller: friends.owner.caller })).recoveries.map(({ state }) => state)
  expect(await states()).toEqual(['collecting', 'superseded', 'collecting', 'collecting'])
  await compare(world, friends, third, 2)
  const fourth = (await world.deps.records.load(account))?.account.recoveries.at(-1)
  expect(fourth?.recovery).not.toBe(second.recovery)
  const last = await ask(world, account)
  await compare(world, friends, last, 3)
  const { body } = await requestFor(world, account)
  await expectOutcome('openRecovery', openWith(body), 'too_many_open')
  // An account that nobody has registered counts and evicts in the same way.
  const ghost = newId()
  const decoys = await Promise.all([1, 2, 3].map(() => ask(world, ghost)))
  await ask(world, ghost)
  const evicted = await Promise.all(decoys.map(({ caller }) => world.call('readRecovery', { caller })))
  expect(evicted.filter(({ state }) => state === 'ended')).toHaveLength(1)
})

test('after a veto, whoever asks again waits, the account for a day at most', async () => {
  const { owner } = await newFriends(world)
  const { account } = owner
  const subject = 'thief'
  let expectedMs = HOUR
  for (let count = 1; count <= 6; count += 1) {
    const asked = await ask(world, account, { subject: `${subject} ${count}` })
    await world.call('veto', { body: await vetoOf(owner, asked.recovery) })
    const other = await requestFor(world, account, { subject: 'owner' })
    const refusal = await expectOutcome('openRecovery', openWith(other.body), 'backing_off')
    expect(refusal.retryAfterMs).toBe(expectedMs)
    world.advance(expectedMs)
    expectedMs = Math.min(24 * HOUR, expectedMs * 2)
  }
  // The thief waits longer than the owner does.
  const again = await requestFor(world, account, { subject: `${subject} 6` })
  await expectOutcome('openRecovery', openWith(again.body), 'ok')
})

test('codes are compared step by step, by the two whom it concerns', async () => {
  const friends = await newFriends(world)
  const owner = friends.owner.account
  const asked = await ask(world, owner)
  const [one, two] = [contactAt(friends, 1), contactAt(friends, 2)]
  const stranger = await newPerson(world)
  const abroad = await newPerson(world, { app: world.otherApp })
  const place = { recovery: asked.recovery, slot: 1, attempt: 1 }
  const transcript = transcriptFor(friends, asked, 1)
  const started = await startCodes({ ...place, transcript, identity: one.identity })
  const start = (person: Person, message = started.message, of = owner) =>
    world.call('startSession', { caller: person.caller, body: { owner: of, message } })
  await expectOutcome('startSession', start(two), 'signature_rejected')
  for (const person of [two, stranger, abroad])
    await expectOutcome(
      'startSession',
      start(person, await resigned(person, 'session-start', started.message.body, {})),
      'not_found',
    )
  const message = await resigned(one, 'session-start', started.message.body, { recovery: newId() })
  await expectOutcome('startSession', start(one, message), 'not_found')
  await expectOutcome('startSession', start(one, started.message, newId()), 'not_found')
  const ahead = await resigned(one, 'session-start', started.message.body, { attempt: 2 })
  await expectOutcome('startSession', start(one, ahead), 'session_conflict')
  const mode = await resigned(one, 'session-start', started.message.body, { mode: 'none' })
  await expectOutcome('startSession', start(one, mode), 'malformed')

  const answered = await answerCodes({ ...place, commitment: started.commitment, requester: asked.keys })
  const other = await ask(world, owner)
  const answer = (by = asked, sent = answered.message) =>
    world.call('answerSession', { caller: by.caller, body: { message: sent } })
  await expectOutcome('answerSession', answer(), 'session_conflict')
  await expectOutcome('startSession', start(one), 'ok')
  await expectOutcome('answerSession', answer(other), 'signature_rejected')
  const forged = await answerCodes({ ...place, commitment: started.commitment, requester: other.keys })
  await expectOutcome('answerSession', answer(other, forged.message), 'signature_rejected')
  await expectOutcome('answerSession', answer(), 'ok')

  const reveal = await revealCodes({
    ...place,
    transcript,
    contactNonce: started.contactNonce,
    requesterSigning: publicHalf(asked.keys).signing,
    answer: answered.message,
    identity: one.identity,
  })
  const show = (person: Person, sent = reveal.message, of = owner) =>
    world.call('revealSession', { caller: person.caller, body: { owner: of, message: sent } })
  const { message: outcome } = await concludeCodes({ ...place, matched: true, identity: one.identity })
  const conclude = (person: Person, sent = outcome, of = owner) =>
    world.call('concludeSession', { caller: person.caller, body: { owner: of, message: sent } })
  await expectOutcome('concludeSession', conclude(one), 'session_conflict')
  await expectOutcome('revealSession', show(two), 'signature_rejected')
  await expectOutcome('revealSession', show(one, reveal.message, newId()), 'not_found')
  await expectOutcome('concludeSession', conclude(two), 'signature_rejected')
  await expectOutcome('concludeSession', conclude(one, outcome, newId()), 'not_found')
  const unlike = await resigned(one, 'session-reveal', reveal.message.body, { attempt: 2 })
  await expectOutcome('revealSession', show(one, unlike), 'session_conflict')
  await expectOutcome('revealSession', show(one), 'ok')
  const { sessions } = await world.call('readRecovery', { caller: asked.caller })
  expect(sessions).toMatchObject([{ slot: 1, step: 'revealed', contactNonce: started.contactNonce }])
  const { recoveries } = await expectOutcome('concludeSession', conclude(one), 'ok')
  expect(recoveries.map(({ session }) => session?.step)).toEqual(['matched', undefined])

  await world.call('veto', { body: await vetoOf(friends.owner, asked.recovery) })
  await expectOutcome('answerSession', answer(), 'recovery_ended')
  await expectOutcome('startSession', start(one, ahead), 'recovery_ended')
  await expectOutcome('revealSession', show(one, unlike), 'recovery_ended')
  const differed = await resigned(one, 'session-outcome', outcome.body, { matched: false })
  await expectOutcome('concludeSession', conclude(one, differed), 'recovery_ended')
})

test('a slot has three attempts', async () => {
  const friends = await newFriends(world)
  const owner = friends.owner.account
  const asked = await ask(world, owner)
  const { identity, caller } = contactAt(friends, 1)
  const start = async (attempt: number) => {
    const { message } = await startDigits({ recovery: asked.recovery, slot: 1, attempt, identity })
    return { owner, message }
  }
  for (const attempt of [1, 2, 3]) {
    await world.call('startSession', { caller, body: await start(attempt) })
    const place = { recovery: asked.recovery, slot: 1, attempt }
    const { message } = await concludeCodes({ ...place, matched: false, identity })
    await world.call('concludeSession', { caller, body: { owner, message } })
  }
  const more = world.call('startSession', { caller, body: { owner, message: (await start(1)).message } })
  await expectOutcome('startSession', more, 'codes_exhausted')
  const { sessions } = await world.call('readRecovery', { caller: asked.caller })
  expect(sessions).toMatchObject([{ slot: 1, attempt: 3, step: 'differed' }])
})
