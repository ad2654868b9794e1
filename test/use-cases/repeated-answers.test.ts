/** A contact's answer whose reply was lost is sent once more: it gets the same reply, and counts once. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Friends, contactAt, newFriends } from '../support/actors.ts'
import {
  approvalOf,
  ask,
  askReleased,
  compare,
  completionOf,
  open,
  refusalOf,
} from '../support/recoveries.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { wholeLog } from '../support/store.ts'
import { type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

type Body = Awaited<ReturnType<typeof approvalOf>> | Awaited<ReturnType<typeof refusalOf>>

const say = (friends: Friends, slot: number, body: Body) =>
  world.call('decide', { caller: contactAt(friends, slot).caller, body })

const answersLogged = async ({ owner }: Friends): Promise<number> => {
  const entries = await wholeLog(world.deps.records, owner.account)
  return entries.filter(({ type }) => type === 'recovery-answered').length
}

test('a decline that ended the request is a decline when it is sent again; another one comes too late', async () => {
  const friends = await newFriends(world)
  const asked = await ask(world, friends.owner.account)
  const bodies = [1, 2].map((slot) => refusalOf(world, friends, asked, slot, 'decline'))
  const replies = [await say(friends, 1, await bodies[0]!), await say(friends, 2, await bodies[1]!)]
  const { recoveries, revision } = (await world.deps.records.load(friends.owner.account))!.account
  expect(recoveries.map(({ state }) => state)).toEqual(['declined'])
  for (const slot of [2, 1, 2])
    expect(await say(friends, slot, await bodies[slot - 1]!)).toEqual(replies[slot - 1])
  expect((await world.deps.records.load(friends.owner.account))?.account.revision).toBe(revision)
  const other = await refusalOf(world, friends, asked, 2, 'decline', 2)
  await expectOutcome('decide', say(friends, 2, other), 'recovery_ended')
  expect(await answersLogged(friends)).toBe(2)
})

test('an approval given at the last moment is one after completion, too, and tells nothing of what came later', async () => {
  const friends = await newFriends(world)
  const { asked, confirmed, release } = await askReleased(world, friends, [1, 2])
  await compare(world, friends, asked, 3)
  const body = await approvalOf(world, friends, asked, 3)
  const reply = await say(friends, 3, body)
  const { identity } = await open(asked, release, confirmed)
  const completion = await completionOf(world, asked, identity)
  await world.call('completeRecovery', { caller: asked.caller, body: completion.body })
  await world.work()
  expect(await say(friends, 3, body)).toEqual(reply)
  expect((await world.deps.records.load(friends.owner.account))?.account.revision).toBeGreaterThan(
    reply.revision,
  )
  expect(await answersLogged(friends)).toBe(3)
  await expectOutcome('decide', say(friends, 2, body), 'signature_rejected')
})

test('ten at once, from a contact whose network repeats itself, are one', async () => {
  const friends = await newFriends(world)
  const asked = await ask(world, friends.owner.account)
  await compare(world, friends, asked, 1)
  const body = await approvalOf(world, friends, asked, 1)
  const replies = await Promise.all(Array.from({ length: 10 }, () => say(friends, 1, body)))
  await compare(world, friends, asked, 2)
  expect(new Set([...replies, await say(friends, 1, body)].map(({ revision }) => revision)).size).toBe(1)
  expect(await answersLogged(friends)).toBe(1)
})
