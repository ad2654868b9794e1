/**
 * What people were told by the channels of a test's world, and time that passes there.
 */
import type { SendOutcome } from '../../src/use-cases/channels.ts'
import { contactAt, type Friends, newFriends, type Person } from './actors.ts'
import { state } from './destinations.ts'
import { HOUR, type Posted, type World } from './world.ts'

export const MINUTE = 60_000

/** What a channel may answer. */
export const SENT: SendOutcome = { state: 'sent' }
export const DOWN: SendOutcome = { state: 'failed', reason: 'unreachable', again: true }

export interface Tellings {
  /** What was posted to the person since the first `from`. */
  postedTo(person: Person, from?: number): readonly Posted[]
  /** The events in it, in order. */
  eventsTo(person: Person, from?: number): readonly string[]
  /** As the person reads it. */
  read(person: Person): ReturnType<typeof readOf>
  /** Friends of whom owner and first contact have said where to be told, with all of the past told. */
  reachable(): Promise<Friends>
  /** As a sweep would: looks every ten minutes. */
  pass(ms: number): Promise<void>
}

const readOf = (world: World, { caller }: Person) => world.call('readNotices', { caller })

/** `world` is asked for at each call, since tests open it later. */
export const tellingsIn = (world: () => World): Tellings => {
  const postedTo = ({ account }: Person, from = 0): readonly Posted[] =>
    world()
      .posted.slice(from)
      .filter(({ telling }) => telling.recipient === account)
  return {
    postedTo,
    eventsTo: (person, from = 0) =>
      postedTo(person, from).flatMap(({ telling }) => telling.items.map(({ event }) => event)),
    read: (person) => readOf(world(), person),
    async reachable() {
      const friends = await newFriends(world())
      await state(world(), friends.owner, { mail: 'ada@example.org', language: 'de' })
      await state(world(), contactAt(friends, 1), { mail: 'ben@example.org' })
      await world().work()
      // Whatever of the circle's beginning waits for a digest goes out.
      world().advance(HOUR)
      await world().work()
      return friends
    },
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += 10 * MINUTE) {
        world().advance(Math.min(10 * MINUTE, ms - passed))
        await world().work()
      }
    },
  }
}
