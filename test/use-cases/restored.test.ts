/** What a relay job that outlived a restore does to what is to start anew: it must not hide it from whoever looks at what is due. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import type { CommitConditions } from '../../src/use-cases/ports.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { settleAccount } from '../../src/use-cases/settle-account.ts'
import { tellPeople } from '../../src/use-cases/tell-people.ts'
import { askApproved, pull } from '../support/recoveries.ts'
import { tellingsIn } from '../support/told.ts'
import { DAY, HOUR, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
const { eventsTo, reachable, pass } = tellingsIn(() => world)

const JOBS = { relay: relayOutbox, tell: tellPeople } as const

/** `before`: what ran before the backup was taken; `after`: what ran first on what was put back. */
it.each([
  { before: [], after: ['relay', 'tell'] },
  { before: ['relay'], after: ['tell'] },
  { before: [], after: [] },
] as const)(
  'a request that could be released waits anew in sight of its owner: %j',
  async ({ before, after }) => {
    const friends = await reachable()
    const { account } = friends.owner
    const { asked } = await askApproved(world, friends, [1, 2])
    await world.work()
    await pass(DAY - HOUR)
    world.advance(HOUR)
    await settleAccount(world.deps)(account)
    for (const job of before) await JOBS[job](world.deps)(account)
    world.advance(2 * DAY)
    await world.restore()
    const from = world.posted.length
    for (const job of after) await JOBS[job](world.deps)(account)
    await world.work()
    await pass(DAY - 10 * 60_000)
    expect(eventsTo(friends.owner, from)).toEqual(
      expect.arrayContaining(['recovery-restarted', 'recovery-half-time', 'recovery-hour-left']),
    )
    await expect(pull(world, asked)).rejects.toMatchObject({ code: 'not_releasable' })
    await pass(20 * 60_000)
    await pull(world, asked)
  },
)

it.each(['relay', 'tell'] as const)('that it waits anew is counted where %s writes it down', async (job) => {
  const friends = await reachable()
  const { account } = friends.owner
  await askApproved(world, friends, [1, 2])
  if (job === 'tell') await relayOutbox(world.deps)(account)
  world.advance(HOUR)
  await world.restore()
  const logged: string[] = []
  const records = new Proxy(world.deps.records, {
    get(target, name) {
      if (name === 'commit')
        return async (next: Account, conditions: CommitConditions) => {
          const outcome = await target.commit(next, conditions)
          if (outcome === 'committed') logged.push(...(conditions.logged ?? []).map(({ type }) => type))
          return outcome
        }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  await JOBS[job]({ ...world.deps, records })(account)
  expect(logged.filter((type) => type === 'recovery-restarted')).toEqual(['recovery-restarted'])
})
