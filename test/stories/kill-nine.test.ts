/**
 * kill -9 between any two steps, and inside of each at its named points. The service starts again on the same folder, the SDK
 * carries on, and everything ends as if nothing had been.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contact, isHoldfastError, owner, requester } from '@holdfast/client'
import { toBase64url } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { FAIL_POINTS, type FailPoint } from '../../src/observe/fail-points.ts'
import {
  approve,
  ask,
  compareCodes,
  pullOnly,
  requestAt,
  type StoryRequester,
} from '../support/story-call.ts'
import { acceptOffers, meet, protect, type StoryCircle } from '../support/story-circle.ts'
import { build, superviseService, type Supervised } from '../support/story-child.ts'
import { codeOf } from '../support/story-refusal.ts'
import type { StoryPerson } from '../support/story-stage.ts'

const WAITING_SECONDS = 4
/** Each death where time's work is written down makes it late: test/faults has those, with processes that carry on meanwhile. */
const POINTS = FAIL_POINTS.filter((point) => !point.startsWith('settle'))
/** As configured for the child; the sweep also runs when it starts. */
const SWEEP_MS = 1000

let service: Supervised
beforeAll(async () => {
  build()
  service = await superviseService({ env: { HOLDFAST_BACK_OFF_SECONDS: '0' } })
}, 120_000)
afterAll(() => service.close())

/** As an app does with what it may try again: until it is done. */
const carryingOn = async <T>(act: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!isHoldfastError(error) || !error.advice.startsWith('retry')) throw error
    }
  }
}

/** Kills the service, lets it die at each of these points during `act`, and `act` succeeds all the same. */
const throughDeaths = async <T>(points: readonly FailPoint[], act: () => Promise<T>): Promise<T> => {
  await service.killAndArm(...points)
  const before = service.deaths.length
  const [result] = await Promise.all([act(), service.outlived()])
  expect(service.deaths.slice(before)).toEqual(points)
  return result
}

const seedOf = async ({ storage }: StoryPerson): Promise<string> =>
  (JSON.parse((await storage.get('device')) ?? '{}') as { seed: string }).seed

const noticesOf = async (): Promise<readonly { event: string; at: number }[]> =>
  (await readFile(join(service.folder, 'notices.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as { event: string; at: number })

it('a recovery outlives every death of the service', async () => {
  const payload = new Uint8Array(randomBytes(5000))
  const holder = await throughDeaths(['answer-before'], () => service.person())
  const contacts = await service.people(3)
  const circle: StoryCircle = { owner: holder, contacts }
  const [one, two, three] = contacts as [StoryPerson, StoryPerson, StoryPerson]
  for (const friend of contacts) await meet(holder, friend)

  const periods = { waitingSeconds: WAITING_SECONDS, coolingSeconds: 1, collectingSeconds: 3600 }
  await throughDeaths(['keep-before', 'keep-after', 'commit-after'], () =>
    carryingOn(() => protect(circle, { ...periods, payload })),
  )
  await acceptOffers(one)
  await throughDeaths(['commit-before'], () => acceptOffers(two))
  await throughDeaths(
    ['commit-after', 'relay-before', 'notice-after', 'trim-before', 'trim-after', 'relay-after'],
    () => acceptOffers(three),
  )

  const phone = await throughDeaths(['commit-after'], () => ask(service, holder.account))
  await throughDeaths(['answer-before', 'hint-after'], () => compareCodes(phone, one))
  await throughDeaths(['hint-before'], () => approve(phone, two))
  await service.killAndArm()
  // The quorum.
  await throughDeaths(['answer-before'], async () =>
    contact.approve(one.client, await requestAt(one, phone.recovery)),
  )
  await waiting(phone)
  const lateMs = await releasable(phone, holder)

  // Released, durable, and cut off before the answer; then once more on the repeat, which changes nothing.
  await throughDeaths(['commit-after', 'answer-before'], () => pullOnly(phone))
  // Completed, durable, and cut off; what is left to erase is erased in three more lives.
  const recovered = await throughDeaths(
    ['commit-after', 'erase-before', 'key-file-written', 'erase-after', 'trim-before'],
    () => carryingOn(() => requester.recover(phone.client)),
  )
  expect(toBase64url(recovered.recoveredSeed.expose())).toBe(await seedOf(holder))
  expect(Buffer.from(recovered.payload).equals(payload)).toBe(true)
  await service.killAndArm()
  await everythingIsDone(phone)
  console.log(
    `killed ${service.kills} times between steps and ${service.deaths.length} times inside (${new Set(service.deaths).size} ` +
      `of ${POINTS.length} points): violations 0; late by ${lateMs} ms, one sweep is ${SWEEP_MS}`,
  )
  expect(new Set(service.deaths)).toEqual(new Set(POINTS))
}, 180_000)

/** Killed in the waiting period as well: nothing is released before its end, and its end stays where it was. */
const waiting = async (phone: StoryRequester): Promise<void> => {
  const { earliestAt } = await requester.status(phone.client)
  await nothingEarly(phone, earliestAt)
  await service.killAndArm()
  expect((await requester.status(phone.client)).earliestAt).toBe(earliestAt)
  await nothingEarly(phone, earliestAt)
}

/** A pull before that instant is refused. On a machine so busy that it has nearly passed, nothing is asked. */
const nothingEarly = async (phone: StoryRequester, earliestAt: number | null): Promise<void> => {
  if (Date.now() + 500 < (earliestAt ?? 0)) expect(await codeOf(pullOnly(phone))).toBe('not_releasable')
}

/** Waits until people are told that it can be released. By how much that was late, in ms; four seconds more for a busy machine. */
const releasable = async (phone: StoryRequester, holder: StoryPerson): Promise<number> => {
  const open = (await owner.status(holder.client)).recoveries.find(
    ({ recovery }) => recovery === phone.recovery,
  )
  const dueAt = open?.releasableAt ?? 0
  const isTold = async () => (await noticesOf()).some(({ event }) => event === 'recovery-releasable')
  expect(Date.now() < dueAt && (await isTold())).toBe(false)
  await expect.poll(isTold, { timeout: WAITING_SECONDS * 1000 + 10_000, interval: 25 }).toBe(true)
  const lateMs = Date.now() - dueAt
  expect(lateMs).toBeGreaterThanOrEqual(0)
  expect(lateMs).toBeLessThan(SWEEP_MS + 4000)
  return lateMs
}

/** Every step stands in the log, once; the outbox is empty; the factor is gone. */
const everythingIsDone = async (phone: StoryRequester): Promise<void> => {
  const logged = async () =>
    (await phone.client.call('readLog', { query: {} })).entries.map(({ type }) => type)
  await expect.poll(logged, { timeout: 10_000 }).toContain('factor-erased')
  const types = (await owner.readLog(phone.client)).map(({ type }) => type)
  for (const type of [
    'account-registered',
    'epoch-activated',
    'recovery-opened',
    'recovery-quorum',
    'recovery-released',
    'recovery-completed',
  ])
    expect(types.filter((logged_) => logged_ === type)).toEqual([type])
  const told = new Set((await noticesOf()).map(({ event }) => event))
  for (const event of ['epoch-activated', 'recovery-opened', 'recovery-released', 'recovery-completed'])
    expect(told).toContain(event)
}

it('production cannot be told to die', () => {
  const production = {
    HOLDFAST_MASTER_KEY: randomBytes(32).toString('base64url'),
    HOLDFAST_APPS: JSON.stringify([]),
    HOLDFAST_FAIL_POINT: 'commit-after',
  }
  expect(() => readConfig(production)).toThrow('HOLDFAST_FAIL_POINT is not a setting')
  expect(() => readConfig({ ...production, HOLDFAST_MODE: 'development' })).not.toThrow()
  expect(readConfig({ HOLDFAST_MODE: 'development' }).failPoint).toBeNull()
})
