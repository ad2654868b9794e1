/** A contact leaves the circle: from the moment the new one is active, what it holds opens nothing. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contact, owner, requester } from '@holdfast/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approve, approveAll, ask, requestAt } from '../support/story-call.ts'
import {
  DAY,
  HOUR,
  acceptOffers,
  contactAt,
  openCircle,
  ownersView,
  meet,
  protect,
  type StoryCircle,
} from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { onEmbedded } from '../support/engine.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

/** The owner asks for a circle in which a newcomer takes the last contact's place, and all of the new one accept. */
const replaceLast = async (circle: StoryCircle): Promise<StoryCircle> => {
  const newcomer = await stage.person()
  await meet(circle.owner, newcomer)
  const next = { ...circle, contacts: [...circle.contacts.slice(0, -1), newcomer] }
  await protect(next)
  for (const friend of next.contacts) await acceptOffers(friend)
  return next
}

const keyFiles = async (): Promise<string> => {
  const folder = join(stage.folder, 'keys')
  const names = await readdir(folder, { recursive: true })
  const files = names.filter((name) => name.endsWith('.json'))
  return (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n')
}

onEmbedded('reads the files of the key store')(
  'who was removed midway through a request can no longer help it, and the old release factor is gone',
  async () => {
    const circle = await openCircle(stage)
    const removed = contactAt(circle, 3)
    const phone = await ask(stage, circle.owner.account)
    const request = await requestAt(removed, phone.recovery)
    const next = await replaceLast(circle)
    // The old contacts see what is under way; the one who is to leave as well.
    for (const friend of circle.contacts)
      expect((await contact.shares(friend.client)).changes).toMatchObject([
        { kind: 'epoch', leaving: friend === removed, countersigned: false },
      ])
    const before = await keyFiles()

    // A request that nobody approved delays a change once, by 72 hours from when somebody looks.
    stage.advance(DAY + HOUR)
    await meet(circle.owner, await stage.person())
    expect((await ownersView(circle.owner)).circle).toMatchObject({
      active: { epoch: 1 },
      pending: { epoch: 2, delayed: true },
    })
    stage.advance(3 * DAY)
    expect((await ownersView(circle.owner)).circle).toMatchObject({ active: { epoch: 2 }, pending: null })
    expect((await ownersView(circle.owner)).recoveries.at(-1)?.state).toBe('superseded')
    expect((await requester.status(phone.client)).state).toBe('ended')

    expect(await codeOf(contact.alarm(removed.client, request))).toBe('recovery_ended')
    expect((await contact.shares(removed.client)).held).toEqual([])
    const again = await ask(stage, circle.owner.account)
    expect(await contact.requests(removed.client)).toEqual([])
    await approveAll(again, [contactAt(next, 1), contactAt(next, 3)])

    await expect.poll(() => erasedEpochs(circle), { timeout: 5000 }).toContain(2)
    const keys = JSON.parse((await keyFiles()).split('\n').find((text) => text.includes('"2":')) ?? '{}') as {
      highWater: number
      keys: Record<string, string>
    }
    expect([keys.highWater, Object.keys(keys.keys)]).toEqual([2, ['2']])
    expect(before).toContain('"1":')
  },
)

/** Epochs below which, as the log says, no release factor is left. */
const erasedEpochs = async ({ owner: holder }: StoryCircle): Promise<readonly unknown[]> => {
  const { entries } = await holder.client.call('readLog', { query: {} })
  return entries
    .filter(({ type, details }) => type === 'factor-erased' && details['what'] === 'factors-below')
    .map(({ details }) => details['epoch'])
}

it('a change cannot kill a recovery that contacts approved; it takes effect once that has ended', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approve(phone, contactAt(circle, 1))
  await replaceLast(circle)
  stage.advance(10 * DAY)
  expect((await ownersView(circle.owner)).circle).toMatchObject({
    active: { epoch: 1 },
    pending: { epoch: 2 },
  })
  await approve(phone, contactAt(circle, 3))
  await owner.veto(circle.owner.client, phone)
  expect((await ownersView(circle.owner)).circle).toMatchObject({ active: { epoch: 2 }, pending: null })
})

it('requests one after the other cannot hold up a change: it is delayed once, by 72 hours', async () => {
  const circle = await openCircle(stage)
  await replaceLast(circle)
  for (let count = 0; count < 9; count += 1) {
    await ask(stage, circle.owner.account, { ticket: { sub: `number ${count}` } })
    stage.advance(DAY / 2)
  }
  // One day of cooling and three of delay.
  expect((await ownersView(circle.owner)).circle).toMatchObject({ active: { epoch: 2 }, pending: null })
})

it('all current contacts may hasten a change that the owner asks them for by voice', async () => {
  const circle = await openCircle(stage)
  await replaceLast(circle)
  for (const friend of circle.contacts) {
    expect((await ownersView(circle.owner)).circle).toMatchObject({ active: { epoch: 1 } })
    for (const change of (await contact.shares(friend.client)).changes)
      await contact.countersign(friend.client, change)
  }
  expect((await ownersView(circle.owner)).circle).toMatchObject({ active: { epoch: 2 }, pending: null })
})
