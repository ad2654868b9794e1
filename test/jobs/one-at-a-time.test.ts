import { expect, test } from 'vitest'
import { oneAtATime } from '../../workers/one-at-a-time.ts'
import { pause } from './scene.ts'

test('one run at a time per account; calls during a run share one that starts after them', async () => {
  const running = new Map<string, number>()
  let most = 0
  let runs = 0
  const handle = oneAtATime(async (account) => {
    runs += 1
    running.set(account, (running.get(account) ?? 0) + 1)
    most = Math.max(most, running.get(account) ?? 0)
    await pause(10)
    running.set(account, (running.get(account) ?? 0) - 1)
  }, 1_000)
  const first = handle('a')
  await Promise.all([first, handle('b'), ...Array.from({ length: 20 }, () => handle('a'))])
  expect(most).toBe(1)
  expect(runs).toBe(3)
  await handle('a')
  expect(runs).toBe(4)
})

test('a failure reaches its own callers only, and the next run goes ahead', async () => {
  let runs = 0
  const handle = oneAtATime(async () => {
    runs += 1
    await pause(1)
    if (runs === 1) throw new Error('first')
  }, 1_000)
  const first = handle('a')
  const second = handle('a')
  await expect(first).rejects.toThrow('first')
  await expect(second).resolves.toBeUndefined()
  expect(runs).toBe(2)
})

test('a run that hangs is given up with `timeout`, and holds up nobody for longer', async () => {
  let runs = 0
  const handle = oneAtATime(async () => {
    runs += 1
    if (runs === 1) await new Promise(() => undefined)
  }, 30)
  const first = handle('a')
  const second = handle('a')
  await expect(first).rejects.toMatchObject({ code: 'timeout' })
  await second
  expect(runs).toBe(2)
})
