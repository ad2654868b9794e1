/** Answers of contacts, and who sees what of them. */
import {
  type Json,
  type SignedType,
  signMessage,
  verifyDecisionProof,
  decisionProofBody,
  parseBody,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contactAt, newFriends, newId, newPerson, type Person } from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import {
  approvalOf,
  approve,
  ask,
  askApproved,
  askReleased,
  compare,
  pull,
  refusalOf,
  refuse,
  transcriptFor,
  vetoOf,
} from '../support/recoveries.ts'
import { callWith, DAY, type World, openWorld, withRecords } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const resigned = async (
  person: Person,
  type: SignedType,
  text: string,
  changes: Readonly<Record<string, Json>>,
) => {
  const body = { ...(JSON.parse(text) as Record<string, Json>), ...changes }
  return signMessage(type, body, person.identity.signing.seed)
}

test('an answer counts for the request, the slot and the contact that signed it', async () => {
  const friends = await newFriends(world)
  const owner = friends.owner.account
  const asked = await ask(world, owner)
  const other = await ask(world, owner)
  const [one, two] = [contactAt(friends, 1), contactAt(friends, 2)]
  const stranger = await newPerson(world)
  const body = await approvalOf(world, friends, asked, 1)
  const send = (person: Person, sent: typeof body | Awaited<ReturnType<typeof refusalOf>> = body) =>
    world.call('decide', { caller: person.caller, body: sent })
  // Nobody has compared codes with this requester yet.
  await expectOutcome('decide', send(one), 'approval_rejected')
  await compare(world, friends, asked, 1)
  await expectOutcome('decide', send(two), 'signature_rejected')
  const change = async (person: Person, changes: Readonly<Record<string, Json>>) => ({
    ...body,
    message: await resigned(person, 'decision', body.message.body, changes),
  })
  await expectOutcome('decide', send(two, await change(two, {})), 'signature_rejected')
  const theirs = await change(stranger, { contact: stranger.account })
  await expectOutcome('decide', send(stranger, theirs), 'not_found')
  await expectOutcome('decide', send(one, await change(one, { recovery: newId() })), 'not_found')
  await expectOutcome('decide', send(one, await change(one, { owner: newId() })), 'not_found')
  await expectOutcome('decide', send(one, await change(one, { slot: 33 })), 'malformed')
  // The share's own key did not sign this.
  await expectOutcome('decide', send(one, await change(one, { stolen: true })), 'signature_rejected')
  const unlike = { ...body, sealed: (await approvalOf(world, friends, asked, 1)).sealed }
  await expectOutcome('decide', send(one, unlike), 'approval_rejected')
  // Signed for this request, sent as if for the other.
  await compare(world, friends, other, 1)
  const replayed = await change(one, { recovery: other.recovery })
  await expectOutcome('decide', send(one, replayed), 'approval_rejected')
  await expectOutcome('decide', send(one), 'ok')
  const older = await approvalOf(world, friends, asked, 1, { sequence: 1 })
  await expectOutcome('decide', send(one, older), 'sequence_rejected')
  const alarm = await refusalOf(world, friends, asked, 1, 'alarm', 1)
  await expectOutcome('decide', send(one, alarm), 'sequence_rejected')
  await world.call('veto', { body: await vetoOf(friends.owner, asked.recovery) })
  await expectOutcome(
    'decide',
    send(one, await refusalOf(world, friends, asked, 1, 'alarm', 2)),
    'recovery_ended',
  )
})

test('after release only an approval of a slot without one is taken', async () => {
  const friends = await newFriends(world, { contacts: 4 })
  const { asked } = await askReleased(world, friends, [1, 2])
  const send = async (slot: number, body: Awaited<ReturnType<typeof refusalOf>>) =>
    world.call('decide', { caller: contactAt(friends, slot).caller, body })
  await expectOutcome(
    'decide',
    send(1, await refusalOf(world, friends, asked, 1, 'alarm', 2)),
    'not_collecting',
  )
  await expectOutcome(
    'decide',
    send(3, await refusalOf(world, friends, asked, 3, 'decline')),
    'not_collecting',
  )
  await approve(world, friends, asked, 4)
  expect((await pull(world, asked)).approvals.map(({ slot }) => slot)).toEqual([1, 2, 4])
})

test('to the requester an alarm looks like an approval', async () => {
  const views = []
  for (const alarmed of [false, true]) {
    const friends = await newFriends(world, { contacts: 4 })
    const { asked } = await askApproved(world, friends, [1])
    if (alarmed) await refuse(world, friends, asked, 2, 'alarm')
    else await approve(world, friends, asked, 2)
    const view = await expectOutcome(
      'readRecovery',
      world.call('readRecovery', { caller: asked.caller }),
      'ok',
    )
    const { state, answers, earliestAt } = view
    views.push({ state, answers, earliestAt })
  }
  expect(views[1]).toEqual(views[0])
  expect(views[0]).toEqual({ state: 'waiting', answers: 2, earliestAt: world.now() + DAY })
})

test('a contact sees requests of its owners only, and its own part of them', async () => {
  const friends = await newFriends(world)
  const others = await newFriends(world)
  const asked = await ask(world, friends.owner.account)
  await ask(world, others.owner.account)
  await refuse(world, friends, asked, 2, 'alarm')
  const list = (person: Person) => world.call('listContactRecoveries', { caller: person.caller })
  const { recoveries } = await expectOutcome('listContactRecoveries', list(contactAt(friends, 1)), 'ok')
  expect(recoveries).toMatchObject([{ owner: friends.owner.account, slot: 1, answer: null, alarmed: true }])
  const second = await list(contactAt(friends, 2))
  expect(second.recoveries).toMatchObject([{ slot: 2, answer: { decision: 'alarm', sequence: 1 } }])
})

test('a decision carries the check key’s proof to the requester', async () => {
  const friends = await newFriends(world)
  const { asked, release } = await askReleased(world, friends, [1, 2])
  const stored = (await world.deps.records.load(friends.owner.account))?.account.recoveries[0]
  for (const { slot, proof } of release.approvals) {
    const answer = stored?.answers.find((one) => one.slot === slot)
    const { owner: _, recovery: __, contact: ___, ...proofBody } = JSON.parse(answer?.message.body ?? '{}')
    const body = parseBody(JSON.stringify(proofBody), decisionProofBody)
    const checkKey = transcriptFor(friends, asked, slot).checkKey
    expect(await verifyDecisionProof(body, proof, checkKey)).toBe(true)
  }
})

test('the store is asked as often for an owner that there is as for one that there is not', async () => {
  const friends = await newFriends(world)
  const asked = await ask(world, friends.owner.account)
  await compare(world, friends, asked, 1)
  const { caller, ...person } = contactAt(friends, 1)
  const body = await approvalOf(world, friends, asked, 1)
  const looks = async (owner: string): Promise<readonly string[]> => {
    const seen: string[] = []
    const { load, loadAll, now } = withRecords(world.deps, {}).records
    const noted =
      <A extends readonly unknown[], R>(name: string, method: (...args: A) => R) =>
      (...args: A): R => {
        seen.push(name)
        return method(...args)
      }
    const deps = withRecords(world.deps, {
      load: noted('load', load),
      loadAll: noted('loadAll', loadAll),
      now: noted('now', now),
    })
    const message = await resigned({ caller, ...person }, 'decision', body.message.body, { owner })
    await callWith(deps, 'decide', { caller, body: { ...body, message } }).catch(() => undefined)
    return seen
  }
  for (const owner of [friends.owner.account, newId(), (await newPerson(world)).account])
    expect(await looks(owner)).toEqual(['loadAll'])
})
