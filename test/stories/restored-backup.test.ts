/** Records are restored from an older copy. The keys are not: what was over stays over. */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { owner, requester } from '@holdfast/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approveAll, ask, pullOnly } from '../support/story-call.ts'
import {
  DAY,
  HOUR,
  acceptOffers,
  contactAt,
  openCircle,
  ownersView,
  protect,
} from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { wholeLog } from '../support/store.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const records = () => join(stage.folder, 'records')
const copy = () => join(stage.folder, 'records.copy')

/** Stops the service, copies its records, and goes on. */
const backUp = () =>
  stage.restart(() => cp(records(), copy(), { recursive: true, force: true, preserveTimestamps: true }))

const restore = () =>
  stage.restart(async () => {
    await rm(records(), { recursive: true })
    await cp(copy(), records(), { recursive: true })
  })

it('a request of a circle that has been replaced since is revived, and releases nothing', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  await backUp()
  await owner.veto(circle.owner.client, phone)
  await protect(circle)
  for (const friend of circle.contacts) await acceptOffers(friend)
  stage.advance(DAY + HOUR)
  expect((await ownersView(circle.owner)).circle.active).toMatchObject({ epoch: 2 })
  await expect.poll(() => highWater(circle.owner.account)).toBe(2)

  await restore()
  // As if the veto and the new circle had never been, but that everything waits anew. And the keys know.
  expect(await shown(circle.owner)).toMatchObject({
    circle: { active: { epoch: 1 } },
    recoveries: [{ recovery: phone.recovery, state: 'waiting' }],
  })
  stage.advance(DAY)
  expect(await codeOf(requester.recover(phone.client))).toBe('recovery_ended')
  expect(await shown(circle.owner)).toMatchObject({ recoveries: [{ state: 'releasable' }] })
  // And the owner's device has seen more than the service now shows.
  expect(await codeOf(owner.status(circle.owner.client))).toBe('stale_circle')
  const late = await ask(stage, circle.owner.account)
  await approveAll(late, [contactAt(circle, 1), contactAt(circle, 3)])
  stage.advance(DAY)
  expect(await codeOf(requester.recover(late.client))).toBe('recovery_ended')
})

it('nor does one that was completed since, even though it had been released', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  stage.advance(DAY)
  await pullOnly(phone)
  await backUp()
  await requester.recover(phone.client)
  await expect.poll(() => highWater(circle.owner.account)).toBe(2)

  await restore()
  expect(await shown(circle.owner)).toMatchObject({ recoveries: [{ state: 'waiting' }] })
  stage.advance(DAY)
  expect(await codeOf(pullOnly(phone))).toBe('recovery_ended')
})

it('a veto that the records have forgotten still holds, for the keys know the request', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  await backUp()
  expect(await owner.veto(circle.owner.client, phone)).toMatchObject({ outcome: 'vetoed' })
  await expect.poll(() => isEnded(circle.owner.account, phone.recovery)).toBe(true)
  stage.advance(2 * DAY)
  await restore()
  expect(await codeOf(pullOnly(phone))).toBe('not_releasable')
  stage.advance(2 * DAY)
  expect(await codeOf(pullOnly(phone))).toBe('recovery_ended')
})

it('what the keys know nothing of waits anew from the restore on, and everybody is told', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  await backUp()
  stage.advance(2 * DAY)
  await restore()
  const restored = stage.now()
  expect(await codeOf(pullOnly(phone))).toBe('not_releasable')
  const [revived] = (await shown(circle.owner)).recoveries
  expect(revived?.releasableAt).toBeGreaterThan(restored + (DAY - HOUR) * 1000)
  const events = async () =>
    (await shownLog(circle.owner)).filter(({ type }) => type === 'recovery-restarted').length
  await expect.poll(events).toBe(1)
  stage.advance(DAY - 60)
  expect(await codeOf(pullOnly(phone))).toBe('not_releasable')
  stage.advance(120)
  await pullOnly(phone)
})

it('starting again without a restore, orderly or not, freezes nothing', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  stage.advance(DAY)
  await stage.restart()
  await pullOnly(phone)
  await stage.restart()
  expect(await shown(circle.owner)).toMatchObject({ recoveries: [{ state: 'released' }] })
})

it('the owner protects anew above the mark, and is back', async () => {
  const circle = await openCircle(stage)
  await backUp()
  await protect(circle)
  for (const friend of circle.contacts) await acceptOffers(friend)
  stage.advance(DAY + HOUR)
  await expect.poll(() => highWater(circle.owner.account)).toBe(2)
  await restore()
  expect((await shown(circle.owner)).circle).toMatchObject({ active: { epoch: 1 }, highestEpoch: 1 })
  // The owner's device remembers the numbers that it used up.
  const { epoch } = await protect(circle)
  expect(epoch).toBe(3)
})

it.each([
  ['once it has cooled', true],
  ['by the last acceptance, after that', false],
] as const)(
  'a change that was withdrawn since takes no effect %s: its key is gone, and the circle in force would go with it',
  async (_, isAccepted) => {
    const circle = await openCircle(stage)
    const { coreHash } = await protect(circle)
    const [last, ...others] = circle.contacts as [StoryPerson, ...StoryPerson[]]
    for (const friend of isAccepted ? circle.contacts : others) await acceptOffers(friend)
    await backUp()
    await owner.cancelChange(circle.owner.client, { coreHash })
    await expect.poll(() => epochKey(circle.owner.account, 2)).toBeNull()
    await restore()
    expect((await ownersView(circle.owner)).circle).toMatchObject({ pending: { epoch: 2 } })
    stage.advance(2 * DAY)
    if (!isAccepted) expect(await codeOf(acceptOffers(last))).toBe('acceptance_rejected')
    // What is in force stays in force, and the key comes back.
    expect((await ownersView(circle.owner)).circle).toMatchObject({ active: { epoch: 1 }, pending: null })
    const phone = await ask(stage, circle.owner.account)
    await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
    stage.advance(DAY)
    await requester.recover(phone.client)
  },
)

/** The lowest epoch that may still be released. */
const highWater = (account: string): Promise<number> =>
  stage.service().service.deps.keyStore.highWater(account)

const epochKey = (account: string, epoch: number) =>
  stage.service().service.deps.keyStore.read(account, epoch)

const isEnded = (account: string, recovery: string): Promise<boolean> =>
  stage.service().service.deps.keyStore.isEnded(account, recovery)

const shownLog = async ({ account }: StoryPerson) => wholeLog(stage.service().service.deps.records, account)

/** What the service shows, whatever the owner's device thinks of it. */
const shown = ({ client }: StoryPerson) => client.call('readAccount', {})
