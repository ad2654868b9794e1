/** What a change leaves to be done: at least once, in every order, after every crash. */
import { buildEpoch, type Json, signChangeCancel, signMessage } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blobName } from '../../src/domain/circle-blobs.ts'
import type { Account } from '../../src/domain/account.ts'
import { type RelayOutboxDeps, relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { type Friends, newFriends, newPerson, planEpoch, proposalOf } from '../support/actors.ts'
import { askApproved, askReleased, completionOf, open, refuse } from '../support/recoveries.ts'
import { wholeLog } from '../support/store.ts'
import { type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const accountOf = async ({ owner }: Friends): Promise<Account> => {
  const loaded = await world.deps.records.load(owner.account)
  if (loaded === null) throw new Error('The account is gone.')
  return loaded.account
}
const logOf = async ({ owner }: Friends) => wholeLog(world.deps.records, owner.account)
const noticesOf = ({ owner }: Friends) =>
  world.delivered.filter(({ notice }) => notice.notice.startsWith(`${owner.account}.`))

/** Friends after a completed recovery, with everything that follows from it still in the outbox. */
const completed = async () => {
  const friends = await newFriends(world)
  const { asked, confirmed, release } = await askReleased(world, friends, [1, 2])
  const { identity } = await open(asked, release, confirmed)
  await world.work()
  const before = await accountOf(friends)
  const { body } = await completionOf(world, asked, identity)
  await world.call('completeRecovery', { caller: asked.caller, body })
  const { owner } = friends
  const blobs = [
    before.circle.active?.payloadHash,
    ...(before.circle.active?.slots.map(({ sealedHash }) => sealedHash) ?? []),
    ...(before.recoveries[0]?.answers.map(({ shareHash }) => shareHash) ?? []),
  ].map((hash) => blobName(owner.account, hash ?? ''))
  return { friends, blobs }
}

const isErased = async ({ friends, blobs }: Awaited<ReturnType<typeof completed>>) => {
  const { records, keyStore } = world.deps
  const left = await Promise.all(blobs.map((name) => records.readBlob(name)))
  return (
    left.length === 6 &&
    left.every((bytes) => bytes === null) &&
    (await keyStore.read(friends.owner.account, 1)) === null &&
    (await keyStore.highWater(friends.owner.account)) === 2
  )
}

const expectDone = async (scene: Awaited<ReturnType<typeof completed>>) => {
  const { friends } = scene
  expect(await isErased(scene)).toBe(true)
  const { outbox, log } = await accountOf(friends)
  expect(outbox).toEqual({ entries: expect.any(Array) as unknown, notices: [], erasures: [] })
  const entries = await logOf(friends)
  expect(entries).toHaveLength(log.sequence)
  expect(entries.at(-1)?.hash).toBe(log.hash)
  const erased = entries.filter(({ type }) => type === 'factor-erased')
  expect(erased.at(-1)?.details).toEqual({ what: 'factors-below', epoch: 2 })
  expect(erased, 'once for the first activation, once now').toHaveLength(2)
}

test('a completed recovery erases the factor’s key and every ciphertext, and logs it', async () => {
  const scene = await completed()
  expect(await isErased(scene)).toBe(false)
  await relayOutbox(world.deps)(scene.friends.owner.account)
  await expectDone(scene)
})

test('who stood still for half a minute while telling reads anew before writing; who did not, writes at once', async () => {
  for (const [stoodStillMs, looks] of [
    [0, 1],
    [31_000, 2],
  ] as const) {
    const friends = await newFriends(world)
    await world.work()
    await askApproved(world, friends, [1])
    let loads = 0
    const records: RelayOutboxDeps['records'] = Object.create(world.deps.records, {
      load: {
        value: (id: string) => {
          loads += 1
          return world.deps.records.load(id)
        },
      },
      ...Object.fromEntries(
        (['loadAll', 'commit', 'now'] as const).map((name) => [
          name,
          { value: world.deps.records[name].bind(world.deps.records) },
        ]),
      ),
    })
    let isFirst = true
    const notices = {
      deliver: async () => {
        if (isFirst) world.advance(stoodStillMs)
        isFirst = false
      },
    }
    await relayOutbox({ ...world.deps, records, notices })(friends.owner.account)
    expect(loads).toBe(looks)
    expect((await accountOf(friends)).outbox).toEqual({
      entries: expect.any(Array) as unknown,
      notices: [],
      erasures: [],
    })
  }
})

class Crash extends Error {}

/** Parts that stop for good at the n-th thing they are asked to do, either before or after doing it. */
const crashing = (deps: RelayOutboxDeps, step: number, when: 'before' | 'after') => {
  let count = 0
  const guard = <T extends object>(part: T, names: readonly string[]): T =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        const bound = value.bind(target) as (...args: unknown[]) => Promise<unknown>
        if (!names.includes(String(name))) return bound
        return async (...args: unknown[]) => {
          count += 1
          if (count > step || (count === step && when === 'before')) throw new Crash()
          const answer = await bound(...args)
          if (count >= step) throw new Crash()
          return answer
        }
      },
    })
  const guarded = {
    ...deps,
    records: guard(deps.records, ['commit', 'eraseBlob']),
    keyStore: guard(deps.keyStore, ['erase', 'eraseBelow']),
    notices: guard(deps.notices, ['deliver']),
  }
  return { guarded, steps: () => count }
}

test.each(['before', 'after'] as const)(
  'a crash %s any step loses nothing: the next run does the rest',
  async (when) => {
    // One notice each to owner and contacts at least, one key, six blobs, one commit.
    let step = 1
    for (; step < 100; step += 1) {
      const scene = await completed()
      const told = noticesOf(scene.friends).length
      const waiting = (await accountOf(scene.friends)).outbox.notices.map(({ notice }) => notice)
      const { guarded, steps } = crashing(world.deps, step, when)
      const ran = await relayOutbox(guarded)(scene.friends.owner.account).catch((error: unknown) => error)
      if (steps() < step) {
        expect(ran).toEqual({ isOwed: false })
        break
      }
      expect(ran).toBeInstanceOf(Crash)
      await relayOutbox(world.deps)(scene.friends.owner.account)
      await expectDone(scene)
      const delivered = noticesOf(scene.friends)
        .slice(told)
        .map(({ notice }) => notice.notice)
      expect(new Set(delivered)).toEqual(new Set(waiting))
    }
    expect(step).toBeGreaterThan(10)
    console.log(`crashed ${when} each of ${step - 1} steps: 0 lost`)
  },
)

test('several at once are harmless', async () => {
  const scene = await completed()
  const { account } = scene.friends.owner
  await Promise.all(Array.from({ length: 8 }, () => relayOutbox(world.deps)(account)))
  await expectDone(scene)
})

test('what cannot be told now is told later, and keeps nothing else from being done', async () => {
  const scene = await completed()
  const { account } = scene.friends.owner
  const notices = {
    deliver: async (notice: { readonly audience: { readonly role: string } }) => {
      if (notice.audience.role === 'contact') throw new Error('no post today')
    },
  }
  await expect(relayOutbox({ ...world.deps, notices })(account)).rejects.toThrow('no post today')
  expect(await isErased(scene)).toBe(true)
  const { outbox, revision } = await accountOf(scene.friends)
  expect(new Set(outbox.notices.map(({ audience }) => audience.role))).toEqual(new Set(['contact']))
  // Failing again writes nothing: the record does not change for it.
  await expect(relayOutbox({ ...world.deps, notices })(account)).rejects.toThrow('no post today')
  expect((await accountOf(scene.friends)).revision).toBe(revision)
  await relayOutbox(world.deps)(account)
  await expectDone(scene)
})

test('a key that cannot be erased now stays marked until it is', async () => {
  const scene = await completed()
  const { account } = scene.friends.owner
  const { keyStore } = world.deps
  const stuck = {
    ...world.deps,
    keyStore: new Proxy(keyStore, {
      get(target, name) {
        if (name === 'eraseBelow') return async () => Promise.reject(new Error('read-only'))
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }),
  }
  await expect(relayOutbox(stuck)(account)).rejects.toThrow('read-only')
  const { outbox } = await accountOf(scene.friends)
  expect(outbox.erasures).toEqual([{ what: 'factors-below', epoch: 2 }])
  expect((await logOf(scene.friends)).filter(({ type }) => type === 'factor-erased')).toHaveLength(1)
  await relayOutbox(world.deps)(account)
  await expectDone(scene)
})

test('a share that was handed over again is not erased for having been taken back before', async () => {
  const friends = await newFriends(world)
  const { asked } = await askApproved(world, friends, [1])
  const shared = (await accountOf(friends)).recoveries[0]?.answers[0]?.shareHash ?? ''
  const name = blobName(friends.owner.account, shared)
  await refuse(world, friends, asked, 1, 'alarm', 2)
  const taken = await accountOf(friends)
  expect(taken.outbox.erasures).toContainEqual({ what: 'blob', hash: shared })
  // The very same ciphertext is named again before the outbox is emptied.
  const recoveries = taken.recoveries.map((one) => ({
    ...one,
    answers: one.answers.map((answer) => ({ ...answer, decision: 'approve' as const, shareHash: shared })),
  }))
  const { revision } = taken
  expect(await world.deps.records.commit({ ...taken, recoveries }, { ifRevision: revision })).toBe(
    'committed',
  )
  await relayOutbox(world.deps)(friends.owner.account)
  expect(await world.deps.records.readBlob(name)).not.toBe(null)
})

test('an owner who withdraws a copy of somebody’s ciphertexts erases only the copy', async () => {
  const friends = await newFriends(world)
  const { payload, manifest } = friends.built
  const thief = await newPerson(world)
  const built = await buildEpoch(await planEpoch(world, thief, friends.contacts))
  const { payloadHash } = JSON.parse(manifest.body) as { payloadHash: string }
  const body = { ...(JSON.parse(built.manifest.body) as Record<string, Json>), payloadHash }
  const { seed } = thief.identity.signing
  const copied = { ...proposalOf(built), manifest: await signMessage('manifest', body, seed), payload }
  await world.call('proposeEpoch', { caller: thief.caller, body: copied })
  const { account } = thief
  const withdrawal = await signChangeCancel({ account, coreHash: built.coreHash, seed })
  await world.call('cancelChange', { body: withdrawal })
  await world.work()
  const { records } = world.deps
  expect(await records.readBlob(blobName(account, payloadHash))).toBe(null)
  expect(await records.readBlob(blobName(friends.owner.account, payloadHash))).not.toBe(null)
})
