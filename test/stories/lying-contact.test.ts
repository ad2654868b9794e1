/** A contact hands over a false share. It is named, and it stops nobody. */
import { contact, requester } from '@holdfast/client'
import { Secret, splitSecret, toBase64url } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approve, ask, compareCodes, requestAt, type StoryRequester } from '../support/story-call.ts'
import { DAY, contactAt, openCircle, type StoryCircle } from '../support/story-circle.ts'
import { type Falsify, approveWith, ownShare } from '../../src/demo/liar.ts'
import { refusalOf } from '../support/story-refusal.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const X_AT = 32

const withX =
  (x: number): Falsify =>
  (share) => {
    share[X_AT] = x
    return share
  }

const flipped: Falsify = (share) => {
  share[7] = (share[7] ?? 0) ^ 1
  return share
}

/** Each lie knows all that a liar may know: the request, and the other contact's x, which stands in the core. */
const LIES: Readonly<
  Record<string, (circle: StoryCircle, asking: StoryRequester) => Falsify | Promise<Falsify>>
> = {
  'one bit flipped': () => flipped,
  'x = 0 and bytes of its own choice, which the library would return as the secret': () => () =>
    withX(0)(Uint8Array.from({ length: 33 }, (_, at) => at)),
  'its own share under the x of another slot': async (circle, { recovery }) => {
    const friend = contactAt(circle, 2)
    const other = await ownShare(friend.client, await requestAt(friend, recovery))
    return withX(other[X_AT] ?? 0)
  },
  'a share of another split, with the right x': async () => {
    const [foreign] = await splitSecret(Secret.random(32), { threshold: 2, shares: 3 })
    return (share) => withX(share[X_AT] ?? 0)(Uint8Array.from(foreign?.bytes ?? []))
  },
  'the share of another contact, who gave it away': async (circle, { recovery }) => {
    const friend = contactAt(circle, 2)
    const other = await ownShare(friend.client, await requestAt(friend, recovery))
    return () => Uint8Array.from(other)
  },
}

it.each(Object.keys(LIES))('%s: named, and a third contact makes up for it', async (lie) => {
  const circle = await openCircle(stage, { payload: new TextEncoder().encode('untouched') })
  const phone = await ask(stage, circle.owner.account)
  const falsify = await LIES[lie]?.(circle, phone)
  if (falsify === undefined) throw new Error(`There is no lie called ${lie}.`)
  const liar = contactAt(circle, 1)
  await approveWith(liar.client, await compareCodes(phone, liar), falsify)
  await approve(phone, contactAt(circle, 2))
  stage.advance(DAY)

  const refusal = await refusalOf(requester.recover(phone.client))
  expect([refusal.code, refusal.slots]).toEqual(['too_few_shares', [1]])

  // It was released, and still another approval is taken.
  await approve(phone, contactAt(circle, 3))
  const recovered = await requester.recover(phone.client)
  expect(recovered.liars).toEqual([1])
  expect(new TextDecoder().decode(recovered.payload)).toBe('untouched')
})

it('with enough honest contacts the lie costs nothing, and its teller is named all the same', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveWith(contactAt(circle, 3).client, await compareCodes(phone, contactAt(circle, 3)), flipped)
  for (const slot of [1, 2]) await approve(phone, contactAt(circle, slot))
  stage.advance(DAY)
  expect((await requester.recover(phone.client)).liars).toEqual([3])
})

it('a contact who does not hold the share cannot approve at all: the check key is missing', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  const friend = contactAt(circle, 1)
  const request = await compareCodes(phone, friend)
  // The proof is what the share's own key signs; any other signature is refused before anything is counted.
  const forged = { ...friend.client }
  forged.call = (name, input, options) =>
    friend.client.call(
      name,
      name === 'decide' && input.body !== undefined
        ? { ...input, body: { ...input.body, proof: toBase64url(new Uint8Array(64)) } }
        : input,
      options,
    )
  expect((await refusalOf(contact.approve(forged, request))).code).toBe('signature_rejected')
  expect((await requester.status(phone.client)).answers).toBe(0)
})
