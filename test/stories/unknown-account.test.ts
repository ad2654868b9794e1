/** The life of a request says nothing about which accounts there are; nor do single answers: test/api/timing.test.ts. */
import { randomBytes } from 'node:crypto'
import { requester } from '@holdfast/client'
import { toBase64url } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StoryRequester, ask, pullOnly } from '../support/story-call.ts'
import { DAY, openCircle, type StoryCircle } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

let stage: Stage
let circle: StoryCircle
beforeAll(async () => {
  stage = await openStage({ env: { HOLDFAST_BACK_OFF_SECONDS: '0' } })
  circle = await openCircle(stage)
})
afterAll(() => stage.close())

const someId = (): string => toBase64url(randomBytes(16))

it('a request for an account that is not there lives and ends like one for an account that is', async () => {
  const life = async (account: string) => {
    const seen: string[] = []
    const phones: StoryRequester[] = []
    for (let count = 0; count < 4; count += 1) phones.push(await ask(stage, account))
    const look = async () => {
      for (const { client } of phones) {
        const { state, answers, earliestAt, sessions, expiresAt, openedAt } = await requester.status(client)
        seen.push(JSON.stringify([state, answers, earliestAt, sessions, expiresAt - openedAt]))
      }
    }
    await look()
    seen.push(await codeOf(pullOnly(phones[3] ?? expect.fail())))
    const [evicted, cancelled] = phones.splice(0, 2)
    await requester.cancel(cancelled?.client ?? expect.fail())
    stage.advance(15 * DAY)
    await look()
    // What ended two weeks ago is forgotten with either.
    for (const phone of [evicted, cancelled])
      seen.push(await codeOf(requester.status(phone?.client ?? expect.fail())))
    return seen
  }
  const known = await life(circle.owner.account)
  expect(await life(someId())).toEqual(known)
  expect(known.map((text) => text.slice(0, 14))).toContain('["collecting",')
})
