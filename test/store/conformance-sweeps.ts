/**
 * The part of the conformance suite that is about what sweeps look for: what is due, what comes next, and what is unrelayed.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { KEPT_ENTRIES } from '../../src/domain/journal.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { accountOf, dueAccount, entryOf, newId, undone } from '../support/store.ts'
import { putsInto } from './conformance-look-ups.ts'

const MINUTE = 60_000
const ALL = 100_000

/** `the` gives the records that the suite is about. */
export const conformsOnSweeps = (the: () => Records): void => {
  const put = putsInto(the)

  describe('the backlog', () => {
    it('counts what is due and what is unrelayed, up to a limit, and knows the oldest', async () => {
      const before = await the().backlog(ALL)
      const now = await the().now()
      await put(dueAccount(3))
      await put(dueAccount(now - MINUTE))
      await put(dueAccount(now + MINUTE))
      await put(accountOf({ outbox: undone() }))
      const after = await the().backlog(ALL)
      expect(after.due - before.due).toBe(2)
      expect(after.unrelayed - before.unrelayed).toBe(1)
      expect(after.oldestDueAt).toBe(Math.min(3, before.oldestDueAt ?? Infinity))
      expect(await the().backlog(1)).toEqual({ due: 1, oldestDueAt: after.oldestDueAt, unrelayed: 1 })
    })
  })

  describe('due and upcoming', () => {
    it('part at the store’s now, each soonest first', async () => {
      const now = await the().now()
      const offsets = [-10, 30, -30, 10, -20, 20].map((minutes) => minutes * MINUTE)
      const accounts: { readonly id: string; readonly at: number }[] = []
      for (const offset of offsets) {
        accounts.push({ id: (await put(dueAccount(now + offset))).id, at: now + offset })
      }
      const ours = new Set(accounts.map(({ id }) => id))
      const sorted = accounts.toSorted((a, b) => a.at - b.at)
      const due = (await the().due(ALL)).filter((id) => ours.has(id))
      expect(due).toEqual(sorted.slice(0, 3).map(({ id }) => id))
      const upcoming = (await the().upcoming(Infinity, ALL)).filter(({ account }) => ours.has(account))
      expect(upcoming).toEqual(sorted.slice(3).map(({ id, at }) => ({ account: id, dueAt: at })))
      const second = sorted[4]?.at ?? 0
      const until = async (at: number) => {
        const found = await the().upcoming(at, ALL)
        return found.filter(({ account }) => ours.has(account)).map(({ account }) => account)
      }
      expect(await until(second)).toEqual(sorted.slice(3, 5).map(({ id }) => id))
      expect(await until(second - 1)).toEqual(sorted.slice(3, 4).map(({ id }) => id))
    })

    it('give no more than asked for, the soonest', async () => {
      await put(dueAccount(1_000))
      await put(dueAccount(2_000))
      await put(dueAccount((await the().now()) + MINUTE))
      expect(await the().due(1)).toEqual((await the().due(ALL)).slice(0, 1))
      expect(await the().due(2)).toEqual((await the().due(ALL)).slice(0, 2))
      expect(await the().upcoming(Infinity, 1)).toEqual((await the().upcoming(Infinity, ALL)).slice(0, 1))
    })

    it('move an account from one to the other as time passes, without a write', async () => {
      const account = await put(dueAccount((await the().now()) + 100))
      expect(await the().due(ALL)).not.toContain(account.id)
      await pause(150)
      expect(await the().due(ALL)).toContain(account.id)
      expect((await the().upcoming(Infinity, ALL)).map((next) => next.account)).not.toContain(account.id)
    })

    it('follow every commit: another instant, none, and one again', async () => {
      const { id } = accountOf()
      const at = (await the().now()) + MINUTE
      const upcoming = async () =>
        (await the().upcoming(Infinity, ALL)).filter(({ account }) => account === id)
      await put({ ...dueAccount(1_000), id })
      expect(await the().due(ALL)).toContain(id)
      await put({ ...dueAccount(at), id }, 1)
      expect(await the().due(ALL)).not.toContain(id)
      expect(await upcoming()).toEqual([{ account: id, dueAt: at }])
      await put(accountOf({ id }), 2)
      expect(await upcoming()).toEqual([])
      await put({ ...dueAccount(at + 1), id }, 3)
      expect(await upcoming()).toEqual([{ account: id, dueAt: at + 1 }])
    })
  })

  describe('unrelayed', () => {
    it('lists an account exactly as long as its outbox holds too many entries, a notice or an erasure', async () => {
      const { id, outbox } = accountOf()
      const entries = Array.from({ length: KEPT_ENTRIES + 1 }, (_, index) => entryOf(index + 1))
      const notice = { notice: newId(), at: 1, event: 'account' as never, recovery: null }
      const audience = { role: 'owner', account: id } as const
      const full = [
        { ...outbox, entries },
        { ...outbox, notices: [{ ...notice, audience }] },
        { ...outbox, erasures: [{ what: 'blob', hash: newId() } as const] },
      ]
      let revision = 0
      for (const outboxOf of full) {
        await put(accountOf({ id, outbox: outboxOf }), revision++)
        expect(await the().unrelayed(ALL)).toContain(id)
        await put(accountOf({ id, outbox: { ...outbox, entries: entries.slice(1) } }), revision++)
        expect(await the().unrelayed(ALL)).not.toContain(id)
      }
    })

    it('is told with the account', async () => {
      const listed = await put(accountOf({ outbox: undone() }))
      const quiet = await put(accountOf())
      expect((await the().load(listed.id))?.unrelayed).toBe(true)
      const both = await the().loadAll([quiet.id, listed.id])
      expect(both.map(({ unrelayed }) => unrelayed)).toEqual([false, true])
    })

    it('gives no more than asked for', async () => {
      for (let count = 0; count < 3; count += 1) {
        await put(accountOf({ outbox: undone() }))
      }
      expect(await the().unrelayed(2)).toHaveLength(2)
    })
  })
}
