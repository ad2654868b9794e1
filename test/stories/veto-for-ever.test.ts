/** Who holds the phone can veto. What beats that: the stolen-phone rule. What nothing beats: the veto key, kept off the phone. */
import { contact, owner, requester } from '@holdfast/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approve, approveAll, ask, requestAt } from '../support/story-call.ts'
import { DAY, HOUR, contactAt, meet, openCircle, ownersView, protect } from '../support/story-circle.ts'
import { codeOf, refusalOf } from '../support/story-refusal.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const openStolen = async () => {
  const vetoKey = await owner.makeVetoKey()
  const circle = await openCircle(stage, {
    count: 4,
    threshold: 2,
    stolenQuorum: 3,
    vetoKey: vetoKey.publicKey,
  })
  const phone = await ask(stage, circle.owner.account, { cause: 'stolen' })
  return { circle, phone, vetoKey: vetoKey.secret }
}

it('three contacts who were told of the theft beat the thief’s veto, for the price of one more waiting period', async () => {
  const { circle, phone } = await openStolen()
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)], { stolen: true })
  const veto = await owner.veto(circle.owner.client, phone)
  expect(veto.outcome).toBe('contested')
  stage.advance(DAY)
  expect(await codeOf(requester.recover(phone.client))).toBe('not_releasable')
  expect((await owner.veto(circle.owner.client, phone)).until).toBe(veto.until)
  // The thief also has a change under way. It goes with the veto.
  const accomplice = await stage.person()
  await meet(circle.owner, accomplice)
  await protect({ ...circle, contacts: [accomplice, ...circle.contacts.slice(1)] })

  await approve(phone, contactAt(circle, 3), { stolen: true })
  expect((await ownersView(circle.owner)).recoveries[0]).toMatchObject({ overridden: true })
  expect((await ownersView(circle.owner)).circle.pending).toBeNull()
  expect(await codeOf(owner.veto(circle.owner.client, phone))).toBe('veto_overruled')
  expect(await codeOf(requester.recover(phone.client))).toBe('not_releasable')
  stage.advance(DAY)
  expect((await requester.recover(phone.client)).liars).toEqual([])
})

it('contacts who say nothing of a theft do not beat a veto: it ends after 72 hours, and counts', async () => {
  const { circle, phone } = await openStolen()
  await approveAll(phone, circle.contacts)
  expect((await owner.veto(circle.owner.client, phone)).outcome).toBe('contested')
  stage.advance(3 * DAY + HOUR)
  expect(await codeOf(requester.recover(phone.client))).toBe('recovery_ended')
  expect((await ownersView(circle.owner)).recoveries[0]).toMatchObject({ state: 'vetoed' })
  expect((await refusalOf(ask(stage, circle.owner.account))).code).toBe('backing_off')
})

it('the veto key ends a request even after the contacts have overruled the phone, from any device', async () => {
  const { circle, phone, vetoKey } = await openStolen()
  for (const slot of [1, 2, 3]) await approve(phone, contactAt(circle, slot), { stolen: true })
  expect(await owner.veto(circle.owner.client, phone)).toEqual({ outcome: 'contested', until: null })
  expect(await codeOf(owner.veto(circle.owner.client, phone))).toBe('veto_overruled')
  const friend = contactAt(circle, 4)
  const request = await requestAt(friend, phone.recovery)
  const library = stage.client()
  const paper = { account: circle.owner.account, recovery: phone.recovery, vetoKey }
  expect(await owner.vetoWithKey(library, paper)).toEqual({ outcome: 'vetoed', until: null })
  stage.advance(3 * DAY)
  expect(await codeOf(requester.recover(phone.client))).toBe('recovery_ended')
  expect(await codeOf(contact.alarm(friend.client, request))).toBe('recovery_ended')
})

it('the veto key also withdraws what a thief changed; any other key does not', async () => {
  const { circle, vetoKey } = await openStolen()
  const accomplice = await stage.person()
  await meet(circle.owner, accomplice)
  const { coreHash } = await protect({ ...circle, contacts: [accomplice, ...circle.contacts.slice(1)] })
  const library = stage.client()
  const { account } = circle.owner
  const other = (await owner.makeVetoKey()).secret
  expect(await codeOf(owner.cancelChange(library, { account, coreHash, vetoKey: other }))).toBe(
    'signature_rejected',
  )
  expect((await ownersView(circle.owner)).circle.pending).toMatchObject({ epoch: 2 })
  await owner.cancelChange(library, { account, coreHash, vetoKey })
  expect((await ownersView(circle.owner)).circle.pending).toBeNull()
})
