/** People are really told: at least once, later if need be, not of what is over, and as contacts not in floods. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MOST_ITEMS, MOST_URGENT } from '../../src/domain/digests.ts'
import { TRIED_FOR_MS } from '../../src/domain/told.ts'
import type { Account } from '../../src/domain/account.ts'
import type { SendOutcome } from '../../src/use-cases/channels.ts'
import type { CommitConditions } from '../../src/use-cases/ports.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { settleAccount } from '../../src/use-cases/settle-account.ts'
import { tellPeople } from '../../src/use-cases/tell-people.ts'
import { contactAt, newFriends, newPeople, newPerson, type Person, propose } from '../support/actors.ts'
import { state } from '../support/destinations.ts'
import { ask, askApproved, pull, refuse, vetoOf } from '../support/recoveries.ts'
import { DAY, HOUR, openWorld, type Posted, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const SENT: SendOutcome = { state: 'sent' }
const DOWN: SendOutcome = { state: 'failed', reason: 'unreachable', again: true }
const MINUTE = 60_000

const postedTo = ({ account }: Person, from = 0): readonly Posted[] =>
  world.posted.slice(from).filter(({ telling }) => telling.recipient === account)
const eventsTo = (person: Person, from = 0): readonly string[] =>
  postedTo(person, from).flatMap(({ telling }) => telling.items.map(({ event }) => event))
const read = ({ caller }: Person) => world.call('readNotices', { caller })
const statesOf = async (person: Person) =>
  (await read(person)).notices.map(({ event, state: is }) => `${event} ${is}`)

/** Friends of whom owner and first contact have said where to be told, with all of the past told. */
const reachable = async () => {
  const friends = await newFriends(world)
  await state(world, friends.owner, { mail: 'ada@example.org', language: 'de' })
  await state(world, contactAt(friends, 1), { mail: 'ben@example.org' })
  await world.work()
  // Whatever of the circle's beginning waits for a digest goes out.
  world.advance(HOUR)
  await world.work()
  return friends
}

/** As a sweep would: looks every ten minutes. */
const pass = async (ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 10 * MINUTE) {
    world.advance(Math.min(10 * MINUTE, ms - passed))
    await world.work()
  }
}

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
