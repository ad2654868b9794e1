/** Where somebody is told: who may say so, what of it is kept, and who hears of a change. */
import {
  type DestinationsBody,
  publicHalf,
  readDestinations,
  Secret,
  signDestinations,
  signMessage,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KeyRing, atRestOf } from '../../src/store/key-ring.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { resealedDestinations } from '../../src/use-cases/reseal-destinations.ts'
import { tellPeople } from '../../src/use-cases/tell-people.ts'
import type { Deps } from '../../src/use-cases/use-cases.ts'
import { newPerson, type Person } from '../support/actors.ts'
import { NOWHERE, state, subscription } from '../support/destinations.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { ask } from '../support/recoveries.ts'
import { callWith, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const statement = ({ account, identity }: Person, said: Partial<DestinationsBody>) =>
  signDestinations({ ...NOWHERE, account, ...said }, identity)
const set = async (person: Person, said: Partial<DestinationsBody>) =>
  world.call('setDestinations', { caller: person.caller, body: await statement(person, said) })
const read = ({ caller }: Person) => world.call('readNotices', { caller })
const addresses = (from: number) =>
  world.posted.slice(from).map(({ to }) => (to.channel === 'mail' ? to.address : to.channel))

test('the identity key alone says where, and reads it back as it was signed', async () => {
  const person = await newPerson(world)
  const empty = await expectOutcome('readNotices', read(person), 'ok')
  expect(empty).toMatchObject({ sequence: 0, statement: null, offered: ['mail', 'push', 'webhook'] })
  const said = { mail: 'ada@example.org', push: [subscription(1)], webhook: true, language: 'de' }
  await expectOutcome('setDestinations', set(person, said), 'ok')
  const { statement: kept, sequence } = await read(person)
  expect(sequence).toBe(1)
  expect(kept).toEqual((await statement(person, said)).message)
  const key = publicHalf(person.identity).signing
  await expect(readDestinations(kept!, key)).resolves.toMatchObject(said)
})

test('whoever has stolen a session can neither silence the owner nor be told in their place', async () => {
  const [person, thief] = [await newPerson(world), await newPerson(world)]
  await set(person, { mail: 'ada@example.org' })
  const body = { ...NOWHERE, account: person.account, sequence: 2, mail: 'eve@example.org' }
  // The thief has the session and a key of its own; or repeats an older statement of the owner's, or one about something else.
  const forged = { caller: person.caller, body: await signDestinations(body, thief.identity) }
  await expectOutcome('setDestinations', world.call('setDestinations', forged), 'signature_rejected')
  await set(person, { sequence: 2, mail: 'ada@home.example' })
  await expectOutcome('setDestinations', set(person, { mail: 'ada@example.org' }), 'statement_outdated')
  const other = await signMessage('device', body, person.identity.signing.seed)
  await expectOutcome(
    'setDestinations',
    world.call('setDestinations', { caller: person.caller, body: { message: other } }),
    'signature_rejected',
  )
  expect((await read(person)).sequence).toBe(2)
  await world.work()
  expect(world.posted.some(({ to }) => to.channel === 'mail' && to.address === 'eve@example.org')).toBe(false)
})

test('another’s account, an endpoint twice and a mail address with a line end are refused', async () => {
  const [person, other] = [await newPerson(world), await newPerson(world)]
  await expectOutcome('setDestinations', set(person, { account: other.account }), 'signature_rejected')
  const twice = [subscription(1), subscription(1)]
  await expectOutcome('setDestinations', set(person, { push: twice }), 'malformed')
  await expectOutcome('setDestinations', set(person, { mail: 'ada@example.org\r\nBcc: x@y.zz' }), 'malformed')
  expect((await read(person)).statement).toBe(null)
})

test('the old place hears of the new one; what stays is told once', async () => {
  const person = await newPerson(world)
  await set(person, { mail: 'old@example.org', push: [subscription(1)] })
  await world.work()
  const from = world.posted.length
  await set(person, { sequence: 2, mail: 'new@example.org', push: [subscription(1)], language: 'fr' })
  await world.work()
  expect(addresses(from).toSorted()).toEqual(['new@example.org', 'old@example.org', 'push'])
  for (const { telling } of world.posted.slice(from))
    expect(telling).toMatchObject({ role: 'owner', items: [{ event: 'destinations-changed' }] })
  const languages = world.posted.slice(from).map(({ telling }) => telling.language)
  expect(languages.toSorted(), 'each in the language that was stated with it').toEqual(['en', 'fr', 'fr'])
  const loaded = await world.deps.records.load(person.account)
  expect(loaded?.account.reach?.former, 'an address that was told is kept no longer').toEqual([])
})

test('what a dead address never got goes to the new one', async () => {
  const person = await newPerson(world)
  await set(person, { mail: 'dead@example.org' })
  world.answerPosts(() => ({ state: 'failed', reason: 'unreachable', again: true }))
  await world.work()
  world.answerPosts(() => ({ state: 'sent' }))
  const from = world.posted.length
  await set(person, { sequence: 2, mail: 'alive@example.org' })
  await world.work()
  const toAlive = world.posted
    .slice(from)
    .filter(({ to }) => to.channel === 'mail' && to.address === 'alive@example.org')
  expect(toAlive.map(({ telling }) => telling.items.map(({ event }) => event))).toEqual([
    ['device-registered', 'destinations-changed'],
    ['destinations-changed'],
  ])
})

test('records show no address, and nothing to check a guess by', async () => {
  const person = await newPerson(world)
  const body = await statement(person, {
    mail: 'ada@secret.example',
    push: [subscription(77)],
    webhook: true,
  })
  await world.call('setDestinations', { caller: person.caller, body })
  await world.work()
  const stored = JSON.stringify((await world.deps.records.load(person.account))?.account)
  for (const text of [
    'secret.example',
    'push.example.net',
    body.message.signature,
    btoa('ada@secret.example'),
  ])
    expect(stored).not.toContain(text)
  expect(JSON.stringify(world.delivered)).not.toContain('secret.example')
})

test('a subscription that is gone is used no more, until it is stated anew', async () => {
  const person = await newPerson(world)
  const push = [subscription(1), subscription(2)]
  await set(person, { push })
  await world.work()
  const opened = async (): Promise<readonly string[]> => {
    const from = world.posted.length
    await ask(world, person.account)
    await world.work()
    return world.posted.slice(from).flatMap(({ to }) => (to.channel === 'push' ? to.endpoint.slice(-1) : []))
  }
  world.answerPosts(({ to }) =>
    to.channel === 'push' && to.endpoint.endsWith('/1')
      ? { state: 'failed', reason: 'gone', again: false }
      : { state: 'sent' },
  )
  expect((await opened()).toSorted()).toEqual(['1', '2'])
  const ways = (await read(person)).notices.at(-1)?.ways
  expect(ways?.map(({ state: on, reason }) => [on, reason])).toEqual([
    ['failed', 'gone'],
    ['sent', null],
  ])
  expect(await opened()).toEqual(['2'])
  world.answerPosts(() => ({ state: 'sent' }))
  await set(person, { sequence: 2, push })
  await world.work()
  expect((await opened()).toSorted()).toEqual(['1', '2'])
})

test('a webhook alone, and nobody to be told', async () => {
  const [person, silent] = [await newPerson(world), await newPerson(world)]
  await state(world, person, { webhook: true })
  await world.work()
  expect(world.posted.at(-1)).toMatchObject({
    to: { channel: 'webhook' },
    telling: { recipient: person.account, app: person.app.app, items: [{ account: person.account }] },
  })
  const { notices } = await read(silent)
  expect(notices.map(({ event, state: is }) => [event, is])).toEqual([['device-registered', 'unaddressed']])
})

test('another key seals: statements follow, and one whose key is lost keeps nobody from making the next', async () => {
  const person = await newPerson(world)
  const [old, fresh] = [Secret.random(32), Secret.random(32)]
  const under = (...keys: readonly Secret[]): Deps => ({ ...world.deps, atRest: atRestOf(new KeyRing(keys)) })
  const body = await statement(person, { mail: 'ada@example.org' })
  await callWith(under(old), 'setDestinations', { caller: person.caller, body })
  const both = under(fresh, old)
  const { account: before } = (await world.deps.records.load(person.account))!
  const after = resealedDestinations(both.atRest)(before)
  expect(after).not.toBe(before)
  expect(resealedDestinations(both.atRest)(after)).toBe(after)
  expect(resealedDestinations(under(fresh).atRest)(before), 'what cannot be opened stays as it is').toBe(
    before,
  )
  await world.deps.records.commit(after, { ifRevision: before.revision })
  const { statement: kept } = await callWith(under(fresh), 'readNotices', { caller: person.caller })
  expect(kept).toEqual(body.message)

  const lost = under(Secret.random(32))
  await relayOutbox(lost)(person.account)
  const from = world.posted.length
  const unreadable: string[] = []
  const onUnreadable = (...of: readonly string[]): void => void unreadable.push(of.join(' '))
  await tellPeople({ ...lost, onUnreadable })(person.account)
  expect(world.posted.length, 'nobody knows where').toBe(from)
  // Two things there were to say.
  const tries = [1, 2].map(() => `${person.account} mail`)
  expect(unreadable, 'and that is said').toEqual(tries)
  expect(await callWith(lost, 'readNotices', { caller: person.caller })).toMatchObject({
    sequence: 1,
    statement: null,
  })
  await callWith(lost, 'setDestinations', {
    caller: person.caller,
    body: await statement(person, { sequence: 2, mail: 'ada@home.example' }),
  })
  await tellPeople(lost)(person.account)
  expect(addresses(from)).toContain('ada@home.example')
})
