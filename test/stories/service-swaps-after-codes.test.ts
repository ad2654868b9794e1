/**
 * A service that lets people compare rightly and then shows the contact another request under the same id: its own. What a
 * contact compared is what it approves, or nothing.
 */
import { contact, requester } from '@holdfast/client'
import {
  type Codes,
  type IdentityKeys,
  type RecoveryBody,
  type Signed,
  Secret,
  codesOf,
  identityFromSeed,
  publicHalf,
  requestHash,
  signMessage,
} from '@holdfast/client/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type StoryRequester, ask, compareCodes, requestAt } from '../support/story-call.ts'
import { type StoryCircle, contactAt, openCircle } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { type Relay, openRelay } from '../support/story-relay.ts'
import { type Stage, type StoryPerson, openStage } from '../support/story-stage.ts'

let stage: Stage
let relay: Relay
let middle: IdentityKeys
let circle: StoryCircle

beforeAll(async () => {
  stage = await openStage()
  relay = await openRelay(stage.url)
  middle = await identityFromSeed(Secret.random(32))
})
afterEach(() => relay.behave())
afterAll(async () => {
  await relay.close()
  await stage.close()
})

/** A circle, a true request about its owner, and the first contact, who hears of it through the relay. */
const begun = async (): Promise<{ phone: StoryRequester; friend: StoryPerson }> => {
  circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  const { account, storage } = contactAt(circle, 1)
  return { phone, friend: { account, storage, client: stage.client({ storage, url: relay.url }) } }
}

/** The same request with the relay’s keys; after theft with its own next identity. */
const forge = (request: Signed, cause: 'lost' | 'stolen' = 'lost'): Promise<Signed> => {
  const keys = publicHalf(middle)
  const nextIdentity = cause === 'stolen' ? keys : null
  const body = { ...(JSON.parse(request.body) as RecoveryBody), requester: keys, cause, nextIdentity }
  return signMessage('recovery', body, middle.signing.seed)
}

const show = (request: Signed): void =>
  relay.change('listContactRecoveries', {
    answer: (view) => ({ ...view, recoveries: view.recoveries.map((one) => ({ ...one, request })) }),
  })

/** Whether anything was sent that the service could open or pass on. */
const watchAnswers = (): { answers: number } => {
  const seen = { answers: 0 }
  relay.change('decide', {
    instead: () => {
      seen.answers += 1
      return { revision: 1 }
    },
  })
  return seen
}

describe('another request under the id of the one that was compared', () => {
  it('shown after the codes: not approved, and nobody’s next identity is believed', async () => {
    const { phone, friend } = await begun()
    const request = await compareCodes(phone, friend)
    show(await forge(request.view.request, 'stolen'))
    const seen = watchAnswers()
    expect(await codeOf(contact.approve(friend.client, request))).toBe('codes_unconfirmed')
    expect(seen.answers).toBe(0)
    expect(await contact.owners(friend.client)).toMatchObject([{ next: null }])
    // To say no, it is enough that somebody asks.
    await contact.alarm(friend.client, request)
    expect(seen.answers).toBe(1)
    relay.behave()
    await contact.approve(friend.client, request)
  })

  it('shown once both nonces are known: the code that fits it is not even looked at', async () => {
    const { phone, friend } = await begun()
    const request = await requestAt(friend, phone.recovery)
    const { slot } = await contact.compare(friend.client, request)
    await requester.answer(phone.client, { slot })
    await contact.reveal(friend.client, request)
    const forged = await forge(request.view.request)
    const { first } = await codesAbout(phone, forged)
    show(forged)
    expect(await codeOf(contact.typeCode(friend.client, { ...request, code: first }))).toBe(
      'session_conflict',
    )
    relay.behave()
    const code = (await requester.readOut(phone.client, { slot })) ?? ''
    await contact.typeCode(friend.client, { ...request, code })
  })

  it('shown while a comparison is going on, or for another one: neither goes on nor begins', async () => {
    const { phone, friend } = await begun()
    const request = await requestAt(friend, phone.recovery)
    const { slot } = await contact.compare(friend.client, request)
    await requester.answer(phone.client, { slot })
    show(await forge(request.view.request))
    const before = await friend.storage.get('comparisons')
    for (const step of [contact.reveal, contact.compare, contact.compareDigits])
      expect(await codeOf(step(friend.client, request))).toBe('session_conflict')
    expect(await friend.storage.get('comparisons')).toBe(before)
  })

  it('by 60 digits the same', async () => {
    const { phone, friend } = await begun()
    const request = await requestAt(friend, phone.recovery)
    const { slot } = await contact.compareDigits(friend.client, request)
    const { digits } = await requester.showDigits(phone.client, { slot })
    show(await forge(request.view.request))
    const typed = { ...request, code: digits }
    expect(await codeOf(contact.typeCode(friend.client, typed))).toBe('session_conflict')
    relay.behave()
    await contact.typeCode(friend.client, typed)
    show(await forge(request.view.request))
    expect(await codeOf(contact.approve(friend.client, request))).toBe('codes_unconfirmed')
  })
})

/** What the service can reckon for a request of its own, knowing all it was told. */
const codesAbout = async (phone: StoryRequester, request: Signed): Promise<Codes> => {
  const { coreHash, sessions } = await requester.status(phone.client)
  const [session] = sessions
  if (session?.contactNonce == null || session.requesterNonce === null) throw new Error('No nonces yet.')
  const { slot, checkKey, contactNonce, requesterNonce } = session
  const transcript = { requestHash: requestHash(request), coreHash, slot, checkKey }
  return codesOf({ transcript, contactNonce, requesterNonce })
}
