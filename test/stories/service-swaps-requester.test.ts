/**
 * A service in the middle of a recovery, with keys of its own towards both sides. People who read codes to each other notice,
 * and it gets three guesses in a million, not one more.
 */
import { contact, requester } from '@holdfast/client'
import {
  type IdentityKeys,
  type RecoveryBody,
  type SessionStartBody,
  type Signed,
  Secret,
  answerCodes,
  identityFromSeed,
  publicHalf,
  requestHash,
  signMessage,
  startCodes,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ask, compareCodes, requestAt, type StoryRequester } from '../support/story-call.ts'
import { acceptOffers, contactAt, meet, protect, type StoryCircle } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { type Relay, openRelay } from '../support/story-relay.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
let relay: Relay
let middle: IdentityKeys
/** All of its people talk to the service through the relay. */
let circle: StoryCircle
let phone: StoryRequester

beforeAll(async () => {
  stage = await openStage()
  relay = await openRelay(stage.url)
  middle = await identityFromSeed(Secret.random(32))
  const people = await Promise.all(Array.from({ length: 3 }, () => stage.person({ url: relay.url })))
  const [holder, ...contacts] = people as [StoryPerson, ...StoryPerson[]]
  circle = { owner: holder, contacts }
  for (const friend of contacts) await meet(holder, friend)
  await protect(circle)
  for (const friend of contacts) await acceptOffers(friend)
})
beforeEach(async () => {
  relay.behave()
  phone = await ask(stage, circle.owner.account, { url: relay.url })
})
afterAll(async () => {
  await relay.close()
  await stage.close()
})

/** The request as the relay shows it to contacts: the same in everything but the keys, which are its own. */
const swapped = (request: Signed): Promise<Signed> => {
  const body = { ...(JSON.parse(request.body) as RecoveryBody), requester: publicHalf(middle) }
  return signMessage('recovery', body, middle.signing.seed)
}

/** Shows contacts its own keys as the requester's, and answers their comparisons in the requester's name. */
const playRequester = (): { started: SessionStartBody | null } => {
  const heard: { started: SessionStartBody | null } = { started: null }
  relay.change('startSession', {
    instead: ({ message }) => {
      heard.started = JSON.parse(message.body) as SessionStartBody
      return done()
    },
  })
  relay.change('revealSession', { instead: done })
  relay.change('concludeSession', { instead: done })
  relay.change('listContactRecoveries', {
    answer: async (view) => ({
      ...view,
      recoveries: await Promise.all(
        view.recoveries.map(async (one) => ({
          ...one,
          request: await swapped(one.request),
          session: await sessionFor(heard.started),
        })),
      ),
    }),
  })
  return heard
}

const done = () => ({ recoveries: [], now: stage.now() })

/** To a contact: what it started, answered by the relay. Never counted: it always claims to be the first attempt. */
const sessionFor = async (started: SessionStartBody | null) => {
  if (started?.mode !== 'codes') return null
  const { recovery, slot, attempt, commitment } = started
  const { message } = await answerCodes({ recovery, slot, attempt, commitment, requester: middle })
  const signature = 'A'.repeat(86)
  const start = { body: JSON.stringify(started), signature }
  return {
    slot,
    attempt,
    mode: 'codes' as const,
    step: 'answered' as const,
    start,
    answer: message,
    reveal: null,
  }
}

/** Towards the requester it plays the contact in this slot, with a commitment and nonce of its own. */
const playContact = async (slot: number): Promise<void> => {
  const seenBefore = await requester.status(phone.client)
  const { coreHash } = seenBefore
  const sent = JSON.parse((await phone.storage.get('request')) ?? '{}') as { opened: { message: Signed } }
  const { active } = (await circle.owner.client.call('readAccount', {})).circle
  const core = (JSON.parse(active?.manifest.body ?? '{}') as { core: { slots: { checkKey: string }[] } }).core
  const checkKey = core.slots[slot - 1]?.checkKey ?? ''
  const transcript = { requestHash: requestHash(sent.opened.message), coreHash, slot, checkKey }
  const place = { recovery: phone.recovery, slot, attempt: 1 }
  const { commitment, contactNonce } = await startCodes({ ...place, transcript, identity: middle })
  let isAnswered = false
  relay.change('answerSession', {
    instead: () => {
      isAnswered = true
      return seenBefore
    },
  })
  relay.change('readRecovery', {
    answer: (seen) => ({
      ...seen,
      sessions: [
        {
          ...{ slot, checkKey, attempt: 1, mode: 'codes' as const, commitment, requesterNonce: null },
          step: isAnswered ? ('revealed' as const) : ('started' as const),
          contactNonce: isAnswered ? contactNonce : null,
        },
      ],
    }),
  })
}

/** Both people follow what their devices say, with the relay between them. What the contact's device says of the code. */
const talk = async (slot: number): Promise<string> => {
  const friend = contactAt(circle, slot)
  await playContact(slot)
  const heard = playRequester()
  const request = await requestAt(friend, phone.recovery)
  heard.started = null
  await contact.compare(friend.client, request)
  await requester.answer(phone.client, { slot })
  await contact.reveal(friend.client, request)
  const code = await requester.readOut(phone.client, { slot })
  expect(code).toMatch(/^\d{6}$/)
  // One in a million would be the same: then this test fails, and the relay has won a prize.
  return codeOf(contact.typeCode(friend.client, { ...request, code: code ?? '' }))
}

it('the requester’s keys swapped towards the contacts: the codes that people read to each other differ', async () => {
  expect(await talk(1)).toBe('codes_differ')
  expect([...relay.changed.keys()]).toEqual(
    expect.arrayContaining(['listContactRecoveries', 'answerSession', 'readRecovery', 'revealSession']),
  )
  const friend = contactAt(circle, 1)
  const request = await requestAt(friend, phone.recovery)
  expect(await codeOf(contact.approve(friend.client, request))).toBe('codes_unconfirmed')
  // What the contact would have read back is not what the requester expects either, and it has one try.
  expect(await codeOf(requester.typeCode(phone.client, { slot: 1, code: '000000' }))).toBe('codes_differ')
  expect(await codeOf(requester.typeCode(phone.client, { slot: 1, code: '111111' }))).toBe('codes_differ')
})

it('… and if it passes the true commitment on, that one does not open to the requester’s own transcript', async () => {
  relay.change('listContactRecoveries', {
    answer: async (view) => ({
      ...view,
      recoveries: await Promise.all(
        view.recoveries.map(async (one) => ({ ...one, request: await swapped(one.request) })),
      ),
    }),
  })
  const friend = contactAt(circle, 1)
  // The requester’s own answer does not count for the relay’s keys: the contact’s device does not even reveal.
  expect(await codeOf(compareCodes(phone, friend))).toBe('signature_rejected')
})

it('codes ground by many sessions: three for each slot, counted on both devices, whatever the service says', async () => {
  for (let count = 0; count < 3; count += 1) {
    expect(await talk(2)).toBe('codes_differ')
    await codeOf(requester.typeCode(phone.client, { slot: 2, code: '000000' }))
  }
  expect(await codeOf(talk(2))).toBe('codes_exhausted')
  await playContact(2)
  expect(await codeOf(requester.answer(phone.client, { slot: 2 }))).toBe('codes_exhausted')
})

it('the requester’s device answers one contact at a time, and what the service says is over stays over', async () => {
  await playContact(1)
  await requester.answer(phone.client, { slot: 1 })
  const first = (await requester.status(phone.client)).sessions
  await playContact(2)
  const { sessions: second } = await requester.status(phone.client)
  relay.change('readRecovery', { answer: (seen) => ({ ...seen, sessions: [...first, ...second] }) })
  expect(await codeOf(requester.answer(phone.client, { slot: 2 }))).toBe('session_conflict')
  // The service may hide the first comparison. Then that one can no longer be confirmed.
  relay.change('readRecovery', { answer: (seen) => ({ ...seen, sessions: second }) })
  await requester.answer(phone.client, { slot: 2 })
  relay.change('readRecovery', { answer: (seen) => ({ ...seen, sessions: [...first, ...second] }) })
  expect(await codeOf(requester.typeCode(phone.client, { slot: 1, code: '000000' }))).toBe('session_conflict')
})

it('a false core from the start: the codes differ; exchanged later: noticed without any', async () => {
  const other = 'B'.repeat(42) + 'A'
  relay.change('openRecovery', { answer: (view) => ({ ...view, coreHash: other }) })
  relay.change('readRecovery', { answer: (view) => ({ ...view, coreHash: other }) })
  const misled = await ask(stage, circle.owner.account, { url: relay.url })
  expect(await codeOf(compareCodes(misled, contactAt(circle, 1)))).toBe('codes_differ')
  relay.change('readRecovery', { answer: (view) => view })
  expect(await codeOf(requester.status(misled.client))).toBe('stale_circle')
})
