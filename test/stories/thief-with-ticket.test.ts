/** SIM swap: a thief has the number, and with it valid tickets. It can open requests, in sight of everyone, and get nothing. */
import { account, contact, owner, requester } from '@holdfast/client'
import { signDeletion, signVeto } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approve, approveAll, ask, requestAt } from '../support/story-call.ts'
import { DAY, HOUR, contactAt, openCircle, ownersView } from '../support/story-circle.ts'
import { codeOf, refusalOf } from '../support/story-refusal.ts'
import { openStage, type Stage } from '../support/story-stage.ts'
import { quietView } from '../support/story-unchanged.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

it('everyone sees the request; a contact who hears a stranger raises the alarm; the owner’s veto ends it', async () => {
  const circle = await openCircle(stage)
  const before = await quietView(stage, circle.owner)
  const thief = await ask(stage, circle.owner.account, { ticket: { sub: 'the stolen number' } })

  const seen = await ownersView(circle.owner)
  expect(seen.recoveries).toMatchObject([{ recovery: thief.recovery, state: 'collecting' }])
  for (const friend of circle.contacts) await requestAt(friend, thief.recovery)
  // Nothing else about the account is different.
  const { recoveries: _, log: __, revision: ___, ...rest } = seen
  expect(before).toMatchObject(rest)

  expect(await codeOf(requester.recover(thief.client))).toBe('not_releasable')
  const friend = contactAt(circle, 1)
  await contact.alarm(friend.client, await requestAt(friend, thief.recovery))
  // The thief is not told which of the two it was.
  expect(await requester.status(thief.client)).toMatchObject({ state: 'collecting', answers: 1 })
  expect((await ownersView(circle.owner)).recoveries[0]).toMatchObject({ alarmed: true })

  expect(await owner.veto(circle.owner.client, thief)).toEqual({ outcome: 'vetoed', until: null })
  expect(await codeOf(requester.recover(thief.client))).toBe('recovery_ended')
  expect((await requester.status(thief.client)).state).toBe('ended')
  expect(await codeOf(contact.alarm(friend.client, { owner: thief.account, ...thief }))).toBe(
    'recovery_ended',
  )
})

it('contacts who are deceived are not enough: the owner vetoes in the waiting period, to its last instant', async () => {
  const circle = await openCircle(stage)
  const thief = await ask(stage, circle.owner.account, { ticket: { sub: 'the stolen number' } })
  await approveAll(thief, circle.contacts)
  const { earliestAt } = await requester.status(thief.client)
  stage.advance(DAY - 60)
  expect(stage.now()).toBeLessThan(earliestAt ?? 0)
  const refusal = await refusalOf(requester.recover(thief.client))
  expect(refusal.code).toBe('not_releasable')
  expect(refusal.retryAfterMs).toBeGreaterThan(0)
  await owner.veto(circle.owner.client, thief)
  stage.advance(2 * DAY)
  expect(await codeOf(requester.recover(thief.client))).toBe('recovery_ended')
})

it('an alarm makes the others’ deceit slower by one waiting period, and cannot be told from an approval', async () => {
  const circle = await openCircle(stage, { count: 4 })
  const thief = await ask(stage, circle.owner.account)
  await approve(thief, contactAt(circle, 1))
  const doubter = contactAt(circle, 2)
  await contact.alarm(doubter.client, await requestAt(doubter, thief.recovery))
  const promised = await requester.status(thief.client)
  expect(promised).toMatchObject({ state: 'waiting', answers: 2 })
  await approve(thief, contactAt(circle, 3))
  stage.advance(DAY + HOUR)
  expect(await requester.status(thief.client)).toMatchObject({
    state: 'delayed',
    earliestAt: promised.earliestAt,
  })
  expect(await codeOf(requester.recover(thief.client))).toBe('not_releasable')
  stage.advance(DAY)
  // Two contacts still vouch, and nobody vetoed in all that time.
  expect((await requester.recover(thief.client)).liars).toEqual([])
})

it('after a veto the thief waits longer and longer, and anyone else a day at most', async () => {
  const circle = await openCircle(stage)
  const waits: number[] = []
  for (let vetoes = 1; vetoes <= 6; vetoes += 1) {
    const thief = await ask(stage, circle.owner.account, { ticket: { sub: 'the stolen number' } })
    await owner.veto(circle.owner.client, thief)
    const refusal = await refusalOf(
      ask(stage, circle.owner.account, { ticket: { sub: 'the stolen number' } }),
    )
    expect(refusal.code).toBe('backing_off')
    const others = await refusalOf(ask(stage, circle.owner.account, { ticket: { sub: 'somebody else' } }))
    expect(others.retryAfterMs).toBeLessThanOrEqual(DAY * 1000)
    waits.push((refusal.retryAfterMs ?? 0) / 3_600_000)
    stage.advance((refusal.retryAfterMs ?? 0) / 1000)
  }
  expect(waits.map(Math.round)).toEqual([4, 8, 16, 32, 64, 128])
})

it('a thief of a session token reads, and changes nothing: every change is signed by a key', async () => {
  const circle = await openCircle(stage)
  const asking = await ask(stage, circle.owner.account)
  const token = await circle.owner.client.sessions.token('device')
  const thief = await stage.person()
  const { keys } = await account.readSelf(thief.client)
  const post = async (path: string, body: unknown): Promise<string> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const answer = await fetch(`${stage.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return ((await answer.json()) as { code?: string }).code ?? `done (${answer.status})`
  }
  const before = await quietView(stage, circle.owner)
  const active = before.circle.active
  if (active === null) throw new Error('There is no circle.')
  const { circle: id, epoch, coreHash } = active
  const deletion = await signDeletion({
    ...{ account: circle.owner.account, circle: id, epoch, coreHash },
    identity: keys,
  })
  expect(await post('/v1/circle/deletions', deletion)).toBe('signature_rejected')
  const { account: owned, recovery } = asking
  const veto = await signVeto({ account: owned, recovery, by: 'identity', seed: keys.signing.seed })
  expect(await post('/v1/vetoes', veto)).toBe('signature_rejected')
  expect(await ownersView(circle.owner)).toEqual(before)
})

it('a rogue backend’s tickets open requests; they never register or replace an identity', async () => {
  const circle = await openCircle(stage)
  const before = await quietView(stage, circle.owner)
  const thief = stage.client()
  const wish = await account.prepare(thief)
  const stolen = { ...wish, account: circle.owner.account }
  // A ticket for the owner's account, with the thief's keys.
  expect(await codeOf(account.register(thief, { ticket: await stage.ticket(stolen) }))).toBe(
    'ticket_rejected',
  )
  // The thief's own client, told to register under the owner's account id.
  await thief.storage.set(
    'device',
    JSON.stringify({
      ...(JSON.parse((await thief.storage.get('device')) ?? '{}') as object),
      account: circle.owner.account,
    }),
  )
  expect(await codeOf(account.register(thief, { ticket: await stage.ticket(stolen) }))).toBe('account_exists')
  expect(await ownersView(circle.owner)).toEqual(before)
})
