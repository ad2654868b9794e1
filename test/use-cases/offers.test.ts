/** Anybody may name anybody as a contact. What that costs the one who is named has a bound. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownersWith } from '../../src/use-cases/contacts.ts'
import { contactAt, newFriends } from '../support/actors.ts'
import { epochOf, accountOf, newId, slotOf } from '../support/store.ts'
import { type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('a contact sees every circle that it accepted, and of all strangers’ offers the newest 32', async () => {
  const friends = await newFriends(world)
  const victim = contactAt(friends, 1)
  const { records } = world.deps
  const loaded = await records.load(friends.owner.account)
  const { app, identity } = loaded!.account
  const strangers = Array.from({ length: 40 }, (_, proposedAt) => {
    const slots = [slotOf(victim.account, 1, 'offered')]
    const circle = { ...accountOf().circle, active: epochOf([], { slots, proposedAt }) }
    return accountOf({ id: newId(), app, identity, circle })
  })
  for (const stranger of strangers) await records.commit(stranger, { ifRevision: 0 })
  const looks: number[] = []
  const counting = new Proxy(records, {
    get(target, name) {
      if (name === 'load') looks.push(1)
      if (name === 'loadAll')
        return (ids: readonly string[]) => {
          looks.push(ids.length)
          return target.loadAll(ids)
        }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const keys = identity!.keys
  const deps = { ...world.deps, records: counting }
  const owners = await ownersWith(deps, { account: victim.account, app, keys })
  expect(owners.map(({ id }) => id)).toEqual([
    friends.owner.account,
    ...strangers
      .toReversed()
      .slice(0, 32)
      .map(({ id }) => id),
  ])
  expect(looks).toEqual([33])
})
