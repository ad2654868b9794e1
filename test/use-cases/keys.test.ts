/** The release factor at rest: its wrapping, the key of its epoch, and turns. */
import {
  buildEpoch,
  fromBase64url,
  HoldfastError,
  randomBytes,
  releaseCommitment,
  Secret,
  toBase64url,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FactorPlace, unwrapFactor, wrapFactor } from '../../src/use-cases/factor-wrap.ts'
import { inTurn } from '../../src/use-cases/turns.ts'
import type { Deps } from '../../src/use-cases/use-cases.ts'
import { newId, newPeople, type Person, planEpoch, proposalOf } from '../support/actors.ts'
import { type World, callWith, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const random = { bytes: randomBytes }
const place: FactorPlace = {
  account: newId(),
  circle: newId(),
  epoch: 7,
  coreHash: toBase64url(randomBytes(32)),
}

test('a factor opens under its key and in its place, and nowhere else', () => {
  const [factor, key] = [Secret.random(32), Secret.random(32)]
  const wrapped = wrapFactor(factor, key, place, random)
  expect(unwrapFactor(wrapped, key, place).expose()).toEqual(factor.expose())
  expect(wrapFactor(factor, key, place, random)).not.toBe(wrapped)
  const refused = (open: () => Secret) => expect(open).toThrow(HoldfastError)
  refused(() => unwrapFactor(wrapped, Secret.random(32), place))
  for (const changes of [{ account: newId() }, { circle: newId() }, { epoch: 8 }, { coreHash: newId() }])
    refused(() => unwrapFactor(wrapped, key, { ...place, ...changes }))
  const bytes = fromBase64url(wrapped) ?? new Uint8Array(0)
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Uint8Array.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    refused(() => unwrapFactor(toBase64url(flipped), key, place))
  }
  for (const short of ['', 'AAAA', '!']) refused(() => unwrapFactor(short, key, place))
})

test('two processes propose the same epoch: the one that stands can be opened', async () => {
  const other: Deps = { ...world.deps, records: bindAll(world.deps.records) }
  for (let round = 0; round < 10; round += 1) {
    const [owner, ...contacts] = (await newPeople(world, 3)) as [Person, ...Person[]]
    const built = [
      await buildEpoch(await planEpoch(world, owner, contacts)),
      await buildEpoch(await planEpoch(world, owner, contacts)),
    ] as const
    const send = (deps: Deps, epoch: (typeof built)[number]) =>
      callWith(deps, 'proposeEpoch', { caller: owner.caller, body: proposalOf(epoch) })
    const sent = await Promise.allSettled([send(world.deps, built[0]), send(other, built[1])])
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const pending = (await world.deps.records.load(owner.account))?.account.circle.pending
    const won = built.find(({ coreHash }) => coreHash === pending?.coreHash)
    const key = await world.deps.keyStore.read(owner.account, 1)
    if (pending === undefined || pending === null || won === undefined || key === null)
      throw new Error('nothing stands')
    const { wrappedFactor, ...epoch } = pending
    const factor = unwrapFactor(wrappedFactor, key, { account: owner.account, ...epoch })
    expect(toBase64url(releaseCommitment(factor))).toBe(won.core.releaseCommitment)
  }
})

/** The same store, as another process has it: without the turns of this one. */
const bindAll = <T extends object>(target: T): T =>
  new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

test('turns: one at a time per account, in order, and a failure holds up nobody', async () => {
  const store = {}
  const seen: string[] = []
  const act =
    (name: string, fails = false) =>
    async () => {
      seen.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
  const done = await Promise.allSettled([
    inTurn(store, 'one', act('a', true)),
    inTurn(store, 'one', act('b')),
    inTurn(store, 'two', act('c')),
    inTurn({}, 'one', act('d')),
  ])
  expect(done.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  expect(seen.indexOf('b begins')).toBe(seen.indexOf('a ends') + 1)
  expect(seen.indexOf('c begins')).toBeLessThan(seen.indexOf('a ends'))
  expect(seen.indexOf('d begins')).toBeLessThan(seen.indexOf('a ends'))
})
