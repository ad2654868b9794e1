/** Several requests at once: one live approval per contact, room that nobody can occupy, approvals that fit one request only. */
import { contact, owner, requester } from '@holdfast/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approve, approveAll, ask, compareCodes, pullOnly, requestAt } from '../support/story-call.ts'
import {
  DAY,
  acceptOffers,
  contactAt,
  meet,
  openCircle,
  ownersView,
  protect,
} from '../support/story-circle.ts'
import { codeOf, refusalOf } from '../support/story-refusal.ts'
import { openRelay } from '../support/story-relay.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

it('a contact’s approval counts for the request it approved last; the other falls below the threshold', async () => {
  const circle = await openCircle(stage)
  const [one, two] = [await ask(stage, circle.owner.account), await ask(stage, circle.owner.account)]
  await approveAll(one, [contactAt(circle, 1), contactAt(circle, 2)])
  const states = async () => (await ownersView(circle.owner)).recoveries.map(({ state }) => state)
  expect(await states()).toEqual(['waiting', 'collecting'])

  await approve(two, contactAt(circle, 2))
  expect(await states()).toEqual(['collecting', 'collecting'])
  await approve(two, contactAt(circle, 3))
  expect(await states()).toEqual(['collecting', 'waiting'])
  // The first requester cannot tell.
  expect(await requester.status(one.client)).toMatchObject({ state: 'waiting', answers: 2 })

  stage.advance(DAY)
  expect(await codeOf(requester.recover(one.client))).toBe('not_releasable')
  expect((await requester.recover(two.client)).liars).toEqual([])
  expect(await states()).toEqual(['superseded', 'completed'])
  expect(await codeOf(requester.recover(one.client))).toBe('recovery_ended')
})

it('a stranger with any number of tickets cannot push out a request in which codes matched', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await compareCodes(phone, contactAt(circle, 1))
  const flood = []
  for (let count = 0; count < 12; count += 1)
    flood.push(await ask(stage, circle.owner.account, { ticket: { sub: `number ${count}` } }))
  const open = (await ownersView(circle.owner)).recoveries.filter(({ endedAt }) => endedAt === null)
  expect(open.map(({ recovery }) => recovery)).toEqual([
    phone.recovery,
    ...flood.slice(-2).map(({ recovery }) => recovery),
  ])
  const friend = contactAt(circle, 1)
  await contact.approve(friend.client, await requestAt(friend, phone.recovery))
  await approve(phone, contactAt(circle, 2))
  stage.advance(DAY)
  expect((await requester.recover(phone.client)).liars).toEqual([])
})

it('nor can it keep the owner out: unmatched requests give way, and only three voices fill the room', async () => {
  const circle = await openCircle(stage)
  const flood = []
  for (let count = 0; count < 3; count += 1) flood.push(await ask(stage, circle.owner.account))
  const phones = []
  for (const friend of circle.contacts) {
    const phone = await ask(stage, circle.owner.account)
    await compareCodes(phone, friend)
    phones.push(phone)
  }
  for (const { client } of flood) expect((await requester.status(client)).state).toBe('ended')
  expect(await codeOf(ask(stage, circle.owner.account))).toBe('too_many_open')
  const [first] = phones
  if (first !== undefined) await requester.cancel(first.client)
  await ask(stage, circle.owner.account)
})

it('one contact who compares codes for three requests holds one place: the owner always gets in', async () => {
  const circle = await openCircle(stage)
  const evil = contactAt(circle, 1)
  const theirs = []
  for (let count = 0; count < 3; count += 1) {
    const asked = await ask(stage, circle.owner.account)
    await compareCodes(asked, evil)
    theirs.push(asked)
  }
  const mine = await ask(stage, circle.owner.account)
  await compareCodes(mine, contactAt(circle, 2))
  const again = await ask(stage, circle.owner.account)
  await compareCodes(again, evil)
  const states = []
  for (const { client } of theirs) states.push((await requester.status(client)).state)
  expect(states).toEqual(['ended', 'ended', 'collecting'])
  await approveAll(mine, [contactAt(circle, 3)])
  await ask(stage, circle.owner.account)
  expect((await requester.status(mine.client)).state).not.toBe('ended')
})

it('an approval replayed to another request is worth nothing: bound transcript, one-use keys', async () => {
  const relay = await openRelay(stage.url)
  const circle = await openCircle(stage, { count: 4 })
  const earlier = await ask(stage, circle.owner.account)
  await approveAll(earlier, [contactAt(circle, 1), contactAt(circle, 2)])
  stage.advance(DAY)
  // A service that keeps what the earlier request was given …
  const kept = await pullOnly(earlier)
  await requester.cancel(earlier.client)

  const later = await ask(stage, circle.owner.account, { url: relay.url })
  await approveAll(later, [contactAt(circle, 1), contactAt(circle, 3)])
  stage.advance(DAY)
  // … and hands it to the later one, in place of what its contacts approved.
  relay.change('pullRelease', {
    answer: (release) => ({
      ...release,
      approvals: release.approvals.map(
        (approval) => kept.approvals.find(({ slot }) => slot === approval.slot) ?? approval,
      ),
    }),
  })
  const refusal = await refusalOf(requester.recover(later.client))
  expect([refusal.code, refusal.slots]).toEqual(['too_few_shares', [1]])
  relay.behave()
  expect((await requester.recover(later.client)).liars).toEqual([])
  await relay.close()
})

it('a contact’s client approves no request but the one whose codes it compared', async () => {
  const circle = await openCircle(stage)
  const [one, two] = [await ask(stage, circle.owner.account), await ask(stage, circle.owner.account)]
  const friend = contactAt(circle, 1)
  await compareCodes(one, friend)
  const other = await requestAt(friend, two.recovery)
  expect(await codeOf(contact.approve(friend.client, other))).toBe('codes_unconfirmed')
  expect((await requester.status(two.client)).answers).toBe(0)
})

it('who accepts late belongs to the circle; who accepts a circle that was replaced does not', async () => {
  const [holder, ...contacts] = (await stage.people(5)) as [StoryPerson, ...StoryPerson[]]
  for (const friend of contacts) await meet(holder, friend)
  const circle = { owner: holder, contacts }
  await protect(circle, { acceptances: 3 })
  for (const friend of contacts.slice(0, 3)) await acceptOffers(friend)
  expect((await ownersView(holder)).circle.active?.slots.map(({ state }) => state)).toEqual([
    'accepted',
    'accepted',
    'accepted',
    'offered',
  ])
  const late = contactAt(circle, 4)
  await acceptOffers(late)
  const phone = await ask(stage, holder.account)
  await approveAll(phone, [late, contactAt(circle, 1)])
  stage.advance(DAY)
  expect((await requester.recover(phone.client)).liars).toEqual([])

  const now = { ...holder, client: phone.client, storage: phone.storage }
  await protect({ owner: now, contacts }, { threshold: 2 })
  const stale = (await contact.shares(late.client)).offers[0]
  if (stale === undefined) throw new Error('Nothing was offered.')
  await protect({ owner: now, contacts }, { threshold: 3 })
  expect(await codeOf(contact.accept(late.client, stale))).toBe('acceptance_rejected')
  // It may take the one that stands.
  await acceptOffers(late)
  expect((await owner.status(now.client)).circle.pending?.slots[3]).toMatchObject({ state: 'accepted' })
})
