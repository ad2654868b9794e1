/** People are really told: at least once, later if need be, and not of what is over. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countedChannels } from '../../src/counted.ts'
import { TRIED_FOR_MS } from '../../src/domain/told.ts'
import type { Account } from '../../src/domain/account.ts'
import { openChannels } from '../../src/notify/channels.ts'
import type { CommitConditions } from '../../src/use-cases/ports.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { settleAccount } from '../../src/use-cases/settle-account.ts'
import { tellPeople } from '../../src/use-cases/tell-people.ts'
import { contactAt, type Person } from '../support/actors.ts'
import { ask, askApproved, pull, vetoOf } from '../support/recoveries.ts'
import { NO_CHANNELS, vapidSeed } from '../support/tellings.ts'
import { DOWN, MINUTE, SENT, tellingsIn } from '../support/told.ts'
import { DAY, HOUR, openWorld, type Posted, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
const { postedTo, eventsTo, read, reachable, pass } = tellingsIn(() => world)

const statesOf = async (person: Person) =>
  (await read(person)).notices.map(({ event, state: is }) => `${event} ${is}`)

test('the whole schedule of a recovery reaches the owner, each event once and in order', async () => {
  const friends = await reachable()
  const from = world.posted.length
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  await pass(DAY)
  await pull(world, asked)
  await world.work()
  expect(eventsTo(friends.owner, from)).toEqual([
    'recovery-opened',
    'recovery-answered',
    'recovery-answered',
    'recovery-quorum',
    'recovery-half-time',
    'recovery-hour-left',
    'recovery-releasable',
    'recovery-released',
  ])
  for (const { telling, to } of postedTo(friends.owner, from)) {
    expect(to).toEqual({ channel: 'mail', address: 'ada@example.org' })
    expect(telling).toMatchObject({ language: 'de', role: 'owner', more: false })
    expect(telling.items[0]).toMatchObject({ waitingSeconds: 86_400, recovery: asked.recovery })
  }
  const quorum = postedTo(friends.owner, from)[3]?.telling.items[0]
  expect(quorum).toMatchObject({ state: 'waiting', stoppable: true, releasableAt: (quorum?.at ?? 0) + DAY })
  const ids = world.posted.map(({ telling }) => telling.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(await statesOf(friends.owner)).toContain('recovery-released sent')
})

test('a mail server that is down for a day delays mails and nothing else, and keeps no sweep busy', async () => {
  const friends = await reachable()
  const from = world.posted.length
  world.answerPosts(() => DOWN)
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  const { account } = friends.owner
  expect(await world.deps.records.unrelayed(1000), 'nobody waits in the outbox').not.toContain(account)
  expect(await statesOf(friends.owner)).toContain('recovery-opened queued')
  const [first] = postedTo(friends.owner, from)
  const opened = (posted: Posted): boolean => posted.telling.id === first?.telling.id
  const begun = world.now()
  await pass(DAY)
  const tries = postedTo(friends.owner, from).filter(opened).length
  expect(tries, 'at 0, 10 min (twice), 20 min, 80 min, 260 min, then every 6 h').toBeLessThanOrEqual(9)
  expect(tries).toBeGreaterThanOrEqual(6)
  // In time, to the millisecond: the wait was not a moment longer.
  expect(world.now()).toBe(begun + DAY)
  await pull(world, asked)
  world.answerPosts(() => SENT)
  const up = world.posted.length
  await pass(6 * HOUR)
  expect(eventsTo(friends.owner, up)).toContain('recovery-opened')
  expect(eventsTo(friends.owner, up)).toContain('recovery-released')
  const states = await statesOf(friends.owner)
  for (const reminder of ['recovery-half-time', 'recovery-hour-left', 'recovery-quorum']) {
    expect(states, 'what is over is not told late').toContain(`${reminder} skipped`)
    expect(eventsTo(friends.owner, up)).not.toContain(reminder)
  }
  expect(states.filter((one) => one.endsWith('queued'))).toEqual([])
})

test('what finds no room on a channel is owed as before, and that was no try', async () => {
  const friends = await reachable()
  const { account } = friends.owner
  world.answerPosts(() => ({ state: 'waiting' }))
  await ask(world, account)
  await relayOutbox(world.deps)(account)
  await tellPeople(world.deps)(account)
  expect(await world.deps.records.unrelayed(1000), 'the next sweep finds it').toContain(account)
  expect(await statesOf(friends.owner)).toContain('recovery-opened queued')
  world.answerPosts(() => SENT)
  const from = world.posted.length
  world.advance(MINUTE)
  await world.work()
  expect(eventsTo(friends.owner, from)).toContain('recovery-opened')
  expect(await statesOf(friends.owner)).toContain('recovery-opened sent')
  expect(await world.deps.records.unrelayed(1000)).not.toContain(account)
})

test('a channel whose setting this process was not given is counted, and its tellings are tried again', async () => {
  const friends = await reachable()
  const { account } = friends.owner
  await ask(world, account)
  const counted: object[] = []
  const count = (_: string, labels: object): void => void counted.push(labels)
  const none = openChannels(NO_CHANNELS, [], { vapidSeed })
  const channels = countedChannels(none, { count, took: () => undefined })
  await relayOutbox(world.deps)(account)
  await tellPeople({ ...world.deps, channels })(account)
  none.close()
  expect(counted).toContainEqual({ channel: 'mail', state: 'again' })
  const from = world.posted.length
  await pass(10 * MINUTE)
  expect(eventsTo(friends.owner, from)).toContain('recovery-opened')
})

test('after an outage of the service the last reminder is told, once, and a reminder after a veto not at all', async () => {
  const friends = await reachable()
  const { owner } = friends
  const { asked } = await askApproved(world, friends, [1, 2])
  await world.work()
  const from = world.posted.length
  world.advance(DAY - HOUR / 2)
  await world.work()
  expect(eventsTo(owner, from)).toEqual(['recovery-hour-left'])
  expect(await statesOf(owner)).toContain('recovery-half-time skipped')

  const again = await reachable()
  const second = await askApproved(world, again, [1, 2])
  await world.work()
  world.advance(DAY / 2)
  await settleAccount(world.deps)(again.owner.account)
  await world.call('veto', { body: await vetoOf(again.owner, second.asked.recovery) })
  const vetoed = world.posted.length
  await world.work()
  expect(eventsTo(again.owner, vetoed)).toEqual(['recovery-ended'])
  expect(postedTo(again.owner, vetoed)[0]?.telling.items[0]).toMatchObject({
    state: 'vetoed',
    stoppable: false,
  })
  expect(asked.recovery).not.toBe(second.asked.recovery)
})

test('a try whose outcome was never written down is made again under the same id', async () => {
  const friends = await reachable()
  const { account } = friends.owner
  await ask(world, account)
  await relayOutbox(world.deps)(account)
  const from = world.posted.length
  const records = new Proxy(world.deps.records, {
    get(target, name) {
      if (name === 'commit') return async () => Promise.reject(new Error('killed'))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await expect(tellPeople({ ...world.deps, records })(account)).rejects.toThrow('killed')
  // Another process leaves it alone for a minute, in case the first one is still at it.
  await tellPeople(world.deps)(account)
  expect(postedTo(friends.owner, from)).toHaveLength(1)
  world.advance(MINUTE)
  await world.work()
  const [one, two, ...more] = postedTo(friends.owner, from)
  expect(more).toEqual([])
  expect(two?.telling.id).toBe(one?.telling.id)
})

test('a hand-over whose outbox was never emptied is made again, and tells nobody twice', async () => {
  const friends = await reachable()
  const { account } = friends.owner
  const contact = contactAt(friends, 1)
  const from = world.posted.length
  await ask(world, account)
  const records = new Proxy(world.deps.records, {
    get(target, name) {
      if (name === 'commit')
        return async (next: Account, conditions: CommitConditions) =>
          next.id === account ? Promise.reject(new Error('killed')) : target.commit(next, conditions)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await expect(relayOutbox({ ...world.deps, records })(account)).rejects.toThrow('killed')
  await world.work()
  expect(eventsTo(contact, from)).toEqual(['recovery-opened'])
  expect(eventsTo(friends.owner, from)).toEqual(['recovery-opened'])
})

test('a contact whose record cannot be written stays in the outbox, and keeps nobody else from being told', async () => {
  const friends = await reachable()
  const { account } = friends.owner
  const contact = contactAt(friends, 1)
  const from = world.posted.length
  await ask(world, account)
  const records = new Proxy(world.deps.records, {
    get(target, name) {
      if (name === 'commit')
        return async (next: Account, conditions: CommitConditions) =>
          next.id === contact.account ? Promise.reject(new Error('full')) : target.commit(next, conditions)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await expect(relayOutbox({ ...world.deps, records })(account)).rejects.toThrow('full')
  const { outbox } = (await world.deps.records.load(account))?.account ?? {}
  expect(outbox?.notices.map(({ audience }) => audience)).toEqual([
    { role: 'contact', account: contact.account },
  ])
  await world.work()
  expect(eventsTo(contact, from)).toEqual(['recovery-opened'])
  expect(eventsTo(friends.owner, from)).toEqual(['recovery-opened'])
})

test('what is refused for good is not tried again; what is tried in vain ends after three days', async () => {
  const friends = await reachable()
  const from = world.posted.length
  world.answerPosts(() => ({ state: 'failed', reason: 'refused', again: false }))
  await ask(world, friends.owner.account)
  await pass(HOUR)
  expect(postedTo(friends.owner, from)).toHaveLength(1)
  expect((await read(friends.owner)).notices.at(-1)).toMatchObject({
    event: 'recovery-opened',
    state: 'failed',
    ways: [{ channel: 'mail', state: 'failed', reason: 'refused', tries: 1 }],
  })
  world.answerPosts(() => DOWN)
  await ask(world, friends.owner.account)
  await pass(TRIED_FOR_MS + 6 * HOUR)
  world.answerPosts(() => SENT)
  expect((await read(friends.owner)).notices.at(-1)).toMatchObject({
    state: 'failed',
    ways: [{ reason: 'unreachable' }],
  })
  const after = world.posted.length
  await pass(DAY)
  expect(eventsTo(friends.owner, after).filter((event) => event === 'recovery-opened')).toEqual([])
})
