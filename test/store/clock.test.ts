import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProcessClock, TOLERANCE_MS } from '../../src/store/embedded/clock.ts'
import { openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import { accountOf, dueAccount, newFolder } from '../support/store.ts'

const START = 1_900_000_000_000
const HOUR = 3_600_000

/** Both sources in the test's hand: `pass` moves both, `jump` the wall clock only. */
const driven = (start = START) => {
  const time = { wall: start, monotonic: 5_000, jumps: [] as number[] }
  const sources = {
    wall: () => time.wall,
    monotonic: () => time.monotonic,
    onJump: (aheadMs: number) => void time.jumps.push(aheadMs),
  }
  const pass = (ms: number) => {
    time.wall += ms
    time.monotonic += ms
  }
  const jump = (ms: number) => {
    time.wall += ms
  }
  return { time, sources, pass, jump }
}

const behind = expect.objectContaining({ code: 'clock_behind' })
const codeOf = (read: () => number): unknown => {
  try {
    return read()
  } catch (error) {
    return error
  }
}

describe('the process clock', () => {
  it('tells the wall clock’s time while both clocks agree', () => {
    const { sources, pass } = driven()
    const clock = new ProcessClock(0, sources)
    expect(clock.now()).toBe(START)
    pass(40 * 24 * HOUR)
    expect(clock.now()).toBe(START + 40 * 24 * HOUR)
  })

  it('refuses to begin behind the mark, and begins once the wall clock was mended', () => {
    const { sources, jump } = driven()
    const clock = new ProcessClock(START + HOUR, sources)
    expect(codeOf(() => clock.now())).toEqual(behind)
    jump(HOUR + 5)
    expect(clock.now()).toBe(START + HOUR + 5)
  })

  it('stands still at the mark while the wall clock is behind it by no more than the tolerance', () => {
    const { sources, pass } = driven()
    const clock = new ProcessClock(START + TOLERANCE_MS, sources)
    expect(clock.now()).toBe(START + TOLERANCE_MS)
    pass(TOLERANCE_MS - 1)
    expect(clock.now()).toBe(START + TOLERANCE_MS)
    pass(2)
    expect(clock.now()).toBe(START + TOLERANCE_MS + 1)
  })

  it('refuses when the wall clock is set back while it runs, until it has caught up', () => {
    const { sources, jump, pass } = driven()
    const clock = new ProcessClock(0, sources)
    clock.now()
    jump(-HOUR)
    expect(codeOf(() => clock.now())).toEqual(behind)
    pass(HOUR / 2)
    expect(codeOf(() => clock.now())).toEqual(behind)
    pass(HOUR / 2)
    // An hour late from now on, which harms nobody.
    expect(clock.now()).toBe(START)
  })

  it('counts on by the monotonic clock after a jump forward, and reports it once', () => {
    const { time, sources, pass, jump } = driven()
    const clock = new ProcessClock(0, sources)
    clock.now()
    jump(40 * 24 * HOUR)
    expect(clock.now()).toBe(START)
    pass(HOUR)
    expect(clock.now()).toBe(START + HOUR)
    jump(HOUR)
    pass(HOUR)
    expect(clock.now()).toBe(START + 2 * HOUR)
    expect(time.jumps).toEqual([40 * 24 * HOUR])
  })

  it('is not led astray by setting back first and forward after', () => {
    const { sources, jump } = driven()
    const clock = new ProcessClock(0, sources)
    clock.now()
    jump(-HOUR)
    expect(codeOf(() => clock.now())).toEqual(behind)
    jump(3 * HOUR)
    expect(clock.now()).toBe(START)
  })

  it('lets small corrections through', () => {
    const { time, sources, pass, jump } = driven()
    const clock = new ProcessClock(0, sources)
    clock.now()
    pass(HOUR)
    jump(1_500)
    expect(clock.now()).toBe(START + HOUR + 1_500)
    pass(24 * HOUR)
    jump(-1_500)
    expect(clock.now()).toBe(START + 25 * HOUR)
    expect(time.jumps).toEqual([])
  })

  it('never goes back, and never gains on the monotonic clock more than the tolerance and a quartz’s drift', () => {
    const step = fc.record({ pass: fc.nat(HOUR), jump: fc.integer({ min: -HOUR, max: HOUR }) })
    const nudge = fc.record({ pass: fc.nat(1_000), jump: fc.integer({ min: -100, max: 1_999 }) })
    fc.assert(
      fc.property(fc.array(fc.oneof(step, nudge), { maxLength: 60 }), (steps) => {
        const { time, sources, pass, jump } = driven()
        const clock = new ProcessClock(0, sources)
        let last = clock.now()
        const begin = time.monotonic
        for (const { pass: passed, jump: jumped } of steps) {
          pass(passed)
          jump(jumped)
          const now = codeOf(() => clock.now())
          if (typeof now !== 'number') continue
          expect(now).toBeGreaterThanOrEqual(last)
          const elapsed = time.monotonic - begin
          expect(now - START).toBeLessThanOrEqual(elapsed * 1.0002 + TOLERANCE_MS)
          last = now
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('the embedded records’ clock', () => {
  let folder: { readonly path: string; readonly remove: () => Promise<void> }
  beforeEach(async () => {
    folder = await newFolder()
  })
  afterEach(() => folder.remove())
  const openAt = (wall: number) => {
    const clock = driven(wall)
    return openEmbeddedRecords({ folder: folder.path, clock: clock.sources }).then((records) => ({
      records,
      ...clock,
    }))
  }

  it('refuses, after a restart, to run behind the last commit; and changes nothing meanwhile', async () => {
    const account = dueAccount(START + 1)
    const first = await openAt(START)
    await first.records.commit(account, { ifRevision: 0 })
    await first.records.close()

    const { records, jump } = await openAt(START - HOUR)
    const refused: readonly (() => Promise<unknown>)[] = [
      () => records.now(),
      () => records.load(account.id),
      () => records.commit(account, { ifRevision: 1 }),
      () => records.due(1),
      () => records.upcoming(START, 1),
      () => records.claim('key', START + HOUR),
      () => records.remember('key', 'value', START + HOUR),
      () => records.recall('key'),
    ]
    for (const call of refused) await expect(call()).rejects.toEqual(behind)
    jump(HOUR)
    expect((await records.load(account.id))?.account.revision).toBe(1)
    expect(await records.claim('key', START + HOUR)).toBe(true)
    await records.close()
  })

  it('knows after a restart how far it had only been read', async () => {
    const first = await openAt(START)
    await first.records.commit(accountOf(), { ifRevision: 0 })
    first.pass(10 * HOUR)
    await first.records.now()
    await first.records.close()
    const { records } = await openAt(START + 9 * HOUR)
    await expect(records.now()).rejects.toEqual(behind)
    await records.close()
  })

  it('judges notBefore, notAfter, what is due and what has expired to the millisecond', async () => {
    const { records, pass } = await openAt(START)
    const account = dueAccount(START + 10)
    const commit = (ifRevision: number, more: { notBefore?: number; notAfter?: number }) =>
      records.commit(account, { ifRevision, ...more })
    expect(await commit(0, { notAfter: START })).toBe('late')
    expect(await commit(0, { notBefore: START + 1 })).toBe('early')
    expect(await commit(0, { notBefore: START, notAfter: START + 1 })).toBe('committed')
    expect(await commit(0, { notBefore: START + 1, notAfter: START })).toBe('moved')
    await records.remember('key', 'value', START + 10)
    pass(9)
    expect(await records.due(9)).toEqual([])
    expect(await records.upcoming(START + 9, 9)).toEqual([])
    expect(await records.upcoming(START + 10, 9)).toEqual([{ account: account.id, dueAt: START + 10 }])
    expect(await records.claim('key', START + 10)).toBe(true)
    expect(await records.claim('key', START + 10)).toBe(false)
    expect(await records.recall('key')).toBe('value')
    pass(1)
    expect(await records.due(9)).toEqual([account.id])
    expect(await records.upcoming(Infinity, 9)).toEqual([])
    expect(await records.recall('key')).toBeNull()
    expect(await records.claim('key', START + 20)).toBe(true)
    await records.close()
  })

  it('does not let a commit through that only a jump would have made possible', async () => {
    const { records, jump, pass, time } = await openAt(START)
    const account = accountOf()
    await records.commit(account, { ifRevision: 0 })
    jump(HOUR + 1)
    expect(await records.commit(account, { ifRevision: 1, notBefore: START + HOUR })).toBe('early')
    expect(time.jumps).toEqual([HOUR + 1])
    pass(HOUR - 1)
    expect(await records.commit(account, { ifRevision: 1, notBefore: START + HOUR })).toBe('early')
    pass(1)
    expect(await records.commit(account, { ifRevision: 1, notBefore: START + HOUR })).toBe('committed')
    await records.close()
  })
})
