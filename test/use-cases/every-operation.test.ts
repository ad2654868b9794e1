/**
 * What every operation has in common: it succeeds once, is safe to repeat, asks who is there, and changes nothing when the
 * store says no.
 */
import {
  answerCodes,
  type ErrorCode,
  HoldfastError,
  OPERATIONS,
  OPERATION_NAMES,
  type OperationName,
  signCancel,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import type { DeviceCaller } from '../../src/use-cases/authorise.ts'
import type { Caller } from '../../src/use-cases/ports.ts'
import { newFriends, newId, newPerson } from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { ask, completionOf, pullOf } from '../support/recoveries.ts'
import { SCENES } from '../support/scenes.ts'
import { type Given, type World, callWith, openWorld, withRecords } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const failing = (code: ErrorCode) => () => Promise.reject(new HoldfastError(code))
const stored = async (account: string | null) =>
  account === null ? null : ((await world.deps.records.load(account))?.account ?? null)

/** They answer, and leave no record changed. */
const ANSWERS_ALONE = ['createChallenge', 'createSession'] as const
const changing: readonly OperationName[] = OPERATION_NAMES.filter(
  (name) => OPERATIONS[name].method === 'POST' && !ANSWERS_ALONE.some((one) => one === name),
)
const withCaller: readonly OperationName[] = OPERATION_NAMES.filter(
  (name) => OPERATIONS[name].caller !== 'none',
)

// What a repeat is told where the first call has ended what it was about.
const REPEATED: Partial<Record<OperationName, ErrorCode>> = {
  revokeDevice: 'session_expired',
  cancelChange: 'change_not_pending',
  // All had to accept: with the first decline the epoch is gone.
  declineShare: 'not_found',
  completeRecovery: 'already_completed',
}

describe.each(OPERATION_NAMES)('%s', (name) => {
  let given: Given<typeof name>
  let owner: string | null
  let before: Account | null
  beforeAll(async () => {
    ;({ given, owner } = await SCENES[name](world))
    before = await stored(owner)
  })
  const unchanged = async () => expect(await stored(owner)).toEqual(before)

  if (withCaller.includes(name))
    test('asks who is there', async () => {
      const { caller: _caller, ...anonymous } = given
      await expectOutcome(name, world.call(name, anonymous as Given<typeof name>), 'sign_in_required')
      const { account } = given.caller as Caller
      const other: Caller =
        OPERATIONS[name].caller === 'device'
          ? { role: 'requester', account, recovery: newId(), key: newId() }
          : { role: 'device', account, device: newId() }
      await expectOutcome(name, world.call(name, { ...given, caller: other }), 'sign_in_required')
      await unchanged()
    })

  if (OPERATIONS[name].caller === 'device')
    test('takes no token of a device that has ended', async () => {
      const caller = given.caller as DeviceCaller
      const gone = (await newPerson(world)).caller as DeviceCaller
      const stranger = { ...caller, device: gone.device }
      await expectOutcome(name, world.call(name, { ...given, caller: stranger }), 'session_expired')
      await unchanged()
    })

  test('passes on what the store says of itself, and changes nothing', async () => {
    for (const code of ['unavailable', 'clock_behind'] as const) {
      const refuse = failing(code)
      const deps = withRecords(world.deps, { load: refuse, loadAll: refuse, now: refuse, commit: refuse })
      await expectOutcome(name, callWith(deps, name, given), code)
    }
    await unchanged()
  })

  if (changing.includes(name))
    test('says busy when others always come first', async () => {
      const deps = withRecords(world.deps, { commit: async () => 'moved' })
      await expectOutcome(name, callWith(deps, name, given), 'busy')
      await unchanged()
    })

  if (changing.includes(name) || name === 'createSession')
    test('changes nothing on a full disk', async () => {
      const full = failing('storage_full')
      const deps = withRecords(world.deps, { commit: full, claim: full })
      await expectOutcome(name, callWith(deps, name, given), 'storage_full')
      await unchanged()
    })

  if (OPERATIONS[name].method === 'GET')
    test('writes nothing', async () => {
      const fails = async () => expect.fail(`${name} wrote`)
      const deps = withRecords(world.deps, { commit: fails, claim: fails, remember: fails, eraseBlob: fails })
      await callWith(deps, name, given)
    })

  test('then succeeds, and answers in the form of the table', async () => {
    await expectOutcome(name, world.call(name, given), 'ok')
  })

  if (changing.includes(name))
    test('has changed the record once, and repeated changes nothing more', async () => {
      const first = await stored(owner)
      expect(first?.revision).toBe((before?.revision ?? 0) + 1)
      const refusal = REPEATED[name]
      if (refusal === undefined) await expectOutcome(name, world.call(name, given), 'ok')
      else await expectOutcome(name, world.call(name, given), refusal)
      expect(await stored(owner)).toEqual(first)
    })
})

test.each(changing)('%s is done once when it is sent ten times at once', async (name) => {
  const { given, owner } = await SCENES[name](world)
  const before = await stored(owner)
  const sent = await Promise.allSettled(Array.from({ length: 10 }, () => world.call(name, given)))
  expect(sent.some(({ status }) => status === 'fulfilled')).toBe(true)
  expect((await stored(owner))?.revision).toBe((before?.revision ?? 0) + 1)
})

test('a request that is forgotten takes its session with it', async () => {
  const { owner } = await newFriends(world)
  const { account } = owner
  const open = async () => {
    const asked = await ask(world, account)
    const { recovery, keys: requester, caller } = asked
    const body = await signCancel({ account, recovery, requester })
    await world.call('cancelRecovery', { caller, body })
    return { asked, cancel: { caller, body } }
  }
  const { asked, cancel } = await open()
  for (let count = 0; count < 16; count += 1) await open()
  const { caller, keys: requester, recovery } = asked
  const place = { recovery, slot: 1, attempt: 1 }
  const answer = await answerCodes({ ...place, commitment: asked.coreHash, requester })
  const message = { message: answer.message }
  const { body } = await completionOf(world, asked, owner.identity)
  const pulling = { caller, body: await pullOf(asked) }
  await expectOutcome('readRecovery', world.call('readRecovery', { caller }), 'session_expired')
  await expectOutcome(
    'answerSession',
    world.call('answerSession', { caller, body: message }),
    'session_expired',
  )
  await expectOutcome('cancelRecovery', world.call('cancelRecovery', cancel), 'session_expired')
  await expectOutcome('pullRelease', world.call('pullRelease', pulling), 'session_expired')
  await expectOutcome('completeRecovery', world.call('completeRecovery', { caller, body }), 'session_expired')
})

test('every operation has a scene', () => {
  expect(Object.keys(SCENES).toSorted()).toEqual([...OPERATION_NAMES].toSorted())
})
