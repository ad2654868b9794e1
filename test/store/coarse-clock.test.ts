import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { coarseClock } from '../../src/store/mongo/coarse-clock.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['performance', 'Date', 'setTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A server whose clock is an hour ahead of this process's and answers after `tookMs`. */
const serverOf = (tookMs = 0) => {
  const state = { asked: 0, tookMs, offset: 3_600_000, isDown: false }
  const now = coarseClock(async () => {
    state.asked += 1
    const read = performance.now() + state.offset
    if (state.tookMs > 0) await new Promise((resolve) => setTimeout(resolve, state.tookMs))
    if (state.isDown) throw new Error('down')
    return read
  })
  return { state, now }
}

it('is the server’s, carried on by this process for a second, whatever this process’s calendar says', async () => {
  const { state, now } = serverOf()
  expect(await now()).toBe(3_600_000)
  vi.setSystemTime(1e12)
  vi.advanceTimersByTime(999)
  expect([await now(), state.asked]).toEqual([3_600_999, 1])
  // A jump of the server's own clock is seen at the next reading.
  state.offset = 0
  vi.advanceTimersByTime(1)
  expect([await now(), state.asked]).toEqual([1_000, 2])
})

it('is never ahead of the server, and an answer that took a second is used for nothing else', async () => {
  const { state, now } = serverOf(10)
  const first = now()
  await vi.advanceTimersByTimeAsync(10)
  expect(await first).toBe(3_600_000)
  vi.advanceTimersByTime(500)
  expect(await now(), 'behind by what the answer took').toBe(3_600_500)
  vi.advanceTimersByTime(500)
  state.tookMs = 1_000
  const slow = now()
  await vi.advanceTimersByTimeAsync(1_000)
  await slow
  const asked = state.asked
  state.tookMs = 0
  expect(await now()).toBe(performance.now() + state.offset)
  expect(state.asked).toBe(asked + 1)
})

it('fails as long as the server does not answer, and keeps nothing of it', async () => {
  const { state, now } = serverOf()
  state.isDown = true
  await expect(now()).rejects.toThrow('down')
  state.isDown = false
  expect(await now()).toBe(3_600_000)
})
