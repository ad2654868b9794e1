/**
 * What every engine of the records must do, clause by clause of use-cases/ports.ts. In real time only, since an engine's
 * clock may be another machine's.
 */
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Records } from '../../src/use-cases/ports.ts'
import { accountOf, dueAccount, entryOf, epochOf, newId, undone } from '../support/store.ts'
import { conformsOnLookUps } from './conformance-look-ups.ts'
import { conformsOnSweeps } from './conformance-sweeps.ts'

export interface RecordsUnderTest {
  readonly records: Records
  /** Closes the records and opens the same data anew. */
  reopen(): Promise<Records>
  /** Closes them and removes the data. */
  remove(): Promise<void>
}

const MINUTE = 60_000

/** `open` gives empty records. Tests share one set and so must not depend on its being empty. */
export const recordsConformance = (name: string, open: () => Promise<RecordsUnderTest>): void => {
  describe(`records: ${name}`, () => {
    let opened: RecordsUnderTest
    let records: Records
    beforeAll(async () => {
      opened = await open()
      records = opened.records
    })
    afterAll(() => opened.remove())

    describe('commit', () => {
      it('gives back exactly the document that was put, with the next revision', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.jsonValue({ maxDepth: 4 }),
            fc.string({ unit: 'binary' }),
            async (json, text) => {
              // The details of a log entry carry any JSON through, whatever its type says.
              const entry = { ...entryOf(1), details: { json, text, 'a.b': 1, $set: null } as never }
              const account = accountOf({ outbox: { entries: [entry], notices: [], erasures: [] } })
              expect(await records.commit(account, { ifRevision: 0, entries: [entry] })).toBe('committed')
              const asJson: unknown = JSON.parse(JSON.stringify({ ...account, revision: 1 }))
              expect((await records.load(account.id))?.account).toStrictEqual(asJson)
              expect(await records.readLog(account.id, 0, 1)).toStrictEqual([
                JSON.parse(JSON.stringify(entry)),
              ])
            },
          ),
          { numRuns: 50 },
        )
      })

      it('knows nothing of an account never stored', async () => {
        expect(await records.load(newId())).toBeNull()
      })

      it('stores a document of half a megabyte', async () => {
        const account = accountOf({ replaced: Array.from({ length: 12_000 }, () => 'x'.repeat(43)) })
        await records.commit(account, { ifRevision: 0 })
        expect((await records.load(account.id))?.account).toStrictEqual({ ...account, revision: 1 })
      })

      it('is moved unless the revision is the one that stands', async () => {
        const account = accountOf()
        expect(await records.commit(account, { ifRevision: 1 })).toBe('moved')
        expect(await records.load(account.id)).toBeNull()
        expect(await records.commit(account, { ifRevision: 0 })).toBe('committed')
        expect(await records.commit(account, { ifRevision: 0 })).toBe('moved')
        expect(await records.commit(account, { ifRevision: 2 })).toBe('moved')
        expect(await records.commit({ ...account, app: 'other' }, { ifRevision: 1 })).toBe('committed')
        const loaded = await records.load(account.id)
        expect([loaded?.account.revision, loaded?.account.app]).toEqual([2, 'other'])
      })

      it('is early before notBefore and late from notAfter on, by the clock at the write', async () => {
        const account = accountOf()
        const now = await records.now()
        const commit = (more: { notBefore?: number; notAfter?: number }) =>
          records.commit(account, { ifRevision: 0, ...more })
        expect(await commit({ notBefore: now + MINUTE })).toBe('early')
        expect(await commit({ notAfter: now })).toBe('late')
        expect(await commit({ notAfter: now - MINUTE })).toBe('late')
        expect(await records.load(account.id)).toBeNull()
        expect(await commit({ notBefore: now, notAfter: now + MINUTE })).toBe('committed')
      })

      it('lets notBefore through at that instant and not one commit sooner', async () => {
        const account = accountOf()
        const notBefore = (await records.now()) + 150
        let refusals = 0
        for (;;) {
          const before = await records.now()
          const outcome = await records.commit(account, { ifRevision: 0, notBefore })
          const after = await records.now()
          if (outcome === 'committed') {
            expect(after).toBeGreaterThanOrEqual(notBefore)
            break
          }
          expect(outcome).toBe('early')
          expect(before).toBeLessThan(notBefore)
          refusals += 1
          await pause(1)
        }
        expect(refusals).toBeGreaterThan(0)
      })

      it('changes nothing at all when it is refused', async () => {
        const account = { ...dueAccount(1), circle: { ...accountOf().circle, active: epochOf([newId()]) } }
        const contact = account.circle.active.slots[0]?.contact ?? ''
        const blob = { hash: newId(), bytes: new Uint8Array([1]) }
        const more = { blobs: [blob], entries: [entryOf(1)] }
        const notBefore = (await records.now()) + MINUTE
        expect(await records.commit(account, { ifRevision: 3, ...more })).toBe('moved')
        expect(await records.commit(account, { ifRevision: 0, notBefore, ...more })).toBe('early')
        expect(await records.commit(account, { ifRevision: 0, notAfter: 1, ...more })).toBe('late')
        expect(await records.readBlob(blob.hash)).toBeNull()
        expect(await records.readLog(account.id, 0, 10)).toEqual([])
        expect(await records.circlesWith(contact)).toEqual([])
        expect(await records.due(10_000)).not.toContain(account.id)
      })

      it('lets exactly one of 100 at once win each revision', async () => {
        const account = accountOf()
        for (let revision = 0; revision < 5; revision += 1) {
          const tries = Array.from({ length: 100 }, async (_, by) => {
            const blob = { hash: `${account.id}.${revision}.${by}`, bytes: new Uint8Array([by]) }
            const next = { ...account, app: `winner-${by}` }
            return { by, outcome: await records.commit(next, { ifRevision: revision, blobs: [blob] }), blob }
          })
          const results = await Promise.all(tries)
          const winners = results.filter(({ outcome }) => outcome === 'committed')
          expect(winners).toHaveLength(1)
          expect(results.filter(({ outcome }) => outcome === 'moved')).toHaveLength(99)
          const loaded = await records.load(account.id)
          expect(loaded?.account.app).toBe(`winner-${winners[0]?.by}`)
          expect(loaded?.account.revision).toBe(revision + 1)
          const kept = await Promise.all(results.map(({ blob }) => records.readBlob(blob.hash)))
          expect(kept.flatMap((bytes, by) => (bytes === null ? [] : [by]))).toEqual([winners[0]?.by])
        }
      })

      it('loses no update of 100 that read, add and write at once', async () => {
        const { id } = accountOf()
        await records.commit(accountOf({ id }), { ifRevision: 0 })
        const add = async (key: string): Promise<void> => {
          for (;;) {
            const { account } = (await records.load(id)) ?? { account: accountOf({ id }) }
            const next = { ...account, replaced: [...account.replaced, key] }
            if ((await records.commit(next, { ifRevision: account.revision })) === 'committed') return
            await pause(Math.random() * 20)
          }
        }
        const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`)
        await Promise.all(keys.map(add))
        expect((await records.load(id))?.account.replaced.toSorted()).toEqual(keys.toSorted())
      })

      it('is seen by a load that begins after it', async () => {
        const account = accountOf()
        for (let revision = 0; revision < 30; revision += 1) {
          await records.commit(account, { ifRevision: revision })
          expect((await records.load(account.id))?.account.revision).toBe(revision + 1)
        }
      })

      it('keeps document, blobs and entries over closing and opening', async () => {
        const account = dueAccount((await records.now()) + MINUTE)
        const blob = { hash: newId(), bytes: new Uint8Array(70_000).map((_, index) => index % 251) }
        await records.commit(account, { ifRevision: 0, blobs: [blob], entries: [entryOf(1), entryOf(2)] })
        await records.remember(account.id, 'answer', (await records.now()) + MINUTE)
        records = await opened.reopen()
        expect((await records.load(account.id))?.account).toStrictEqual({ ...account, revision: 1 })
        expect(await records.readBlob(blob.hash)).toStrictEqual(blob.bytes)
        expect(await records.readLog(account.id, 0, 9)).toStrictEqual([entryOf(1), entryOf(2)])
        expect(await records.recall(account.id)).toBe('answer')
        expect((await records.upcoming(Infinity, 10_000)).map(({ account: id }) => id)).toContain(account.id)
      })

      it('has copied the blob when it returns control, so that its caller may wipe the bytes', async () => {
        const bytes = new Uint8Array([1, 2, 3])
        const hash = newId()
        const commit = records.commit(accountOf(), { ifRevision: 0, blobs: [{ hash, bytes }] })
        bytes.fill(0)
        await commit
        expect(await records.readBlob(hash)).toStrictEqual(new Uint8Array([1, 2, 3]))
      })
    })

    describe('forget', () => {
      it('leaves nothing of document, indexes and log, and touches no other account', async () => {
        const now = await records.now()
        const circle = { ...accountOf().circle, active: epochOf([newId()]) }
        const outbox = undone()
        const account = { ...dueAccount(now - MINUTE), circle, outbox }
        const other = { ...dueAccount(now - MINUTE), circle, outbox }
        for (const one of [account, other])
          await records.commit(one, { ifRevision: 0, entries: [entryOf(1), entryOf(2)] })
        const contact = circle.active.slots[0]?.contact ?? ''
        expect(await records.forget(account.id, 1)).toBe('committed')
        expect(await records.load(account.id)).toBeNull()
        expect(await records.readLog(account.id, 0, 10)).toEqual([])
        expect(await records.circlesWith(contact)).toEqual([other.id])
        for (const listed of [await records.due(10_000), await records.unrelayed(10_000)]) {
          expect(listed).not.toContain(account.id)
          expect(listed).toContain(other.id)
        }
        expect(await records.readLog(other.id, 0, 10)).toHaveLength(2)
        expect(await records.commit(account, { ifRevision: 0 })).toBe('committed')
      })

      it('is moved unless the revision is the one that stands', async () => {
        const account = accountOf()
        expect(await records.forget(account.id, 0)).toBe('moved')
        await records.commit(account, { ifRevision: 0 })
        expect(await records.forget(account.id, 0)).toBe('moved')
        expect(await records.forget(account.id, 2)).toBe('moved')
        expect((await records.load(account.id))?.account.revision).toBe(1)
        expect(await records.forget(account.id, 1)).toBe('committed')
        expect(await records.forget(account.id, 1)).toBe('moved')
      })
    })

    describe('the clock', () => {
      it('is in whole milliseconds, does not go back, and is the one that load tells', async () => {
        const account = accountOf()
        await records.commit(account, { ifRevision: 0 })
        let last = 0
        for (let round = 0; round < 50; round += 1) {
          const instants = [await records.now(), (await records.load(account.id))?.now ?? 0]
          for (const now of instants) {
            expect(Number.isSafeInteger(now)).toBe(true)
            expect(now).toBeGreaterThanOrEqual(last)
            last = now
          }
        }
      })
    })

    conformsOnSweeps(() => records)

    conformsOnLookUps(() => records)

    it('after closing, refuses with a code', async () => {
      await records.close()
      await expect(records.load(newId())).rejects.toMatchObject({ code: 'unavailable' })
      await expect(records.commit(accountOf(), { ifRevision: 0 })).rejects.toMatchObject({
        code: 'unavailable',
      })
      await expect(records.claim('x', 1)).rejects.toMatchObject({ code: 'unavailable' })
      await records.close()
    })
  })
}
