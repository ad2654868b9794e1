/** A thief holds the unlocked phone, and with it the identity key: swaps contacts, deletes the circle. It ends with the recovery. */
import { account, contact, owner, requester, watch } from '@holdfast/client'
import { socketTransport } from '@holdfast/client/live'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approveAll, ask } from '../support/story-call.ts'
import {
  DAY,
  HOUR,
  acceptOffers,
  contactAt,
  meet,
  openCircle,
  ownersView,
  protect,
  type StoryCircle,
} from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

/** Whoever holds the phone holds all that the SDK stored on it. */
const steal = ({ account: of, storage }: StoryPerson): StoryPerson => ({
  account: of,
  storage,
  client: stage.client({ storage }),
})

/** The thief's own people take the contacts' places, and accept at once. */
const swapContacts = async (thief: StoryPerson): Promise<readonly StoryPerson[]> => {
  const accomplices = await stage.people(3)
  for (const accomplice of accomplices) await meet(thief, accomplice)
  await protect({ owner: thief, contacts: accomplices })
  for (const accomplice of accomplices) await acceptOffers(accomplice)
  return accomplices
}

const seedOf = (recovered: requester.RecoveredKey): string =>
  Buffer.from(recovered.seed.expose()).toString('hex')

it('swapped contacts cool in sight of the real ones, and a recovery for theft is first', async () => {
  const circle = await openCircle(stage)
  const thief = steal(circle.owner)
  const accomplices = await swapContacts(thief)
  for (const friend of circle.contacts)
    expect((await contact.shares(friend.client)).changes).toMatchObject([{ kind: 'epoch', leaving: true }])
  const phone = await ask(stage, circle.owner.account, { cause: 'stolen' })
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)], { stolen: true })
  // The change has cooled, and still it does not end a request that contacts approved.
  stage.advance(DAY + HOUR)
  expect((await ownersView(thief)).circle).toMatchObject({ active: { epoch: 1 } })
  const recovered = await requester.recover(phone.client)
  expect(recovered.liars).toEqual([])
  const view = await owner.status(phone.client)
  expect(view.circle).toMatchObject({ active: null, pending: null })
  for (const accomplice of accomplices) expect((await contact.shares(accomplice.client)).offers).toEqual([])
})

it('after it the old key is refused everywhere, its sessions and sockets have ended, and so has its invitation', async () => {
  const circle = await openCircle(stage)
  const thief = steal(circle.owner)
  const { link } = await owner.invite(thief.client, { base: 'https://app.example/' })
  const token = await thief.client.sessions.token('device')
  const old = await account.readSelf(thief.client)
  const connections: boolean[] = []
  const listening = new AbortController()
  watch(
    thief.client,
    {
      role: 'device',
      signal: listening.signal,
      transport: (connection) =>
        socketTransport({ ...connection, onConnected: (up) => void connections.push(up) }),
    },
    () => undefined,
  )
  await expect.poll(() => connections, { timeout: 5000 }).toEqual([true])

  const phone = await ask(stage, circle.owner.account, { cause: 'stolen' })
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)], { stolen: true })
  stage.advance(DAY)
  const recovered = await requester.recover(phone.client)
  expect(seedOf(recovered)).not.toBe(Buffer.from(old.seed.expose()).toString('hex'))
  const mine = { ...circle.owner, client: phone.client, storage: phone.storage }
  const moved = await owner.status(mine.client)
  expect(moved.devices).toHaveLength(1)

  await expect.poll(() => connections.at(-1), { timeout: 5000 }).toBe(false)
  expect(connections).toEqual([true, false])
  listening.abort()
  const reading = await fetch(`${stage.url}/v1/account`, { headers: { authorization: `Bearer ${token}` } })
  expect(await reading.json()).toMatchObject({ code: 'session_expired' })
  // Signing in again, and whatever else the old key signs.
  const own = { recovery: phone.recovery }
  const again = await ask(stage, circle.owner.account)
  const change = { coreHash: 'A'.repeat(43) }
  for (const call of [
    () => owner.status(thief.client),
    () => owner.veto(thief.client, again),
    () => owner.veto(thief.client, own),
    () => owner.cancelChange(thief.client, change),
    () => owner.deleteCircle(thief.client),
    () => owner.invite(thief.client, { base: 'https://app.example/' }),
    () => protect({ owner: thief, contacts: circle.contacts }),
    () => contact.shares(thief.client),
  ])
    expect(await codeOf(call())).toBe('signature_rejected')
  // A link that the thief made before shows keys that are no longer the account's.
  const friend = contactAt(circle, 3)
  expect(await codeOf(contact.acceptInvitation(friend.client, link))).toMatch(
    /^(invitation_rejected|not_found)$/,
  )
  expect((await owner.status(mine.client)).recoveries.at(-1)).toMatchObject({ state: 'collecting' })

  // The owner meets the contacts again under the new key, and a circle stands at once.
  await protectAnew(mine, circle)
  expect((await ownersView(mine)).circle).toMatchObject({ active: { epoch: 2 }, pending: null })
})

const protectAnew = async (holder: StoryPerson, circle: StoryCircle): Promise<void> => {
  for (const friend of circle.contacts) await meet(holder, friend, { replace: true })
  await protect({ ...circle, owner: holder })
  for (const friend of circle.contacts) await acceptOffers(friend)
}

it('a deleted circle lives until it has cooled, and the next one is not a first one that needs no cooling', async () => {
  const circle = await openCircle(stage)
  const thief = steal(circle.owner)
  await owner.deleteCircle(thief.client)
  for (const friend of circle.contacts)
    expect((await contact.shares(friend.client)).changes).toMatchObject([{ kind: 'deletion' }])
  // Owner and thief hold the same key until the recovery: each may withdraw what the other asked for.
  const { coreHash } = (await ownersView(thief)).circle.active ?? { coreHash: '' }
  await owner.cancelChange(circle.owner.client, { coreHash })
  expect((await ownersView(thief)).circle.deletion).toBeNull()

  await owner.deleteCircle(thief.client)
  stage.advance(DAY + HOUR)
  expect((await ownersView(thief)).circle.active).toBeNull()
  await swapContacts(thief)
  const { active, pending } = (await ownersView(thief)).circle
  expect([active, pending?.epoch]).toEqual([null, 2])
  expect((pending?.coolsAt ?? 0) - stage.now()).toBeGreaterThan((DAY - 60) * 1000)
})

it('a recovery that contacts approved outlives a deletion', async () => {
  const circle = await openCircle(stage)
  const thief = steal(circle.owner)
  await owner.deleteCircle(thief.client)
  const phone = await ask(stage, circle.owner.account, { cause: 'stolen' })
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)], { stolen: true })
  // Long after the deletion has cooled, and as long as what may be released is kept for.
  stage.advance(14 * DAY)
  expect((await ownersView(thief)).circle.active).toMatchObject({ epoch: 1 })
  expect((await requester.recover(phone.client)).liars).toEqual([])
})

it('a thief with the phone and its number vetoes requests of its own: the owner is let in within the hour, every day', async () => {
  const circle = await openCircle(stage, { count: 4, threshold: 2, stolenQuorum: 3 })
  const { account: of } = circle.owner
  const thief = steal(circle.owner)
  for (let day = 0; day < 3; day += 1) {
    // Whenever it is let in, with whatever cause, and with the owner's own number.
    for (const cause of ['lost', 'stolen', 'stolen'] as const) {
      const own = await ask(stage, of, { cause, ticket: { sub: 'the number' } }).catch(() => null)
      if (own === null) continue
      await owner.veto(thief.client, own)
      await requester.cancel(own.client)
    }
    expect(await codeOf(ask(stage, of, { cause: 'stolen', ticket: { sub: 'the number' } }))).toBe(
      'backing_off',
    )
    stage.advance(HOUR + 1)
    const mine = await ask(stage, of, { cause: 'stolen', ticket: { sub: 'the number' } })
    await owner.veto(thief.client, mine)
    await requester.cancel(mine.client)
    // It gains nothing by the next veto.
    await requester.cancel((await ask(stage, of, { cause: 'stolen', ticket: { sub: 'the number' } })).client)
    stage.advance(DAY - HOUR)
  }
  const mine = await ask(stage, of, { cause: 'stolen', ticket: { sub: 'the number' } })
  await approveAll(
    mine,
    [1, 2, 3].map((slot) => contactAt(circle, slot)),
    { stolen: true },
  )
  expect(await owner.veto(thief.client, mine)).toMatchObject({ outcome: 'contested', until: null })
  stage.advance(2 * DAY)
  expect((await requester.recover(mine.client)).liars).toEqual([])
})

it('a thief who pushes the owner’s request out gains no hour of the delay that it gave', async () => {
  const circle = await openCircle(stage, { count: 4, threshold: 2, stolenQuorum: 3 })
  const { account: of } = circle.owner
  await owner.deleteCircle(steal(circle.owner).client)
  stage.advance(DAY - HOUR)
  await ask(stage, of, { cause: 'stolen', ticket: { sub: 'own' } })
  stage.advance(2 * HOUR)
  const delayed = (await ownersView(circle.owner)).circle.deletion!.coolsAt
  expect(delayed).toBeGreaterThan(stage.now() + 2 * DAY * 1000)
  for (let count = 0; count < 3; count += 1)
    await requester.cancel((await ask(stage, of, { ticket: { sub: `thief ${count}` } })).client)
  const { circle: now } = await ownersView(circle.owner)
  expect(now.active?.epoch).toBe(1)
  expect(now.deletion?.coolsAt).toBeGreaterThanOrEqual(delayed)
  const mine = await ask(stage, of, { cause: 'stolen', ticket: { sub: 'own' } })
  await approveAll(mine, [contactAt(circle, 1), contactAt(circle, 2)], { stolen: true })
  stage.advance(4 * DAY)
  expect((await requester.recover(mine.client)).liars).toEqual([])
})
