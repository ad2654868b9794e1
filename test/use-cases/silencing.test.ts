/** Whoever holds the phone for an hour can neither silence its owner for good nor make the service flood somebody. */
import { type HoldfastError } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MOST_AHEAD, MOST_FORMER, MOST_STATEMENTS } from '../../src/domain/destinations.ts'
import { MOST_ALIKE } from '../../src/domain/told-held.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { tellPeople } from '../../src/use-cases/tell-people.ts'
import { newFriends, newPerson, type Person, signIn } from '../support/actors.ts'
import { state, subscription } from '../support/destinations.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { ask, askReleased, completionOf, open } from '../support/recoveries.ts'
import { DOWN, SENT, tellingsIn } from '../support/told.ts'
import { DAY, HOUR, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
const { postedTo, read, pass } = tellingsIn(() => world)

/** The events that came to a mail address since the first `from`, by telling. */
const mailedTo = (address: string, from = 0) =>
  world.posted
    .slice(from)
    .filter(({ to }) => to.channel === 'mail' && to.address === address)
    .map(({ telling }) => telling.items.map(({ event }) => event))
const told = async (mail: string): Promise<Person> => {
  const person = await newPerson(world)
  await state(world, person, { mail })
  await world.work()
  return person
}

test('no statement uses up the numbers', async () => {
  const person = await told('ada@example.org')
  const far = { mail: 'thief@evil.example' }
  for (const sequence of [1_000_000_000, 2 + MOST_AHEAD])
    await expectOutcome('setDestinations', state(world, person, { ...far, sequence }), 'malformed')
  await state(world, person, { ...far, sequence: 1 + MOST_AHEAD })
  await state(world, person, { sequence: 2 + MOST_AHEAD, mail: 'ada@example.org' })
})

test('after a recovery for theft the next identity counts anew, and what the thief used up is given back', async () => {
  const friends = await newFriends(world)
  const { owner } = friends
  for (let sequence = 1; sequence <= MOST_STATEMENTS; sequence += 1)
    await state(world, owner, { sequence: sequence * MOST_AHEAD, mail: `thief${sequence}@evil.example` })
  const { asked, confirmed, release } = await askReleased(world, friends, [1, 2], { cause: 'stolen' })
  const { identity } = await open(asked, release, confirmed)
  const { body, deviceSeed } = await completionOf(world, asked, identity)
  await world.call('completeRecovery', { caller: asked.caller, body })
  const next = asked.next!
  const caller = await signIn(world, { account: owner.account, recovery: null, seed: deviceSeed })
  const moved = { ...owner, caller, seed: next.seed, identity: next.identity }
  const view = await read(moved)
  expect(view.sequence).toBe(0)
  expect(view.statement, 'whoever the old identity named is told, and it can be seen').not.toBe(null)
  const said = JSON.parse(view.statement!.body) as { mail: string }
  expect(said.mail).toBe(`thief${MOST_STATEMENTS}@evil.example`)
  await state(world, moved, { mail: 'ada@example.org' })
  await world.work()
  const from = world.posted.length
  await ask(world, owner.account)
  await world.work()
  expect(postedTo(owner, from).map(({ to }) => to.channel === 'mail' && to.address)).toEqual([
    'ada@example.org',
  ])
})

test('what was done just before the destinations were changed is told at the old place too', async () => {
  const person = await told('ada-old@example.org')
  const from = world.posted.length
  await ask(world, person.account)
  await state(world, person, { sequence: 2, mail: 'thief-new@evil.example' })
  await world.work()
  expect(mailedTo('ada-old@example.org', from)).toEqual([['recovery-opened', 'destinations-changed']])
  expect(mailedTo('thief-new@evil.example', from)).toEqual([['recovery-opened'], ['destinations-changed']])
  const { notices } = await read(person)
  const opened = notices.filter(({ event }) => event === 'recovery-opened')
  expect(opened, 'it is one notice, whichever ways it went').toHaveLength(1)
  expect(opened[0]?.ways).toHaveLength(2)
})

test(`nothing keeps an owner from dropping a place; of more than ${MOST_FORMER} that cannot be told, the oldest are kept`, async () => {
  const person = await told('first@example.org')
  world.answerPosts(() => DOWN)
  for (let sequence = 2; sequence <= 2 * MOST_FORMER; sequence += 1) {
    await state(world, person, { sequence, mail: `thief${sequence}@evil.example` })
    await world.work()
  }
  await state(world, person, { sequence: 2 * MOST_FORMER + 1, mail: 'first@home.example' })
  const { former } = (await world.deps.records.load(person.account))!.account.reach!
  expect(former).toHaveLength(MOST_FORMER)
  expect(former[0]?.sequence).toBe(1)
  world.answerPosts(() => SENT)
  const from = world.posted.length
  await pass(6 * HOUR)
  expect(mailedTo('first@example.org', from)).toEqual([['destinations-changed']])
  expect(mailedTo('first@home.example', from).length).toBeGreaterThan(0)
  expect(mailedTo('thief5@evil.example', from), 'given up').toEqual([])
  const last = (await world.deps.records.load(person.account))!.account.reach!
  expect(last.former, 'an address that was told is kept no longer').toEqual([])
})

test('what is owed to dropped places goes on in one mail, however much it is, and the record does not grow', async () => {
  const person = await newPerson(world)
  const push = [subscription(1)]
  world.answerPosts(({ to }) => (to.channel === 'push' ? DOWN : SENT))
  await state(world, person, { push })
  for (let count = 0; count < 40; count += 1) {
    await ask(world, person.account)
    await world.work()
  }
  const sizes: number[] = []
  for (let sequence = 2; sequence <= MOST_STATEMENTS; sequence += 1) {
    const from = world.posted.length
    const fresh = Array.from({ length: 8 }, (_, index) => subscription(sequence * 10 + index))
    await state(world, person, { sequence, push: fresh, mail: `victim${sequence}@example.org` })
    await world.work()
    expect(mailedTo(`victim${sequence}@example.org`, from).length).toBeLessThanOrEqual(2)
    const { reach } = (await world.deps.records.load(person.account))!.account
    sizes.push(JSON.stringify(reach).length)
  }
  expect(sizes.at(-1)).toBeLessThan(1.2 * (sizes[10] ?? 0))
  world.answerPosts(() => SENT)
})

test(`${MOST_STATEMENTS} statements a day, and no address is flooded by what its owner does`, async () => {
  const person = await told('victim@example.org')
  const from = world.posted.length
  const language = (sequence: number) => (sequence % 2 === 0 ? 'de' : 'en')
  const again = (sequence: number) =>
    state(world, person, { sequence, mail: 'victim@example.org', language: language(sequence) })
  for (let sequence = 2; sequence <= MOST_STATEMENTS; sequence += 1) {
    await again(sequence)
    await world.work()
  }
  const refusal = await expectOutcome('setDestinations', again(MOST_STATEMENTS + 1), 'limit_reached')
  expect((refusal as HoldfastError).retryAfterMs).toBe(DAY)
  expect(mailedTo('victim@example.org', from)).toHaveLength(MOST_ALIKE - 1)
  const waiting = (await read(person)).notices.filter(({ state: is }) => is === 'queued')
  expect(waiting, 'and what waits can be seen').toHaveLength(MOST_STATEMENTS - MOST_ALIKE)
  world.advance(HOUR)
  await world.work()
  const late = mailedTo('victim@example.org', from).slice(MOST_ALIKE - 1)
  expect(late.map((events) => events.length)).toEqual([MOST_STATEMENTS - MOST_ALIKE])
  world.advance(DAY)
  await again(MOST_STATEMENTS + 1)
})

test('a log of notices that cannot be written silences nobody, and nobody is told twice for it', async () => {
  const person = await told('full@example.org')
  const from = world.posted.length
  await ask(world, person.account)
  const notices = { deliver: async () => Promise.reject(new Error('no space')) }
  const tellings: Promise<void>[] = []
  const tell = (account: string): void => void tellings.push(tellPeople(world.deps)(account))
  const relay = relayOutbox({ ...world.deps, notices }, tell)
  for (let count = 0; count < 3; count += 1) {
    await expect(relay(person.account)).rejects.toThrow('no space')
    await Promise.all(tellings)
  }
  expect(mailedTo('full@example.org', from)).toEqual([['recovery-opened']])
  const { outbox } = (await world.deps.records.load(person.account))!.account
  expect(
    outbox.notices.map(({ event }) => event),
    'it is still owed to the log',
  ).toEqual(['recovery-opened'])
  await world.work()
  expect(mailedTo('full@example.org', from)).toEqual([['recovery-opened']])
  expect((await read(person)).notices.filter(({ event }) => event === 'recovery-opened')).toHaveLength(1)
})
