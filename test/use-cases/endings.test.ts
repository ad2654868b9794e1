/** Veto, cancelling, release and completion. */
import {
  type CompletionMessage,
  identityFromSeed,
  type Json,
  publicHalf,
  Secret,
  signCancel,
  signingPublicKey,
  signMessage,
  signVeto,
  stateDevice,
  stateIdentity,
  toBase64url,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contactAt, type Friends, newFriends, newId, newPerson, propose, signIn } from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import {
  approve,
  ask,
  askApproved,
  askReleased,
  completionOf,
  open,
  pull,
  pullOf,
  refuse,
  type Requester,
  vetoOf,
} from '../support/recoveries.ts'
import { callWith, DAY, HOUR, type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

type VetoBody = Awaited<ReturnType<typeof vetoOf>>
const veto = (body: VetoBody) => world.call('veto', { body })
const keyPair = async () => {
  const seed = Secret.random(32)
  return { seed, key: toBase64url(await signingPublicKey(seed)) }
}
const stateOf = async ({ owner }: Friends, { recovery }: Requester) => {
  const { recoveries } = await world.call('readAccount', { caller: owner.caller })
  return recoveries.find((one) => one.recovery === recovery)?.state
}

test('a veto counts under the identity key or the veto key, as it says, and under no other', async () => {
  const { seed, key: vetoKey } = await keyPair()
  const friends = await newFriends(world, { vetoKey })
  const { owner } = friends
  const first = await ask(world, owner.account)
  const other = await newPerson(world)
  const by = (more: Partial<Parameters<typeof signVeto>[0]>) =>
    signVeto({
      account: owner.account,
      recovery: first.recovery,
      by: 'identity',
      seed: owner.identity.signing.seed,
      ...more,
    })
  for (const body of [
    await by({ seed: other.identity.signing.seed }),
    await by({ seed }),
    await by({ by: 'veto-key' }),
    await by({ account: newId() }),
    await by({ account: newId(), seed: world.deps.keys.signing.seed }),
    await by({ account: other.account }),
    await by({ by: 'veto-key', recovery: newId(), seed: world.deps.keys.signing.seed }),
    await by({ seed: contactAt(friends, 1).identity.signing.seed }),
  ])
    await expectOutcome('veto', veto(body), 'signature_rejected')
  const garbled = { message: { ...(await by({})).message, body: '{"by":"identity"}' } }
  await expectOutcome('veto', veto(garbled), 'malformed')
  await expectOutcome('veto', veto(await by({ recovery: newId() })), 'recovery_ended')
  expect(await stateOf(friends, first)).toBe('collecting')
  const body = await by({ by: 'veto-key', seed })
  expect(await expectOutcome('veto', veto(body), 'ok')).toEqual({ outcome: 'vetoed', until: null })
  expect(await expectOutcome('veto', veto(body), 'ok')).toEqual({ outcome: 'vetoed', until: null })
  expect(await stateOf(friends, first)).toBe('vetoed')
})

test('a veto that comes too late says so, and one against an ended request too', async () => {
  const friends = await newFriends(world)
  const { asked } = await askReleased(world, friends, [1, 2])
  await expectOutcome('veto', veto(await vetoOf(friends.owner, asked.recovery)), 'veto_too_late')
  const other = await ask(world, friends.owner.account)
  const { account, recovery, keys: requester } = other
  const body = await signCancel({ account, recovery, requester })
  await expectOutcome('cancelRecovery', world.call('cancelRecovery', { caller: other.caller, body }), 'ok')
  await expectOutcome('veto', veto(await vetoOf(friends.owner, recovery)), 'recovery_ended')
})

test('a request is cancelled by its own requester alone', async () => {
  const friends = await newFriends(world)
  const [first, second] = [await ask(world, friends.owner.account), await ask(world, friends.owner.account)]
  const of = ({ account, recovery }: Requester, { keys: requester }: Requester) =>
    signCancel({ account, recovery, requester })
  const cancel = async (by: Requester, body: VetoBody) =>
    world.call('cancelRecovery', { caller: by.caller, body })
  await expectOutcome('cancelRecovery', cancel(first, await of(second, second)), 'signature_rejected')
  await expectOutcome('cancelRecovery', cancel(first, await of(second, first)), 'signature_rejected')
  await expectOutcome('cancelRecovery', cancel(first, await of(first, first)), 'ok')
  await veto(await vetoOf(friends.owner, second.recovery))
  await expectOutcome('cancelRecovery', cancel(second, await of(second, second)), 'recovery_ended')
})

test('contacts who know of the theft beat the thief’s veto; the veto key still ends it', async () => {
  const { seed, key: vetoKey } = await keyPair()
  const friends = await newFriends(world, { contacts: 4, policy: { stolenQuorum: 3 }, vetoKey })
  const { owner } = friends
  const { asked } = await askApproved(world, friends, [1, 2], { cause: 'stolen', stolen: true })
  const byThief = await vetoOf(owner, asked.recovery)
  const contested = await expectOutcome('veto', veto(byThief), 'ok')
  expect(contested).toEqual({ outcome: 'contested', until: world.now() + 72 * HOUR })
  world.advance(DAY)
  await expectOutcome('pullRelease', pull(world, asked), 'not_releasable')
  await approve(world, friends, asked, 3, { stolen: true })
  await expectOutcome('veto', veto(byThief), 'veto_overruled')
  // The quorum is a day old, and the override adds one waiting period.
  await expectOutcome('pullRelease', pull(world, asked), 'not_releasable')
  world.advance(DAY - 1)
  await expectOutcome('pullRelease', pull(world, asked), 'not_releasable')
  const body = await vetoOf(owner, asked.recovery, { by: 'veto-key', seed })
  await expectOutcome('veto', veto(body), 'ok')
  expect(await stateOf(friends, asked)).toBe('vetoed')
})

test('nothing is released a millisecond early, and no alarm is counted out', async () => {
  const friends = await newFriends(world, { contacts: 4 })
  const { asked } = await askApproved(world, friends, [1, 2])
  const first = await expectOutcome('pullRelease', pull(world, asked), 'not_releasable')
  expect(first.retryAfterMs).toBe(DAY)
  world.advance(DAY - 1)
  await expectOutcome('pullRelease', pull(world, asked), 'not_releasable')
  await refuse(world, friends, asked, 3, 'alarm')
  world.advance(1)
  const later = await expectOutcome('pullRelease', pull(world, asked), 'not_releasable')
  expect(later.retryAfterMs, 'how long an alarm adds is not told').toBe(undefined)
  world.advance(DAY)
  const release = await expectOutcome('pullRelease', pull(world, asked), 'ok')
  expect(release.approvals.map(({ slot }) => slot)).toEqual([1, 2])
})

test('a release is pulled by its requester alone, as often as it likes, until it is complete', async () => {
  const friends = await newFriends(world)
  const { asked, confirmed, release } = await askReleased(world, friends, [1, 2])
  const other = await ask(world, friends.owner.account)
  const as = async (by: Requester, of: Requester) =>
    world.call('pullRelease', { caller: by.caller, body: await pullOf(of) })
  await expectOutcome('pullRelease', as(other, asked), 'signature_rejected')
  await expectOutcome('pullRelease', as(asked, other), 'signature_rejected')
  const mixed = { ...other, recovery: asked.recovery }
  await expectOutcome('pullRelease', as(other, mixed), 'signature_rejected')
  const again = await pull(world, asked)
  expect({ ...again, factor: '' }).toEqual({ ...release, factor: '' })
  expect(again.factor).not.toBe(release.factor)
  const { identity } = await open(asked, again, confirmed)
  const { body } = await completionOf(world, asked, identity)
  await world.call('completeRecovery', { caller: asked.caller, body })
  await expectOutcome('pullRelease', pull(world, asked), 'already_completed')
  await expectOutcome('pullRelease', pull(world, other), 'recovery_ended')
})

type CompleteBody = Awaited<ReturnType<typeof completionOf>>['body']
const complete = (asked: Requester, body: CompleteBody) =>
  world.call('completeRecovery', { caller: asked.caller, body })

test('completion takes the request’s key, the recovered key and a device stated by it', async () => {
  const friends = await newFriends(world)
  const { owner } = friends
  const early = await ask(world, owner.account)
  const premature = await completionOf(world, early, owner.identity)
  await expectOutcome('completeRecovery', complete(early, premature.body), 'not_released')
  const { asked } = await askReleased(world, friends, [1, 2])
  const { body, device, deviceSeed } = await completionOf(world, asked, owner.identity)
  const { completion } = body
  const stranger = await newPerson(world)
  const withSignature = (name: keyof CompletionMessage['signatures']) => ({
    ...body,
    completion: {
      ...completion,
      signatures: {
        ...completion.signatures,
        [name]: (completion.signatures.request ?? '').replace(/^./, '_'),
      },
    },
  })
  for (const name of ['request', 'identity', 'next'] as const)
    await expectOutcome('completeRecovery', complete(asked, withSignature(name)), 'signature_rejected')
  const byOther = await completionOf(world, asked, stranger.identity)
  await expectOutcome('completeRecovery', complete(asked, byOther.body), 'signature_rejected')
  const own = { account: owner.account, deviceSeed, registeredAt: 1 }
  const theirs = await stateDevice({ ...own, identity: stranger.identity })
  await expectOutcome(
    'completeRecovery',
    complete(asked, { ...body, device: theirs.statement }),
    'signature_rejected',
  )
  const other = await stateDevice({ ...own, deviceSeed: Secret.random(32), identity: owner.identity })
  await expectOutcome('completeRecovery', complete(asked, { ...body, device: other.statement }), 'malformed')
  const small: Json = {
    account: owner.account,
    device: 'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU',
    registeredAt: 1,
  }
  const weak = await signMessage('device', small, owner.identity.signing.seed)
  await expectOutcome('completeRecovery', complete(asked, { ...body, device: weak }), 'key_rejected')
  const { account, identity } = owner
  const stated = await stateIdentity({ app: 'letters', account, identity, statedAt: 1 })
  await expectOutcome('completeRecovery', complete(asked, { ...body, identity: stated }), 'malformed')
  expect(await stateOf(friends, asked)).toBe('released')

  await expectOutcome('completeRecovery', complete(asked, body), 'ok')
  await expectOutcome('completeRecovery', complete(asked, body), 'already_completed')
  await expectOutcome('completeRecovery', complete(early, premature.body), 'recovery_ended')
  const caller = await signIn(world, { account: owner.account, recovery: null, seed: deviceSeed })
  const { circle, devices } = await world.call('readAccount', { caller })
  expect(circle.active).toBe(null)
  expect(devices.map((one) => one.device)).toContain(device)
})

test('after theft the old key is refused everywhere, and every old session has ended', async () => {
  const { key: vetoKey } = await keyPair()
  const friends = await newFriends(world, { vetoKey })
  const { owner, contacts } = friends
  const { asked, confirmed, release } = await askReleased(world, friends, [1, 2], { cause: 'stolen' })
  const { identity } = await open(asked, release, confirmed)
  const { body, deviceSeed } = await completionOf(world, asked, identity)
  await expectOutcome('completeRecovery', complete(asked, { ...body, identity: null }), 'malformed')
  const wrong = await stateIdentity({ app: 'letters', account: owner.account, identity, statedAt: 1 })
  await expectOutcome('completeRecovery', complete(asked, { ...body, identity: wrong }), 'signature_rejected')
  await expectOutcome('completeRecovery', complete(asked, body), 'ok')
  await expectOutcome('completeRecovery', complete(asked, body), 'already_completed')

  await expectOutcome('readAccount', world.call('readAccount', { caller: owner.caller }), 'session_expired')
  const seed = asked.next?.seed ?? Secret.random(32)
  const caller = await signIn(world, { account: owner.account, recovery: null, seed: deviceSeed })
  const moved = { ...owner, caller, seed, identity: await identityFromSeed(seed) }
  const later = await ask(world, owner.account)
  // The thief still has the old identity key.
  await expectOutcome('veto', veto(await vetoOf(owner, later.recovery)), 'signature_rejected')
  await expectOutcome('proposeEpoch', propose(world, { ...owner, caller }, contacts), 'signature_rejected')
  await expectOutcome('veto', veto(await vetoOf(moved, later.recovery)), 'ok')
  await propose(world, moved, contacts)
  const { statement } = await world.call('readIdentity', {
    caller: contactAt(friends, 1).caller,
    params: { account: owner.account },
  })
  expect(JSON.parse(statement.body).identity).toEqual(publicHalf(moved.identity))
  const view = await world.call('readAccount', { caller })
  expect(view.devices).toHaveLength(1)
})

test('an epoch below the high-water mark is never released, whatever the records say', async () => {
  const friends = await newFriends(world)
  const { asked } = await askApproved(world, friends, [1, 2])
  world.advance(DAY)
  const { account } = friends.owner
  // As after a restore of old records: the keys beside them know that this epoch has ended.
  await world.deps.keyStore.eraseBelow(account, 2)
  await expectOutcome('pullRelease', pull(world, asked), 'recovery_ended')
  expect(await stateOf(friends, asked)).not.toBe('released')
})

test('nor is a request that is noted there as ended, be it released already', async () => {
  const friends = await newFriends(world)
  const { asked } = await askReleased(world, friends, [1, 2])
  const { account } = friends.owner
  await world.deps.keyStore.endRequest(account, asked.recovery)
  await expectOutcome('pullRelease', pull(world, asked), 'recovery_ended')
})

test('every end that could be undone by old records is noted beside the keys', async () => {
  const friends = await newFriends(world)
  const { account } = friends.owner
  const { asked } = await askApproved(world, friends, [1, 2])
  const isNoted = () => world.work().then(() => world.deps.keyStore.isEnded(account, asked.recovery))
  expect(await isNoted()).toBe(false)
  await veto(await vetoOf(friends.owner, asked.recovery))
  expect(await isNoted()).toBe(true)
})

test('a release without its key, or with another epoch’s, hands nothing out', async () => {
  const friends = await newFriends(world)
  const { asked } = await askReleased(world, friends, [1, 2])
  const { account } = friends.owner
  const beside = { highWater: async () => 0, isEnded: async () => false }
  const keyStore = { ...world.deps.keyStore, ...beside, read: async () => null }
  const given = { caller: asked.caller, body: await pullOf(asked) }
  const missing = callWith({ ...world.deps, keyStore }, 'pullRelease', given)
  await expectOutcome('pullRelease', missing, 'recovery_ended')
  const other = { ...keyStore, read: async () => Secret.random(32) }
  const foreign = callWith({ ...world.deps, keyStore: other }, 'pullRelease', given)
  await expect(foreign).rejects.toMatchObject({ code: 'internal' })
  expect((await world.deps.keyStore.read(account, 1))?.length).toBe(32)
})
