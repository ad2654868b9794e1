/** Accounts that nobody registered are not kept for ever. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFriends, newId } from '../support/actors.ts'
import { ask, vetoOf } from '../support/recoveries.ts'
import { wholeLog } from '../support/store.ts'
import { DAY, type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const states = async (account: string) =>
  (await world.deps.records.load(account))?.account.recoveries.map(({ state }) => state) ?? null
/** Longer than a request may last and be shown. */
const WEEKS = 30 * DAY

test('a decoy is kept as long as any ended request, and with the last one its account and log are gone', async () => {
  const account = newId()
  const first = await ask(world, account)
  await world.work()
  expect(await wholeLog(world.deps.records, account)).toHaveLength(1)
  world.advance(15 * DAY)
  await world.work()
  expect(await states(account)).toEqual(['expired'])
  // The requester reads an end, as anywhere else.
  expect(await world.call('readRecovery', { caller: first.caller })).toMatchObject({ state: 'ended' })
  const second = await ask(world, account)
  world.advance(14 * DAY)
  await world.work()
  expect(await states(account)).toEqual(['expired'])
  await expect(world.call('readRecovery', { caller: first.caller })).rejects.toMatchObject({
    code: 'session_expired',
  })
  world.advance(14 * DAY)
  await world.work()
  expect(await states(account)).toBeNull()
  expect(await wholeLog(world.deps.records, account)).toEqual([])
  expect(await world.deps.records.due(1_000)).not.toContain(account)
  // Whoever asks again is answered as before.
  const again = await ask(world, account)
  const view = await world.call('readRecovery', { caller: again.caller })
  expect(view.state).toBe('collecting')
  expect(second.recovery).not.toBe(again.recovery)
})

test('nor is one kept whose end was told only after a long absence', async () => {
  const account = newId()
  await ask(world, account)
  world.advance(WEEKS)
  await world.work()
  await world.work()
  expect(await states(account)).toBeNull()
})

test('a registered account stays; its ended requests are as unreadable as a decoy’s', async () => {
  const { owner } = await newFriends(world)
  const asked = await ask(world, owner.account)
  await world.call('veto', { body: await vetoOf(owner, asked.recovery) })
  world.advance(14 * DAY)
  await world.work()
  expect(await states(owner.account)).toEqual([])
  await expect(world.call('readRecovery', { caller: asked.caller })).rejects.toMatchObject({
    code: 'session_expired',
  })
  const log = await wholeLog(world.deps.records, owner.account)
  expect(log.map(({ type }) => type)).toContain('recovery-ended')
})
