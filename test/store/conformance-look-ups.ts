/**
 * The part of the conformance suite that is about finding: indexes, blobs, the log, claims and remembered answers.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { accountOf, entryOf, epochOf, newId, recoveryOf, slotOf } from '../support/store.ts'

const MINUTE = 60_000
const ALL = 100_000
/** Long enough for 50 calls at once to another process to end before it. */
const SOON = 1_000

/** Commits an account to the records that `the` gives, and gives it back. */
export const putsInto =
  (the: () => Records) =>
  async (account: Account, ifRevision = 0): Promise<Account> => {
    expect(await the().commit(account, { ifRevision })).toBe('committed')
    return account
  }

/** `the` gives the records that the suite is about. */
export const conformsOnLookUps = (the: () => Records): void => {
  const put = putsInto(the)

  describe('all accounts', () => {
    it('are listed in order, step by step, without those that were forgotten', async () => {
      const made = await Promise.all(Array.from({ length: 30 }, () => put(accountOf())))
      expect(await the().forget(made[0]?.id ?? '', 1)).toBe('committed')
      const listed: string[] = []
      for (let after: string | null = null; ; after = listed.at(-1) ?? null) {
        const step: readonly string[] = await the().accounts(after, 7)
        expect(step.length).toBeLessThanOrEqual(7)
        if (step.length === 0) break
        listed.push(...step)
      }
      expect(listed).toEqual([...new Set(listed)].toSorted((a, b) => (a < b ? -1 : 1)))
      expect(made.map(({ id }) => listed.includes(id))).toEqual(made.map((_, index) => index > 0))
    })
  })

  describe('several accounts in one look', () => {
    it('come in the order asked for, each as if loaded alone, without those that there are not', async () => {
      const made = await Promise.all(Array.from({ length: 70 }, () => put(accountOf())))
      const ids = made.map(({ id }) => id)
      const asked = [newId(), ...ids.toReversed(), newId()]
      const [loaded, now] = [await the().loadAll(asked), await the().now()]
      expect(loaded.map(({ account }) => account.id)).toEqual(ids.toReversed())
      expect(loaded.map(({ account }) => account)).toStrictEqual(
        await Promise.all(ids.toReversed().map(async (id) => (await the().load(id))?.account)),
      )
      for (const one of loaded) expect(Math.abs(one.now - now)).toBeLessThan(SOON)
      expect(await the().loadAll([])).toEqual([])
    })
  })

  describe('circlesWith', () => {
    const circleOf = (more: Partial<Account['circle']>): Account['circle'] => ({
      ...accountOf().circle,
      ...more,
    })

    it('follows contacts in and out of the active and pending epochs and open requests', async () => {
      const { id } = accountOf()
      const [anna, ben, clara, dora] = [newId(), newId(), newId(), newId()]
      const pending = { ...epochOf([ben, clara]), coolsAt: null, delayed: false, countersigned: [] }
      const answer = {
        slot: 1,
        contact: dora,
        decision: 'approve' as never,
        stolen: false,
        sequence: 1,
        message: { body: '{}', signature: '' },
        proof: null,
        shareHash: null,
        displaced: false,
        at: 1,
      }
      const found = async () => {
        const lists = await Promise.all([anna, ben, clara, dora].map((who) => the().circlesWith(who)))
        return lists.map((owners) => owners.includes(id))
      }
      await put(accountOf({ id, circle: circleOf({ active: epochOf([anna, ben]) }) }))
      expect(await found()).toEqual([true, true, false, false])
      await put(accountOf({ id, circle: circleOf({ active: epochOf([anna, ben]), pending }) }), 1)
      expect(await found()).toEqual([true, true, true, false])
      const recoveries = [recoveryOf({ answers: [answer] })]
      await put(accountOf({ id, circle: circleOf({ active: epochOf([ben, clara]) }), recoveries }), 2)
      expect(await found()).toEqual([false, true, true, true])
      const ended = [recoveryOf({ state: 'cancelled', answers: [answer] })]
      await put(accountOf({ id, recoveries: ended }), 3)
      expect(await found()).toEqual([false, false, false, false])
    })

    it('lists every owner once, however many there are', async () => {
      const contact = newId()
      const owners = Array.from({ length: 1_203 }, () =>
        accountOf({ circle: circleOf({ active: epochOf([contact]) }) }),
      )
      await Promise.all(owners.map((owner) => put(owner)))
      const found = await the().circlesWith(contact)
      expect(found.toSorted()).toEqual(owners.map(({ id }) => id).toSorted())
    })

    it('knows who only offers a share, newest first, and moves it over with the acceptance', async () => {
      const contact = newId()
      const offering = (proposedAt: number, state: 'offered' | 'declined' = 'offered') =>
        accountOf({
          circle: circleOf({ active: epochOf([], { slots: [slotOf(contact, 1, state)], proposedAt }) }),
        })
      const [middle, oldest, newest] = [offering(5), offering(1, 'declined'), offering(9)]
      for (const owner of [middle, oldest, newest]) await put(owner)
      expect(await the().offersTo(contact, ALL)).toEqual([newest.id, middle.id, oldest.id])
      expect(await the().offersTo(contact, 2)).toEqual([newest.id, middle.id])
      expect(await the().circlesWith(contact)).toEqual([])
      await put({ ...newest, circle: circleOf({ active: epochOf([contact], { proposedAt: 9 }) }) }, 1)
      expect(await the().offersTo(contact, ALL)).toEqual([middle.id, oldest.id])
      expect(await the().circlesWith(contact)).toEqual([newest.id])
      const again = { ...epochOf([]), slots: [slotOf(contact, 1, 'offered')], proposedAt: 20 }
      const pending = { ...again, coolsAt: null, delayed: false, countersigned: [] }
      await put({ ...oldest, circle: circleOf({ active: oldest.circle.active, pending }) }, 1)
      expect(await the().offersTo(contact, ALL)).toEqual([oldest.id, middle.id])
      await put(accountOf({ id: middle.id }), 1)
      await put(accountOf({ id: oldest.id }), 2)
      expect(await the().offersTo(contact, ALL)).toEqual([])
    })

    it('does not take one contact for another whose id begins alike', async () => {
      const contact = newId()
      await put(accountOf({ circle: circleOf({ active: epochOf([`${contact}A`]) }) }))
      expect(await the().circlesWith(contact)).toEqual([])
    })
  })

  describe('blobs', () => {
    it('come back as plain bytes, and are gone when erased', async () => {
      const blob = { hash: newId(), bytes: new Uint8Array([0, 255, 1]) }
      expect(await the().readBlob(blob.hash)).toBeNull()
      await the().commit(accountOf(), { ifRevision: 0, blobs: [blob] })
      const read = await the().readBlob(blob.hash)
      expect(read).toStrictEqual(blob.bytes)
      expect(read?.constructor).toBe(Uint8Array)
      const other = { hash: newId(), bytes: new Uint8Array([2]) }
      await the().commit(accountOf(), { ifRevision: 0, blobs: [other] })
      const both = await the().readBlobs([other.hash, newId(), blob.hash])
      expect(both).toStrictEqual(new Map([other, blob].map(({ hash, bytes }) => [hash, bytes])))
      expect(await the().readBlobs([])).toStrictEqual(new Map())
      await the().eraseBlob(blob.hash, 1)
      expect(await the().readBlob(blob.hash)).toBeNull()
      await the().eraseBlob(blob.hash, 1)
    })
  })

  describe('the log', () => {
    it('is read in order, above a sequence, within a limit and of one account only', async () => {
      const account = await put(accountOf())
      const other = accountOf()
      await the().commit(other, { ifRevision: 0, entries: [entryOf(1)] })
      const sequences = [2, 11, 1, 10, 3]
      const entries = sequences.map(entryOf)
      expect(await the().commit(account, { ifRevision: 1, entries })).toBe('committed')
      const read = async (after: number, limit: number) =>
        (await the().readLog(account.id, after, limit)).map(({ sequence }) => sequence)
      expect(await read(0, 100)).toEqual([1, 2, 3, 10, 11])
      expect(await read(2, 100)).toEqual([3, 10, 11])
      expect(await read(2, 2)).toEqual([3, 10])
      expect(await read(11, 100)).toEqual([])
      expect(await the().readLog(other.id, 0, 100)).toStrictEqual([entryOf(1)])
      expect(await the().readLog(newId(), 0, 100)).toEqual([])
    })

    it('keeps the first of two entries with one sequence', async () => {
      const account = accountOf()
      await the().commit(account, { ifRevision: 0, entries: [entryOf(1)] })
      const again = [{ ...entryOf(1), hash: 'another' }, entryOf(2)]
      expect(await the().commit(account, { ifRevision: 1, entries: again })).toBe('committed')
      expect(await the().readLog(account.id, 0, 9)).toStrictEqual([entryOf(1), entryOf(2)])
    })
  })

  describe('claims', () => {
    it('go to the first of 50 at once, and to no one until they expire', async () => {
      const key = `ticket:${newId()}:${'long'.repeat(1_000)}`
      const until = (await the().now()) + SOON
      const claims = await Promise.all(Array.from({ length: 50 }, () => the().claim(key, until)))
      expect(claims.filter(Boolean)).toHaveLength(1)
      expect(await the().claim(key, until + MINUTE)).toBe(false)
      await pause(SOON + 50)
      expect(await the().claim(key, (await the().now()) + MINUTE)).toBe(true)
      expect(await the().claim(key, (await the().now()) + MINUTE)).toBe(false)
    })
  })

  describe('remembered answers', () => {
    it('stand as first given until they expire, apart from claims', async () => {
      const key = newId()
      const until = (await the().now()) + SOON
      expect(await the().recall(key)).toBeNull()
      await the().remember(key, '{"first":"ä\\u0000😀"}', until)
      await the().remember(key, 'second', until + MINUTE)
      expect(await the().recall(key)).toBe('{"first":"ä\\u0000😀"}')
      expect(await the().claim(key, until)).toBe(true)
      await pause(SOON + 50)
      expect(await the().recall(key)).toBeNull()
      await the().remember(key, 'third', (await the().now()) + MINUTE)
      expect(await the().recall(key)).toBe('third')
    })
  })
}
