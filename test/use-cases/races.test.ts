/** Two who do opposite things in the same instant: one of them wins, and both are told the truth. */
import { type HoldfastError, revokeDevice } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Records } from '../../src/use-cases/ports.ts'
import { inTurn } from '../../src/use-cases/turns.ts'
import type { Deps } from '../../src/use-cases/use-cases.ts'
import { accept, contactAt, newFriends, newPeople, type Person, propose } from '../support/actors.ts'
import { approvalOf, ask, askApproved, compare, pullOf, vetoOf } from '../support/recoveries.ts'
import { type World, callWith, DAY, openWorld, withRecords } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ settings: { backOffSeconds: 0 } })
})
afterAll(() => world.close())

/**
 * The parts as another process has them: the same store, without the turns that operations of one process take. What keeps
 * the two apart is then the condition of the write alone.
 */
const otherProcess = (deps: Deps): Deps => withRecords(deps, {})

/** Holds the call back by some turns of the event loop, so that every interleaving comes up. */
const after = async <T>(turns: number, run: () => Promise<T>): Promise<T> => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  return run()
}

const settledOf = async <T>(call: Promise<T>): Promise<T | string> =>
  call.catch((error: unknown) => (error as HoldfastError).code)

/** A request that could be released now, and a way to put its account back to that moment after each race. */
const raceTrack = async () => {
  const friends = await newFriends(world, { contacts: 2 })
  const { asked } = await askApproved(world, friends, [1, 2])
  world.advance(DAY)
  const { account } = friends.owner
  const load = async () => {
    const loaded = await world.deps.records.load(account)
    if (loaded === null) throw new Error('The account is gone.')
    return loaded.account
  }
  const start = await load()
  const reset = async () => {
    const { revision } = await load()
    expect(await world.deps.records.commit(start, { ifRevision: revision })).toBe('committed')
  }
  const state = async () => (await load()).recoveries[0]?.state
  const veto = { body: await vetoOf(friends.owner, asked.recovery) }
  const pull = { caller: asked.caller, body: await pullOf(asked) }
  return { reset, state, veto, pull }
}

test.each([1, 2] as const)(
  'veto against release, 500 times, in %i process(es): never both',
  async (processes) => {
    const track = await raceTrack()
    const theirs = processes === 2 ? otherProcess(world.deps) : world.deps
    const vetoed = () => settledOf(callWith(theirs, 'veto', track.veto))
    const pulled = () => settledOf(callWith(world.deps, 'pullRelease', track.pull))
    const wins = { veto: 0, release: 0 }
    for (let round = 0; round < 500; round += 1) {
      await track.reset()
      // Who is sent first, and by how much, differs from round to round.
      const lead = (Math.floor(round / 2) % 25) * 4
      const [veto, release] = await (round % 2 === 0
        ? Promise.all([after(lead, vetoed), pulled()])
        : Promise.all([vetoed(), after(lead, pulled)]))
      const vetoWon = typeof veto === 'object'
      expect(vetoWon, `round ${round}: ${String(veto)} and ${String(release)}`).toBe(
        typeof release === 'string',
      )
      expect(await track.state()).toBe(vetoWon ? 'vetoed' : 'released')
      if (vetoWon) expect([veto, release]).toEqual([{ outcome: 'vetoed', until: null }, 'recovery_ended'])
      else expect(veto).toBe('veto_too_late')
      wins[vetoWon ? 'veto' : 'release'] += 1
    }
    console.log(`veto won ${wins.veto}, release ${wins.release}, both 0`)
    // A race that one side always wins is none.
    expect(Math.min(wins.veto, wins.release)).toBeGreaterThan(5)
  },
)

test('thirty-two contacts accept at once, from two processes, and all are counted', async () => {
  const [owner, ...contacts] = (await newPeople(world, 33)) as [Person, ...Person[]]
  await propose(world, owner, contacts)
  const deps = otherProcess(world.deps)
  const theirs = { ...world, call: (name, given) => callWith(deps, name, given) } as World
  await Promise.all(
    contacts.map((contact, index) => accept(index % 4 === 0 ? theirs : world, contact, owner)),
  )
  const { circle } = await world.call('readAccount', { caller: owner.caller })
  expect(circle.active?.slots.filter(({ state }) => state === 'accepted')).toHaveLength(32)
})

test('the same approval ten times at once counts once', async () => {
  const friends = await newFriends(world)
  const asked = await ask(world, friends.owner.account)
  await compare(world, friends, asked, 1)
  const given = { caller: contactAt(friends, 1).caller, body: await approvalOf(world, friends, asked, 1) }
  const calls = Array.from({ length: 10 }, () => callWith(otherProcess(world.deps), 'decide', given))
  await Promise.all(calls)
  const { recoveries } = await world.call('readAccount', { caller: friends.owner.caller })
  expect(recoveries[0]?.answers).toHaveLength(1)
  const log = await world.call('readLog', { caller: friends.owner.caller })
  expect(log.entries.filter(({ type }) => type === 'recovery-answered')).toHaveLength(1)
})

test('an approval at the instant at which collecting ends is too late, and the request has expired', async () => {
  const friends = await newFriends(world)
  const asked = await ask(world, friends.owner.account)
  await compare(world, friends, asked, 1)
  const given = { caller: contactAt(friends, 1).caller, body: await approvalOf(world, friends, asked, 1) }
  // Read a millisecond before the end, written at it.
  world.advance(7 * DAY - 1)
  let isFirst = true
  const commit: Records['commit'] = (next, conditions) => {
    if (isFirst) world.advance(1)
    isFirst = false
    return world.deps.records.commit(next, conditions)
  }
  const deps = withRecords(world.deps, { commit })
  expect(await settledOf(callWith(deps, 'decide', given))).toBe('recovery_ended')
  const { recoveries } = await world.call('readAccount', { caller: friends.owner.caller })
  expect(recoveries[0]?.state).toBe('expired')
})

test('a process that is stopped for a whole waiting period between reading and writing takes none of it away', async () => {
  const friends = await newFriends(world)
  const { asked } = await askApproved(world, friends, [1])
  await compare(world, friends, asked, 2)
  const given = { caller: contactAt(friends, 2).caller, body: await approvalOf(world, friends, asked, 2) }
  let isFirst = true
  const commit: Records['commit'] = (next, conditions) => {
    if (isFirst) world.advance(DAY)
    isFirst = false
    return world.deps.records.commit(next, conditions)
  }
  const deps = withRecords(world.deps, { commit })
  await callWith(deps, 'decide', given)
  // Nobody could see the quorum before now: the owner has the whole period from here.
  const { recoveries } = await world.call('readAccount', { caller: friends.owner.caller })
  expect(recoveries[0]).toMatchObject({ state: 'waiting', quorumAt: world.now() })
  const pull = { caller: asked.caller, body: await pullOf(asked) }
  expect(await settledOf(world.call('pullRelease', pull))).toBe('not_releasable')
})

test('what was decided by a clock that is ahead of the one at the write is decided again', async () => {
  const friends = await newFriends(world)
  const { asked } = await askApproved(world, friends, [1])
  await compare(world, friends, asked, 2)
  const given = { caller: contactAt(friends, 2).caller, body: await approvalOf(world, friends, asked, 2) }
  let isFirst = true
  const loadAll: Records['loadAll'] = async (accounts) => {
    const loaded = await world.deps.records.loadAll(accounts)
    if (!isFirst) return loaded
    isFirst = false
    return loaded.map((one) => ({ ...one, now: one.now + 60_000 }))
  }
  const deps = withRecords(world.deps, { loadAll })
  await callWith(deps, 'decide', given)
  expect(isFirst).toBe(false)
  const { recoveries } = await world.call('readAccount', { caller: friends.owner.caller })
  expect(recoveries[0]).toMatchObject({ state: 'waiting', quorumAt: world.now() })
})

/** A contact that has compared codes, ready to approve, and the end of its device. */
const aboutToApprove = async () => {
  const friends = await newFriends(world)
  const asked = await ask(world, friends.owner.account)
  await compare(world, friends, asked, 1)
  const { account, identity, caller } = contactAt(friends, 1)
  if (caller.role !== 'device') throw new Error('not a device')
  const message = await revokeDevice({ account, device: caller.device, identity })
  const answers = async () =>
    (await world.call('readAccount', { caller: friends.owner.caller })).recoveries[0]?.answers
  return {
    friends,
    given: { caller, body: await approvalOf(world, friends, asked, 1) },
    signOut: () => world.call('revokeDevice', { caller, body: { message } }),
    answers,
  }
}

test('a contact’s device that is signed out while its approval is tried again approves nothing', async () => {
  const { given, signOut, answers } = await aboutToApprove()
  let isFirst = true
  const commit: Records['commit'] = async (next, conditions) => {
    if (!isFirst) return world.deps.records.commit(next, conditions)
    isFirst = false
    await signOut()
    return 'moved'
  }
  const deps = withRecords(world.deps, { commit })
  expect(await settledOf(callWith(deps, 'decide', given))).toBe('session_expired')
  expect(await answers()).toEqual([])
})

test('nor one that is signed out while its approval waits for its turn', async () => {
  const { friends, given, signOut, answers } = await aboutToApprove()
  const { account } = friends.owner
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const holding = inTurn(world.deps.records, account, () => held)
  const approving = settledOf(world.call('decide', given))
  await signOut()
  release()
  await holding
  expect(await approving).toBe('session_expired')
  expect(await answers()).toEqual([])
})

test('what was written although it was said to have moved is hinted at all the same', async () => {
  const { friends, given, answers } = await aboutToApprove()
  const { account } = friends.owner
  const commit: Records['commit'] = async (next, conditions) => {
    await world.deps.records.commit(next, conditions)
    return 'moved'
  }
  const before = world.hints.relays.filter((id) => id === account).length
  await callWith(withRecords(world.deps, { commit }), 'decide', given)
  expect(await answers()).toHaveLength(1)
  expect(world.hints.relays.filter((id) => id === account)).toHaveLength(before + 1)
})
