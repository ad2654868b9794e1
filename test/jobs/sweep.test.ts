import { HoldfastError } from '@holdfast/client/protocol'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { startSweep, type SweepOptions } from '../../workers/sweep.ts'
import { accountId, DueList, makeReport, pause, until } from './scene.ts'

const scene = (options: Partial<SweepOptions> = {}) => {
  const records = new DueList()
  const { report, incidents, of } = makeReport()
  const woken: { account: string; at: number }[] = []
  const jobs = { wake: (account: string, at: number) => void woken.push({ account, at }) }
  const { settleAccount, relayAccount } = records
  const start = () =>
    startSweep({ records, jobs, report, settleAccount, relayAccount, everyMs: 60_000, ...options })
  return { records, report, incidents, of, woken, start }
}

test('drains what is due and what is not relayed in bounded batches; accounts that fail block nobody', async () => {
  const calls = new Map<string, number>()
  const { records, of, start, woken } = scene({
    settleAccount: async (account) => {
      calls.set(account, (calls.get(account) ?? 0) + 1)
      if (Number(records.dueAt.get(account)) < 1_000) throw new HoldfastError('unavailable')
      await records.settleAccount(account)
    },
  })
  // The broken ones are due first, and more of them than are read at once.
  for (let number = 0; number < 450; number += 1) records.dueAt.set(accountId(number), number)
  for (let number = 1_000; number < 3_000; number += 1) {
    records.dueAt.set(accountId(number), number)
    records.outbox.add(accountId(number))
  }
  const soon = records.clock() + 100_000
  records.dueAt.set(accountId(5_000), soon)
  records.dueAt.set(accountId(5_001), soon + 3_600_000)
  const limits: number[] = []
  const due = records.due
  records.due = (limit) => {
    limits.push(limit)
    return due(limit)
  }
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const sweep = start()
  const figures = await sweep.run()
  loop.disable()
  expect(figures).toEqual({ settled: 2_000, relayed: 2_000, woken: 1, failed: 450 })
  expect(woken).toEqual([{ account: accountId(5_000), at: soon }])
  expect([...calls.values()].every((times) => times === 1)).toBe(true)
  expect(of('sweep_account_failed')).toHaveLength(450)
  expect(Math.max(...limits)).toBeLessThanOrEqual(200 + 450)
  await sweep.close()
  console.log(`a sweep of 4,450 accounts held up the event loop by at most ${(loop.max / 1e6).toFixed(0)} ms`)
})

test('never overlaps itself, goes on after failures, and stops when closed', async () => {
  let running = 0
  let most = 0
  const { records, of, start } = scene({
    everyMs: 5,
    settleAccount: async () => {
      running += 1
      most = Math.max(most, running)
      await pause(20)
      running -= 1
    },
  })
  records.dueAt.set(accountId(1), 0)
  records.outbox.add(accountId(2))
  let reads = 0
  const due = records.due
  records.due = async (limit) => {
    reads += 1
    if (reads < 4) throw new HoldfastError('unavailable')
    return due(limit)
  }
  const sweep = start()
  const joined = [sweep.run(), sweep.run()]
  expect(joined[0]).toBe(joined[1])
  await until('the other steps went on', () => records.relayed.length === 1)
  await until('three more sweeps', () => reads > 10)
  expect(most).toBe(1)
  expect(of('sweep_step_failed')).toHaveLength(3)
  await sweep.close()
  const after = reads
  await pause(50)
  expect(reads).toBe(after)
})

test('refuses a pause that would break the promise of a minute, or the timer', () => {
  const { start } = scene()
  expect(start).not.toThrow()
  for (const everyMs of [0, -1, 1.5, Number.NaN, 60_001, 2 ** 31]) {
    expect(scene({ everyMs }).start).toThrow(RangeError)
  }
})
