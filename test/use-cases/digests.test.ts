/** Contacts are told in digests and not in floods, and no more than concerns them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MOST_ITEMS } from '../../src/domain/digests.ts'
import { MOST_URGENT } from '../../src/domain/told-at-once.ts'
import { contactAt, newFriends, newPeople, newPerson, type Person, propose } from '../support/actors.ts'
import { state } from '../support/destinations.ts'
import { ask, askApproved, refuse, vetoOf } from '../support/recoveries.ts'
import { MINUTE, tellingsIn } from '../support/told.ts'
import { HOUR, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
const { postedTo, eventsTo, read, reachable, pass } = tellingsIn(() => world)

const statesOf = async (person: Person) =>
  (await read(person)).notices.map(({ event, state: is }) => `${event} ${is}`)

test('a contact’s help is asked for at once; the rest comes in digests, with what is over left out', async () => {
  const friends = await reachable()
  const contact = contactAt(friends, 1)
  const from = world.posted.length
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  expect(eventsTo(contact, from)).toEqual(['recovery-opened', 'recovery-quorum'])
  await refuse(world, friends, asked, 3, 'alarm')
  await world.call('veto', { body: await vetoOf(friends.owner, asked.recovery) })
  await world.work()
  const more = ['recovery-opened', 'recovery-quorum', 'recovery-alarmed']
  expect(eventsTo(contact, from), 'an alarm is urgent, the end is not').toEqual(more)
  expect(await statesOf(contact)).toContain('recovery-ended queued')
  world.advance(HOUR)
  await world.work()
  expect(eventsTo(contact, from)).toEqual([...more, 'recovery-ended'])
  const { contacts } = await read(friends.owner)
  const seen = contacts.find((one) => one.contact === contact.account)
  expect(seen?.addressed).toBe(true)
  expect(seen?.notices.at(-1)).toMatchObject({ event: 'recovery-ended', state: 'sent' })
  expect(contacts.filter(({ addressed }) => addressed)).toHaveLength(1)
})

test('two hundred strangers who name somebody send one mail at once and one digest, and learn nothing', async () => {
  const [popular, ...others] = (await newPeople(world, 3)) as [Person, Person, Person]
  await state(world, popular, { mail: 'popular@example.org' })
  await world.work()
  const from = world.posted.length
  const owners = await newPeople(world, 200)
  for (const owner of owners) await propose(world, owner, [popular, ...others])
  await world.work()
  expect(postedTo(popular, from)).toHaveLength(1)
  const { revision } = (await world.deps.records.load(popular.account))?.account ?? {}
  expect(revision, 'a full digest costs no more writes').toBeLessThan(60)
  world.advance(HOUR)
  await world.work()
  const [first, digest, ...more] = postedTo(popular, from)
  expect(more).toEqual([])
  expect(first?.telling.items).toHaveLength(1)
  expect(digest?.telling).toMatchObject({ role: 'contact', more: true })
  expect(digest?.telling.items).toHaveLength(MOST_ITEMS)
  await pass(3 * HOUR)
  expect(postedTo(popular, from)).toHaveLength(2)
  expect((await read(owners[0] as Person)).contacts).toEqual([])
})

test('even what is urgent is no flood', async () => {
  const friends = await reachable()
  const contact = contactAt(friends, 1)
  const from = world.posted.length
  for (let count = 0; count < MOST_URGENT + 4; count += 1) {
    await ask(world, friends.owner.account)
    await world.work()
  }
  const urgent = eventsTo(contact, from).filter((event) => event === 'recovery-opened')
  expect(urgent.length).toBeLessThanOrEqual(MOST_URGENT + 1)
  world.advance(HOUR)
  await world.work()
  expect(postedTo(contact, from).length).toBeLessThanOrEqual(MOST_URGENT + 3)
})

test('who wants no digests is told each by each, of circles that they joined', async () => {
  const friends = await newFriends(world)
  const contact = contactAt(friends, 1)
  await state(world, contact, { mail: 'ben@example.org', digest: false })
  await world.work()
  const from = world.posted.length
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.call('veto', { body: await vetoOf(friends.owner, asked.recovery) })
  await world.work()
  expect(eventsTo(contact, from).at(-1)).toBe('recovery-ended')
})

test('a webhook about a contact names neither owner nor request, and only the minute', async () => {
  const friends = await newFriends(world)
  const contact = contactAt(friends, 1)
  await state(world, contact, { webhook: true })
  await state(world, friends.owner, { webhook: true })
  await world.work()
  world.advance(HOUR + 12_345)
  const from = world.posted.length
  const asked = await ask(world, friends.owner.account)
  await world.work()
  const [told] = postedTo(contact, from)
  expect(told?.telling.items[0]).toMatchObject({ event: 'recovery-opened', account: null, recovery: null })
  expect((told?.telling.items[0]?.at ?? 1) % MINUTE).toBe(0)
  const text = JSON.stringify(told)
  for (const id of [friends.owner.account, asked.recovery]) expect(text).not.toContain(id)
  expect(postedTo(friends.owner, from)[0]?.telling.items[0]).toMatchObject({
    account: friends.owner.account,
    recovery: asked.recovery,
  })
})

test('an account that nobody registered is told nothing, and a contact of another app neither', async () => {
  const other = await newPerson(world, { app: world.otherApp })
  await state(world, other, { mail: 'other@example.org' })
  await world.work()
  const from = world.posted.length
  const unknown = (await newPerson(world)).account.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))
  await ask(world, unknown)
  await world.work()
  expect(world.posted.slice(from)).toEqual([])
  expect((await world.deps.records.load(unknown))?.account.reach).toBe(undefined)
})
