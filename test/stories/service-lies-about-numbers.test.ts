/**
 * A service that lies once about numbers which only grow, or about what comes next. Nothing it says so stays on a device: with
 * the truth everything goes on.
 */
import { contact, owner } from '@holdfast/client'
import type { AccountView, Signed } from '@holdfast/client/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ask, requestAt } from '../support/story-call.ts'
import { type StoryCircle, contactAt, openCircle, protect } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { type Relay, openRelay } from '../support/story-relay.ts'
import { type Stage, type StoryPerson, openStage } from '../support/story-stage.ts'

let stage: Stage
let relay: Relay
beforeAll(async () => {
  stage = await openStage()
  relay = await openRelay(stage.url)
})
afterEach(() => relay.behave())
afterAll(async () => {
  await relay.close()
  await stage.close()
})

const behindRelay = ({ account, storage }: StoryPerson): StoryPerson => ({
  ...{ account, storage },
  client: stage.client({ storage, url: relay.url }),
})

describe('to the owner', () => {
  const circleBehindRelay = async (): Promise<StoryCircle> => {
    const circle = await openCircle(stage)
    return { ...circle, owner: behindRelay(circle.owner) }
  }
  const lie = (change: (circle: AccountView['circle']) => AccountView['circle']): void =>
    relay.change('readAccount', { answer: (view) => ({ ...view, circle: change(view.circle) }) })
  const proposals = (): Signed[] => {
    const sent: Signed[] = []
    relay.change('proposeEpoch', {
      body: (body) => {
        sent.push(body.manifest)
        return body
      },
    })
    return sent
  }

  it.each([2 ** 31, 2 ** 31 - 1, 1002])('a highest epoch of %i', async (highestEpoch) => {
    const circle = await circleBehindRelay()
    await owner.status(circle.owner.client)
    const before = await circle.owner.storage.get('circle')
    lie((truth) => ({ ...truth, highestEpoch }))
    expect(await codeOf(protect(circle))).toBe('epoch_rejected')
    expect(await circle.owner.storage.get('circle')).toBe(before)
    relay.behave()
    expect((await protect(circle)).epoch).toBe(2)
    await owner.status(circle.owner.client)
  })

  it('what came before, and which circle it is: nothing is signed that follows a lie', async () => {
    const circle = await circleBehindRelay()
    const sent = proposals()
    const foreign = 'A'.repeat(22)
    lie((truth) => ({ ...truth, lastCoreHash: 'A'.repeat(43) }))
    expect(await codeOf(protect(circle))).toBe('stale_circle')
    lie((truth) => ({ ...truth, lastCoreHash: null }))
    expect(await codeOf(protect(circle))).toBe('stale_circle')
    lie((truth) => ({ ...truth, active: truth.active && { ...truth.active, circle: foreign } }))
    expect(await codeOf(protect(circle))).toBe('stale_circle')
    expect(await codeOf(owner.deleteCircle(circle.owner.client))).toBe('stale_circle')
    expect(sent).toEqual([])
    relay.behave()
    await protect(circle)
  })
})

describe('to a contact', () => {
  it.each([1_000_000, 999_999, 1001])('that it answered with number %i before', async (sequence) => {
    const circle = await openCircle(stage)
    const phone = await ask(stage, circle.owner.account)
    const friend = behindRelay(contactAt(circle, 1))
    const request = await requestAt(friend, phone.recovery)
    relay.change('listContactRecoveries', {
      answer: (view) => ({
        ...view,
        recoveries: view.recoveries.map((one) => ({
          ...one,
          answer: { decision: 'decline' as const, sequence, stolen: false, live: true, at: view.now },
        })),
      }),
    })
    expect(await codeOf(contact.alarm(friend.client, request))).toBe('sequence_rejected')
    relay.behave()
    await contact.alarm(friend.client, request)
    expect((await requestAt(friend, phone.recovery)).view.answer).toMatchObject({ sequence: 1 })
  })
})
