import {
  type BuiltEpoch,
  buildEpoch,
  type Json,
  publicHalf,
  Secret,
  signChangeCancel,
  signDeletion,
  signingPublicKey,
  signMessage,
  toBase64url,
  verifyActivation,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  accept,
  acceptanceOf,
  contactAt,
  type Friends,
  newFriends,
  newId,
  newPeople,
  newPerson,
  offerTo,
  type Person,
  planEpoch,
  type PlanOptions,
  proposalOf,
  propose,
} from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { DAY, type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const group = async (contacts = 3) => {
  const [owner, ...others] = (await newPeople(world, 1 + contacts)) as [Person, ...Person[]]
  return { owner, contacts: others }
}
const send = (owner: Person, body: ReturnType<typeof proposalOf>) =>
  world.call('proposeEpoch', { caller: owner.caller, body })
const build = async (owner: Person, contacts: readonly Person[], options: PlanOptions = {}) =>
  buildEpoch(await planEpoch(world, owner, contacts, options))

/** The manifest with another core, signed anew by the owner: what a client that does not refuse by itself could send. */
const resigned = async (owner: Person, built: BuiltEpoch, changes: Readonly<Record<string, Json>>) => {
  const body = JSON.parse(built.manifest.body) as { core: Record<string, Json> }
  const changed = { ...body, core: { ...body.core, ...changes } }
  return {
    ...proposalOf(built),
    manifest: await signMessage('manifest', changed, owner.identity.signing.seed),
  }
}
const circleOf = async ({ caller }: Person) => (await world.call('readAccount', { caller })).circle

test('an epoch becomes active with the last acceptance that it needs, and the record proves it', async () => {
  const { owner, contacts } = await group()
  const built = await build(owner, contacts)
  await expectOutcome('proposeEpoch', send(owner, proposalOf(built)), 'ok')
  for (const contact of contacts.slice(0, 2)) await accept(world, contact, owner)
  expect((await circleOf(owner)).active).toBe(null)
  const last = contacts[2] as Person
  const body = await acceptanceOf(world, last, owner)
  await expectOutcome('acceptShare', world.call('acceptShare', { caller: last.caller, body }), 'ok')
  const { active, pending } = await circleOf(owner)
  expect(pending).toBe(null)
  const { view } = await offerTo(world, last, owner, { stage: 'active' })
  for (const record of [active?.activation, view.activation]) {
    if (record === undefined || record === null) throw new Error('no activation')
    const { core } = built
    const proof = await verifyActivation({ record, core, service: world.deps.keys.signing.publicKey })
    expect(proof.proofs).toHaveLength(3)
  }
})

test('numbers that a circle may not have are refused by name', async () => {
  const { owner, contacts } = await group(3)
  const built = await build(owner, contacts)
  const policy = built.core.policy
  const one = await resigned(owner, built, { policy: { ...policy, threshold: 1 } })
  await expectOutcome('proposeEpoch', send(owner, one), 'threshold_out_of_range')
  const four = await resigned(owner, built, { policy: { ...policy, threshold: 4 } })
  await expectOutcome('proposeEpoch', send(owner, four), 'threshold_out_of_range')
  const slot = built.core.slots[0]
  if (slot === undefined) throw new Error('no slot')
  const crowd = await resigned(owner, built, { slots: Array.from({ length: 33 }, () => ({ ...slot })) })
  await expectOutcome('proposeEpoch', send(owner, crowd), 'too_many_contacts')
  const brief = await resigned(owner, built, { policy: { ...policy, waitingSeconds: 3599 } })
  await expectOutcome('proposeEpoch', send(owner, brief), 'policy_out_of_bounds')
  const few = await resigned(owner, built, { policy: { ...policy, acceptances: 2 } })
  await expectOutcome('proposeEpoch', send(owner, few), 'policy_out_of_bounds')
  const stolen = await resigned(owner, built, { policy: { ...policy, threshold: 3, stolenQuorum: 3 } })
  await expectOutcome('proposeEpoch', send(owner, stolen), 'policy_out_of_bounds')
  const slots = built.core.slots.map((each) => ({ ...each, verified: 'none' }))
  await expectOutcome(
    'proposeEpoch',
    send(owner, await resigned(owner, built, { slots })),
    'contacts_unverified',
  )
  const weak = 'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU'
  // The first fits more messages than its owner's; the second is lost together with the phone.
  for (const vetoKey of [weak, publicHalf(owner.identity).signing]) {
    const vetoed = proposalOf(await build(owner, contacts, { vetoKey }))
    await expectOutcome('proposeEpoch', send(owner, vetoed), 'key_rejected')
  }
  const extra = await resigned(owner, built, { more: 1 })
  await expectOutcome('proposeEpoch', send(owner, extra), 'malformed')
  const text = { ...proposalOf(built), manifest: { ...built.manifest, body: 'null ' } }
  await expectOutcome('proposeEpoch', send(owner, text), 'malformed')
  const unused = { ...proposalOf(built), payload: `${built.payload.slice(0, -2)}==` }
  await expect(send(owner, unused)).rejects.toThrow()
  expect((await circleOf(owner)).highestEpoch).toBe(0)
})

test('contacts are distinct people of the same app, none of them the owner', async () => {
  const { owner, contacts } = await group(3)
  const built = await build(owner, contacts)
  const withContact = (contact: string) => {
    const shares = built.shares.map((share, index) => (index === 0 ? { ...share, contact } : share))
    return { ...proposalOf(built), shares }
  }
  const [, second] = contacts as [Person, Person, Person]
  await expectOutcome('proposeEpoch', send(owner, withContact(second.account)), 'contact_duplicate')
  await expectOutcome('proposeEpoch', send(owner, withContact(owner.account)), 'contact_is_owner')
  await expectOutcome('proposeEpoch', send(owner, withContact(newId())), 'contact_unknown')
  const abroad = await newPerson(world, { app: world.otherApp })
  await expectOutcome('proposeEpoch', send(owner, withContact(abroad.account)), 'contact_unknown')
})

test('only the owner’s own key makes an epoch, and every part is the one that was signed', async () => {
  const { owner, contacts } = await group(3)
  const other = await newPerson(world)
  const built = await build(owner, contacts)
  const again = await build(owner, contacts)
  const body = proposalOf(built)
  await expectOutcome('proposeEpoch', send(other, body), 'signature_rejected')
  const account = await resigned(owner, built, { account: other.account })
  await expectOutcome('proposeEpoch', send(owner, account), 'signature_rejected')
  const keys = await resigned(owner, built, { owner: { ...publicHalf(other.identity) } })
  await expectOutcome('proposeEpoch', send(owner, keys), 'signature_rejected')
  const parts = proposalOf(again)
  for (const part of ['payload', 'shares', 'factor'] as const) {
    const swapped = { ...body, [part]: parts[part] }
    await expectOutcome('proposeEpoch', send(owner, swapped), 'commitment_rejected')
  }
  const fewer = { ...body, shares: body.shares.slice(1) }
  await expectOutcome('proposeEpoch', send(owner, fewer), 'commitment_rejected')
  // The hash fits, and what is sealed is not what the core commits to.
  const said = JSON.parse(built.manifest.body) as Record<string, Json>
  const theirs = JSON.parse(again.manifest.body) as Record<string, Json>
  const manifest = await signMessage(
    'manifest',
    { ...said, factorHash: theirs['factorHash'] as string },
    owner.identity.signing.seed,
  )
  const factor = { ...body, manifest, factor: again.factor }
  await expectOutcome('proposeEpoch', send(owner, factor), 'commitment_rejected')
  const release = await resigned(owner, built, { serviceKey: publicHalf(other.identity).sealing })
  await expectOutcome('proposeEpoch', send(owner, release), 'commitment_rejected')
  expect(await world.deps.keyStore.read(owner.account, 1), 'no key is kept for what was refused').toBe(null)
  await expectOutcome('proposeEpoch', send(owner, body), 'ok')
})

test('epochs only grow, and each follows the active one', async () => {
  const friends = await newFriends(world)
  const { owner, contacts } = friends
  const stale = await build(owner, contacts, { plan: { epoch: 1 } })
  await expectOutcome('proposeEpoch', send(owner, proposalOf(stale)), 'epoch_rejected')
  const broken = await build(owner, contacts, { plan: { previous: null } })
  await expectOutcome('proposeEpoch', send(owner, proposalOf(broken)), 'chain_broken')
  await deletion(friends, 'ok')
  const next = await build(owner, contacts)
  await expectOutcome('proposeEpoch', send(owner, proposalOf(next)), 'change_pending')
})

const deletion = async ({ owner, built }: Friends, outcome: 'ok' | 'signature_rejected', by = owner) => {
  const { circle, epoch } = built.core
  const { account } = owner
  const { coreHash } = built
  const body = await signDeletion({ account, circle, epoch, coreHash, identity: by.identity })
  const call = world.call('deleteCircle', { caller: owner.caller, body })
  if (outcome === 'ok') await expectOutcome('deleteCircle', call, 'ok')
  else await expectOutcome('deleteCircle', call, 'signature_rejected')
}

test('a circle is deleted by its owner alone, and only the active one, after it has cooled', async () => {
  const friends = await newFriends(world)
  const { owner, contacts, built } = friends
  await deletion(friends, 'signature_rejected', contactAt(friends, 1))
  const { account, identity } = owner
  const { circle } = built.core
  const { coreHash } = built
  const wrong = await signDeletion({ account, circle, epoch: 2, coreHash, identity })
  const { caller } = owner
  await expectOutcome('deleteCircle', world.call('deleteCircle', { caller, body: wrong }), 'epoch_rejected')
  const pending = await propose(world, owner, contacts)
  const body = await signDeletion({ account, circle, epoch: 1, coreHash, identity })
  await expectOutcome('deleteCircle', world.call('deleteCircle', { caller, body }), 'change_pending')
  await cancel(owner, pending.coreHash, identity.signing.seed)
  await deletion(friends, 'ok')
  world.advance(DAY - 1)
  expect((await circleOf(owner)).active).not.toBe(null)
  world.advance(1)
  expect((await circleOf(owner)).active).toBe(null)
  await expectOutcome('deleteCircle', world.call('deleteCircle', { caller, body }), 'no_circle')
  await world.work()
  expect(await world.deps.keyStore.read(account, 1)).toBe(null)
  expect(await world.deps.keyStore.highWater(account)).toBe(2)
})

const cancel = async (owner: Person, coreHash: string, seed: Secret) => {
  const body = await signChangeCancel({ account: owner.account, coreHash, seed })
  return world.call('cancelChange', { body })
}

test('a change is withdrawn by the identity key or the active epoch’s veto key, and by no other', async () => {
  const vetoSeed = Secret.random(32)
  const vetoKey = toBase64url(await signingPublicKey(vetoSeed))
  const friends = await newFriends(world, { vetoKey })
  const { owner, contacts } = friends
  const first = await propose(world, owner, contacts, { vetoKey })
  const other = await newPerson(world)
  const strange = cancel(owner, first.coreHash, other.identity.signing.seed)
  await expectOutcome('cancelChange', strange, 'signature_rejected')
  const unknown = cancel({ ...owner, account: newId() }, first.coreHash, owner.identity.signing.seed)
  await expectOutcome('cancelChange', unknown, 'signature_rejected')
  const byService = cancel({ ...owner, account: newId() }, first.coreHash, world.deps.keys.signing.seed)
  await expectOutcome('cancelChange', byService, 'signature_rejected')
  const otherHash = cancel(owner, friends.built.coreHash, vetoSeed)
  await expectOutcome('cancelChange', otherHash, 'change_not_pending')
  await expectOutcome('cancelChange', cancel(owner, first.coreHash, vetoSeed), 'ok')
  const second = await propose(world, owner, contacts, { vetoKey })
  await expectOutcome('cancelChange', cancel(owner, second.coreHash, owner.identity.signing.seed), 'ok')
  const garbled = world.call('cancelChange', { body: { message: { body: '[]', signature: 'A'.repeat(86) } } })
  await expectOutcome('cancelChange', garbled, 'malformed')
  await world.work()
  // Keys of what never became active are gone; the active one's stands.
  for (const [epoch, stands] of [
    [1, true],
    [2, false],
    [3, false],
  ] as const)
    expect((await world.deps.keyStore.read(owner.account, epoch)) !== null, `epoch ${epoch}`).toBe(stands)
})
