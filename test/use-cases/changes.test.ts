import {
  canonicalize,
  countersign,
  type Json,
  publicHalf,
  signMessage,
  signSlotDecline,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  accept,
  acceptanceOf,
  newFriends,
  newId,
  newPeople,
  newPerson,
  type Person,
  propose,
} from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const group = async (contacts = 3) => {
  const [owner, ...others] = (await newPeople(world, 1 + contacts)) as [Person, ...Person[]]
  return { owner, contacts: others }
}

const circleOf = async ({ caller }: Person) => (await world.call('readAccount', { caller })).circle

test('a share is accepted by its contact alone, with the share at hand', async () => {
  const { owner, contacts } = await group()
  await propose(world, owner, contacts)
  const [first, second] = contacts as [Person, Person, Person]
  const other = await newPerson(world)
  const abroad = await newPerson(world, { app: world.otherApp })
  const body = await acceptanceOf(world, first, owner)
  const call = (person: Person, sent = body) =>
    world.call('acceptShare', { caller: person.caller, body: sent })
  const resign = async (person: Person, changes: Readonly<Record<string, Json>>) => {
    const said = JSON.parse(body.message.body) as Record<string, Json>
    const changed = { ...said, ...changes }
    return { ...body, message: await signMessage('acceptance', changed, person.identity.signing.seed) }
  }
  await expectOutcome('acceptShare', call(second), 'signature_rejected')
  await expectOutcome('acceptShare', call(second, await resign(second, {})), 'signature_rejected')
  const { proof } = await acceptanceOf(world, second, owner)
  await expectOutcome('acceptShare', call(first, { ...body, proof }), 'signature_rejected')
  const stranger = await resign(other, { contact: other.account })
  await expectOutcome('acceptShare', call(other, stranger), 'not_found')
  const foreign = await resign(abroad, { contact: abroad.account })
  await expectOutcome('acceptShare', call(abroad, foreign), 'not_found')
  await expectOutcome('acceptShare', call(first, await resign(first, { owner: newId() })), 'not_found')
  const theirs = await resign(second, { contact: second.account })
  await expectOutcome('acceptShare', call(second, theirs), 'acceptance_rejected')
  await expectOutcome('acceptShare', call(first, await resign(first, { epoch: 0 })), 'malformed')
  const older = await resign(first, { coreHash: publicHalf(other.identity).signing })
  await expectOutcome('acceptShare', call(first, older), 'acceptance_rejected')
  await expectOutcome('acceptShare', call(first), 'ok')
})

test('a share is declined by its contact alone, and not any more once others rely on it', async () => {
  const { owner, contacts } = await group()
  const built = await propose(world, owner, contacts)
  const [first, second] = contacts as [Person, Person, Person]
  const other = await newPerson(world)
  const of = async (person: Person, slot = 1, by = person) => {
    const { account } = person
    const place = { owner: owner.account, coreHash: built.coreHash, slot }
    return signSlotDecline({ ...place, account, identity: by.identity })
  }
  const call = async (person: Person, body: Awaited<ReturnType<typeof of>>) =>
    world.call('declineShare', { caller: person.caller, body })
  await expectOutcome('declineShare', call(first, await of(first, 1, second)), 'signature_rejected')
  await expectOutcome('declineShare', call(second, await of(second, 1)), 'acceptance_rejected')
  await expectOutcome('declineShare', call(second, await of(first, 1, second)), 'signature_rejected')
  await expectOutcome('declineShare', call(other, await of(other)), 'not_found')
  for (const contact of contacts) await accept(world, contact, owner)
  await expectOutcome('declineShare', call(first, await of(first)), 'acceptance_rejected')
})

test('with the consent of t contacts and of whoever leaves, a change need not cool', async () => {
  const friends = await newFriends(world)
  const { owner, built } = friends
  const newcomer = await newPerson(world)
  const other = await newPerson(world)
  const [first, second, third] = friends.contacts as [Person, Person, Person]
  const pending = await propose(world, owner, [first, second, newcomer])
  const of = (person: Person, slot: number, changes: { coreHash?: string; by?: Person } = {}) =>
    countersign({
      owner: owner.account,
      activeCoreHash: built.coreHash,
      slot,
      coreHash: changes.coreHash ?? pending.coreHash,
      account: person.account,
      identity: (changes.by ?? person).identity,
    })
  const call = async (person: Person, body: Awaited<ReturnType<typeof of>>) =>
    world.call('countersignChange', { caller: person.caller, body })
  await expectOutcome(
    'countersignChange',
    call(first, await of(first, 1, { by: second })),
    'signature_rejected',
  )
  await expectOutcome(
    'countersignChange',
    call(first, await of(second, 2, { by: first })),
    'signature_rejected',
  )
  await expectOutcome('countersignChange', call(other, await of(other, 1)), 'not_found')
  await expectOutcome('countersignChange', call(newcomer, await of(newcomer, 3)), 'not_found')
  const stale = await of(first, 1, { coreHash: built.coreHash })
  await expectOutcome('countersignChange', call(first, stale), 'change_not_pending')

  const { changes } = await world.call('listShares', { caller: third.caller })
  expect(changes).toMatchObject([{ owner: owner.account, slot: 3, leaving: true, countersigned: false }])
  for (const [index, person] of [first, second, third].entries())
    await expectOutcome('countersignChange', call(person, await of(person, index + 1)), 'ok')
  for (const person of [first, second, newcomer]) await accept(world, person, owner)
  expect((await circleOf(owner)).active?.epoch).toBe(2)
  // Who left sees nothing of the owner any more; what the share opens with is erased.
  expect((await world.call('listShares', { caller: third.caller })).shares).toEqual([])
  await world.work()
  expect(await world.deps.keyStore.read(owner.account, 1)).toBe(null)
  const log = await world.call('readLog', { caller: owner.caller })
  expect(log.entries.filter(({ type }) => type === 'factor-erased').map(({ details }) => details)).toEqual([
    { epoch: 1, what: 'factors-below' },
    { epoch: 2, what: 'factors-below' },
  ])
})

test('a contact sees its own shares, in every circle that it is in, and nobody else’s', async () => {
  const [contact, ...owners] = (await newPeople(world, 3)) as [Person, Person, Person]
  const others = await newPeople(world, 2)
  for (const owner of owners) await propose(world, owner, [contact, ...others])
  const { shares } = await expectOutcome(
    'listShares',
    world.call('listShares', { caller: contact.caller }),
    'ok',
  )
  expect(shares.map(({ owner }) => owner)).toEqual(owners.map(({ account }) => account).toSorted())
  expect(
    shares.every(({ slot, stage, state }) => slot === 1 && stage === 'pending' && state === 'offered'),
  ).toBe(true)
  expect(canonicalize(shares as unknown as Json)).not.toContain((others[0] as Person).account)
})
