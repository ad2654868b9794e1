/** The owner vetoes in the very instant in which the requester pulls, over HTTP. A veto that was acknowledged has won. */
import { owner } from '@holdfast/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approveAll, ask, pullOnly } from '../support/story-call.ts'
import { DAY, contactAt, openCircle } from '../support/story-circle.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

// test/use-cases/races.test.ts runs a thousand without the wire in between.
const RACES = 100
/** By how much the one who won is held back more the next time, as a part of what a race takes: they come close and stay so. */
const HELD_BACK = 0.1

let stage: Stage
beforeAll(async () => {
  // Nobody relays: what the keys are told of a request that ended would decide all races after the first veto.
  stage = await openStage({ works: false })
})
afterAll(() => stage.close())

const after = async <T>(ms: number, act: () => Promise<T>): Promise<T> => {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  return act()
}

it('a hundred races: never both an acknowledged veto and a release that was handed out', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  stage.advance(DAY)
  const { records } = stage.service().service.deps
  const load = async () => (await records.load(circle.owner.account)) ?? expect.fail('no account')
  const start = (await load()).account
  // Everyone signs in before the start.
  await owner.status(circle.owner.client)
  await phone.client.sessions.token('requester')

  const wins = { veto: 0, release: 0, both: 0, neither: 0 }
  /** By how much the veto is sent after the release; negative: before it. */
  let lagMs = 0
  for (let race = 0; race < RACES; race += 1) {
    const { revision } = (await load()).account
    await records.commit(start, { ifRevision: revision })
    const startedAt = performance.now()
    const [veto, release] = await Promise.allSettled([
      after(lagMs, () => owner.veto(circle.owner.client, phone)),
      after(-lagMs, () => pullOnly(phone)),
    ])
    const step = Math.max(1, (performance.now() - startedAt) * HELD_BACK)
    const isVetoed = veto.status === 'fulfilled'
    const isReleased = release.status === 'fulfilled'
    lagMs += isVetoed ? step : -step
    wins[isVetoed ? (isReleased ? 'both' : 'veto') : isReleased ? 'release' : 'neither'] += 1
    const state = (await load()).account.recoveries[0]?.state
    expect(state).toBe(isVetoed ? 'vetoed' : 'released')
  }
  console.log(`veto won ${wins.veto}, release ${wins.release}, both ${wins.both}`)
  expect([wins.both, wins.neither]).toEqual([0, 0])
  expect(Math.min(wins.veto, wins.release)).toBeGreaterThan(RACES / 20)
}, 240_000)
