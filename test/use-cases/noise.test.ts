/** A thief with tickets makes noise: dozens of requests, so that the one that matters goes unnoticed. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MOST_ALIKE, MOST_HELD } from '../../src/domain/told-held.ts'
import { isOwed, MOST_OWED } from '../../src/domain/told-bounds.ts'
import type { SendOutcome } from '../../src/use-cases/channels.ts'
import type { Friends } from '../support/actors.ts'
import { ask, askApproved, type Requester } from '../support/recoveries.ts'
import { DOWN, MINUTE, SENT, tellingsIn } from '../support/told.ts'
import { HOUR, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
const { postedTo, eventsTo, read, reachable, pass } = tellingsIn(() => world)

const GREY: SendOutcome = { state: 'failed', reason: 'throttled', again: true }

/** Within the limits: tickets of five subjects. */
const noise = async ({ owner }: Friends, count: number, everyMs: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    await ask(world, owner.account, { subject: `thief ${index % 5}` })
    await world.work()
    world.advance(everyMs)
  }
}
/** What was said of this request since the first `from`, in order. */
const saidOf = ({ recovery }: Requester, { owner }: Friends, from: number): readonly string[] =>
  postedTo(owner, from)
    .flatMap(({ telling }) => telling.items)
    .filter((item) => item.recovery === recovery)
    .map(({ event }) => event)
const statesOf = async ({ recovery }: Requester, { owner }: Friends) =>
  (await read(owner)).notices
    .filter((notice) => notice.recovery === recovery)
    .map(({ event, state }) => `${event} ${state}`)
const toldTo = async ({ owner }: Friends) =>
  (await world.deps.records.load(owner.account))!.account.reach?.told ?? []

test('while a mail server greylists, forty requests push out nothing of the one that contacts approve', async () => {
  const friends = await reachable()
  world.answerPosts(() => GREY)
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  await noise(friends, 40, 5000)
  expect(await statesOf(asked, friends)).toEqual([
    'recovery-opened queued',
    'recovery-answered queued',
    'recovery-answered queued',
    'recovery-quorum queued',
  ])
  world.answerPosts(() => SENT)
  const from = world.posted.length
  await pass(2 * HOUR)
  expect(saidOf(asked, friends, from)).toEqual([
    'recovery-opened',
    'recovery-answered',
    'recovery-answered',
    'recovery-quorum',
  ])
})

test('mail is down as the last hour begins, and noise is made: the owner hears of it while it can be stopped', async () => {
  const friends = await reachable()
  world.answerPosts(() => SENT)
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  await pass(20 * HOUR)
  world.answerPosts(() => DOWN)
  await pass(3 * HOUR + 10 * MINUTE)
  await noise(friends, 36, 5000)
  world.answerPosts(() => SENT)
  const from = world.posted.length
  await pass(40 * MINUTE)
  expect(saidOf(asked, friends, from)).toEqual(['recovery-hour-left'])
  expect(postedTo(friends.owner, from).flatMap(({ telling }) => telling.items)).toContainEqual(
    expect.objectContaining({ event: 'recovery-hour-left', stoppable: true }),
  )
  expect(await statesOf(asked, friends), 'and what was said before is there to read').toEqual([
    'recovery-opened sent',
    'recovery-answered sent',
    'recovery-answered sent',
    'recovery-quorum sent',
    'recovery-half-time sent',
    'recovery-hour-left sent',
  ])
})

test('noise that takes its time fills the record no further, and pushes out noise alone', async () => {
  const friends = await reachable()
  world.answerPosts(() => DOWN)
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  for (let hour = 0; hour < 10; hour += 1) {
    await noise(friends, 6, MINUTE)
    await pass(54 * MINUTE)
  }
  const told = await toldTo(friends)
  expect(told.filter(isOwed)).toHaveLength(MOST_OWED)
  const givenUp = told.filter((one) => !isOwed(one) && one.states.length > 0)
  expect(givenUp.length).toBeGreaterThan(0)
  expect(await statesOf(asked, friends)).toContain('recovery-quorum queued')
  world.answerPosts(() => SENT)
  const from = world.posted.length
  await pass(6 * HOUR)
  expect(saidOf(asked, friends, from)).toEqual(
    expect.arrayContaining(['recovery-opened', 'recovery-answered']),
  )
  expect(saidOf(asked, friends, from), 'the last reminder stands for those before it').toContain(
    'recovery-half-time',
  )
})

test('an address is not flooded by requests: a few by themselves, the others together at the hour’s end', async () => {
  const friends = await reachable()
  world.answerPosts(() => SENT)
  await pass(HOUR - (world.now() % HOUR))
  const from = world.posted.length
  await noise(friends, 20, MINUTE)
  const atOnce = postedTo(friends.owner, from)
  expect(atOnce).toHaveLength(2 * MOST_ALIKE)
  expect(eventsTo(friends.owner, from).filter((event) => event === 'recovery-opened')).toHaveLength(
    MOST_ALIKE,
  )
  await pass(HOUR)
  const [held, ...none] = postedTo(friends.owner, from).slice(atOnce.length)
  expect(none).toEqual([])
  // Twenty were opened, and all but the three that have room have ended.
  expect(held?.telling.items).toHaveLength(20 + 17 - 2 * MOST_ALIKE)
  expect(held?.telling.items.length).toBeLessThanOrEqual(MOST_HELD)
})

test('whatever else waits for the hour’s end, a request that gets a quorum is told at once and by itself', async () => {
  const friends = await reachable()
  world.answerPosts(() => SENT)
  await pass(HOUR - (world.now() % HOUR))
  await noise(friends, 2 * MOST_ALIKE, 1000)
  const from = world.posted.length
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  expect(postedTo(friends.owner, from).map(({ telling }) => telling.items.map(({ event }) => event))).toEqual(
    [['recovery-answered'], ['recovery-answered'], ['recovery-quorum']],
  )
  expect(await statesOf(asked, friends)).toContain('recovery-opened queued')
  await pass(HOUR)
  expect(saidOf(asked, friends, from)).toContain('recovery-opened')
})
