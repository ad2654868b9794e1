/** Whom a change tells, and what time alone brings. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { settleAccount } from '../../src/use-cases/settle-account.ts'
import { accept, contactAt, type Friends, newFriends, propose } from '../support/actors.ts'
import { approve, ask, askApproved, refuse, vetoOf } from '../support/recoveries.ts'
import { DAY, HOUR, type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const accountOf = async ({ owner }: Friends): Promise<Account> => {
  const loaded = await world.deps.records.load(owner.account)
  if (loaded === null) throw new Error('The account is gone.')
  return loaded.account
}

test('owner and contacts are told; the requester learns no more than it may', async () => {
  const friends = await newFriends(world)
  await world.work()
  const from = world.delivered.length
  const asked = await ask(world, friends.owner.account)
  await approve(world, friends, asked, 1)
  await refuse(world, friends, asked, 2, 'alarm')
  await world.call('veto', { body: await vetoOf(friends.owner, asked.recovery) })
  await world.work()
  const events = (role: string, account: string) =>
    world.delivered
      .slice(from)
      .filter(({ notice }) => notice.audience.role === role && notice.audience.account === account)
      .map(({ notice }) => notice.event)
  const { owner } = friends
  expect(events('owner', owner.account)).toEqual([
    'recovery-opened',
    'session-matched',
    'recovery-answered',
    'recovery-alarmed',
    'recovery-ended',
  ])
  expect(events('contact', contactAt(friends, 3).account)).toEqual([
    'recovery-opened',
    'recovery-alarmed',
    'recovery-ended',
  ])
  const told = events('requester', owner.account)
  expect(told.filter((event) => event === 'recovery-answered')).toHaveLength(2)
  expect(told).not.toContain('recovery-alarmed')
  expect(told.at(-1)).toBe('recovery-ended')
})

test('time alone: reminders, expiry and activation are written down by a late job just as by one in time', async () => {
  const friends = await newFriends(world)
  const { asked } = await askApproved(world, friends, [1, 2])
  const { owner } = friends
  const settle = () => settleAccount(world.deps)(owner.account)
  const { revision } = await accountOf(friends)
  await Promise.all([settle(), settle()])
  expect((await accountOf(friends)).revision, 'early jobs change nothing').toBe(revision)
  expect(world.hints.wakes.at(-1)?.account).toBe(owner.account)
  world.advance(DAY)
  await Promise.all([settle(), settle(), settle()])
  expect((await accountOf(friends)).revision, 'three jobs, one change').toBe(revision + 1)
  const { recoveries, outbox } = await accountOf(friends)
  expect(recoveries[0]).toMatchObject({ recovery: asked.recovery, state: 'releasable' })
  const events = outbox.notices.map(({ event }) => event)
  for (const event of ['recovery-half-time', 'recovery-hour-left', 'recovery-releasable'] as const)
    expect(events).toContain(event)
})

test('what waits for people and not for time does not keep the queue busy', async () => {
  const friends = await newFriends(world)
  const { asked } = await askApproved(world, friends, [1])
  await propose(world, friends.owner, friends.contacts)
  for (const contact of friends.contacts) await accept(world, contact, friends.owner)
  world.advance(DAY + HOUR)
  const { account } = friends.owner
  await settleAccount(world.deps)(account)
  const hints = world.hints.wakes.length
  for (let count = 0; count < 5; count += 1) await settleAccount(world.deps)(account)
  const wakes = world.hints.wakes.slice(hints).filter((wake) => wake.account === account)
  expect(wakes.every(({ at }) => at > world.now())).toBe(true)
  expect((await accountOf(friends)).circle.active?.epoch, 'an approval blocks the change').toBe(1)
  await world.call('veto', { body: await vetoOf(friends.owner, asked.recovery) })
  expect(world.hints.wakes.at(-1)).toEqual({ account, at: expect.any(Number) as number })
  await settleAccount(world.deps)(account)
  expect((await accountOf(friends)).circle.active?.epoch).toBe(2)
})
