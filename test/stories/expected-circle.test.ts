/**
 * What a requester knows by itself counts more than the circle that it is shown: contacts who lie together with the service
 * could show one of their own, in which two of them suffice.
 */
import { requester } from '@holdfast/client'
import { identityFromSeed, identityHash, publicHalf, toBase64url, Secret } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StoryRequester, approve, approveAll, ask } from '../support/story-call.ts'
import { DAY, type StoryCircle, contactAt, openCircle } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { type Stage, openStage } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

/** Two contacts confirmed a circle that says that two suffice, and the waiting period is over. */
const released = async (): Promise<{ circle: StoryCircle; phone: StoryRequester }> => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  stage.advance(DAY)
  return { circle, phone }
}

const hashOf = async (seed: Secret): Promise<string> =>
  toBase64url(identityHash(publicHalf(await identityFromSeed(seed))))

it('three were to be needed: two are not enough, whatever the circle says, and a third makes up for it', async () => {
  const { circle, phone } = await released()
  const expected = { threshold: 3 }
  expect(await codeOf(requester.recover(phone.client, { expected }))).toBe('codes_unconfirmed')
  const signal = AbortSignal.timeout(10_000)
  expect(await codeOf(requester.recoverWhenReady(phone.client, { signal, expected }))).toBe(
    'codes_unconfirmed',
  )
  const nonsense = { threshold: Number.NaN }
  expect(await codeOf(requester.recover(phone.client, { expected: nonsense }))).toBe('codes_unconfirmed')
  for (const name of ['recovered', 'device']) expect(await phone.storage.get(name)).toBeNull()

  await approve(phone, contactAt(circle, 3))
  expect((await requester.recover(phone.client, { expected })).liars).toEqual([])
})

it('another key than the app knows is not adopted; the right one is', async () => {
  const { circle, phone } = await released()
  const other = { identityHash: await hashOf(Secret.random(32)) }
  expect(await codeOf(requester.recover(phone.client, { expected: other }))).toBe('identity_changed')
  expect(await phone.storage.get('recovered')).toBeNull()
  const { seed } = JSON.parse((await circle.owner.storage.get('device')) ?? '{}') as { seed: string }
  const right = { identityHash: await hashOf(Secret.of(new Uint8Array(Buffer.from(seed, 'base64url')))) }
  await requester.recover(phone.client, { expected: right })
  // Also of what was pulled before.
  expect(await codeOf(requester.recover(phone.client, { expected: other }))).toBe('identity_changed')
})
