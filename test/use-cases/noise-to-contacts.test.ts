/** A thief with tickets makes noise, so that the contacts do not hear of the one request that matters. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MOST_ITEMS } from '../../src/domain/digests.ts'
import { MOST_URGENT_OF_ONE, MOST_WARNINGS_ALIKE } from '../../src/domain/told-at-once.ts'
import { contactAt, type Friends } from '../support/actors.ts'
import { state } from '../support/destinations.ts'
import { ask, askApproved, refuse, type Requester } from '../support/recoveries.ts'
import { tellingsIn } from '../support/told.ts'
import { HOUR, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
const { postedTo, reachable, pass } = tellingsIn(() => world)

const itemsTo = (friends: Friends, from: number) =>
  postedTo(contactAt(friends, 1), from).flatMap(({ telling }) => telling.items)
const alarmsOf = ({ recovery }: Requester, friends: Friends, from: number) =>
  itemsTo(friends, from).filter((item) => item.event === 'recovery-alarmed' && item.recovery === recovery)

/** Within the limits: tickets of five subjects. `alarmed`: a contact who helps the thief raises an alarm at each. */
const noise = async (friends: Friends, count: number, alarmed = false): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    const asked = await ask(world, friends.owner.account, { subject: `thief ${index % 5}` })
    if (alarmed) await refuse(world, friends, asked, 3, 'alarm')
    await world.work()
    world.advance(5000)
  }
}

test('after forty requests the other contacts hear at once of an alarm at the next', async () => {
  const friends = await reachable()
  const from = world.posted.length
  await noise(friends, 40)
  const asked = await ask(world, friends.owner.account, { subject: 'thief' })
  await refuse(world, friends, asked, 2, 'alarm')
  await world.work()
  expect(alarmsOf(asked, friends, from)).toHaveLength(1)
  await pass(2 * HOUR)
  const digest = postedTo(contactAt(friends, 1), from).at(-1)?.telling
  expect(digest?.more).toBe(true)
  expect(
    digest?.items.filter(({ recovery }) => recovery === asked.recovery).map(({ event }) => event),
    'and that it was opened, which the noise kept from being told at once',
  ).toEqual(['recovery-opened'])
})

test('alarms by whoever helps the thief flood no contact, and keep the alarm that matters in the digest', async () => {
  const friends = await reachable()
  const from = world.posted.length
  await noise(friends, 40, true)
  // What was beyond first, went out as the first digest.
  expect(postedTo(contactAt(friends, 1), from)).toHaveLength(MOST_URGENT_OF_ONE + MOST_WARNINGS_ALIKE + 1)
  const asked = await ask(world, friends.owner.account, { subject: 'thief' })
  await refuse(world, friends, asked, 2, 'alarm')
  await world.work()
  expect(alarmsOf(asked, friends, from)).toEqual([])
  await pass(HOUR)
  expect(alarmsOf(asked, friends, from)).toHaveLength(1)
  const digest = postedTo(contactAt(friends, 1), from).at(-1)?.telling
  expect(digest?.items).toHaveLength(MOST_ITEMS)
})

test('a contact whose mail was down all the while hears of the alarm where it wants to be told next', async () => {
  const friends = await reachable()
  const down = 'ben@example.org'
  world.answerPosts(({ to }) =>
    to.channel === 'mail' && to.address === down
      ? { state: 'failed', reason: 'unreachable', again: true }
      : { state: 'sent' },
  )
  // Somebody vouches for it: no other takes its place.
  const { asked } = await askApproved(world, friends, [2])
  await refuse(world, friends, asked, 3, 'alarm')
  await noise(friends, 40)
  await pass(HOUR)
  const from = world.posted.length
  await state(world, contactAt(friends, 1), { sequence: 2, mail: 'ben-new@example.org' })
  await world.work()
  const added = world.posted.slice(from).filter(({ to }) => to.channel === 'mail' && to.address !== down)
  const [forwarded] = added.filter(({ telling }) => telling.role === 'contact')
  expect(forwarded?.telling.more, 'there was more than it has room for').toBe(true)
  expect(forwarded?.telling.items).toContainEqual(
    expect.objectContaining({ event: 'recovery-alarmed', recovery: asked.recovery }),
  )
})
