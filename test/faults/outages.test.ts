import { expect, it } from 'vitest'
import { noteOutages } from './outages.ts'

it('counts the time in which anything was away, once, and what has not ended yet', () => {
  let now = 0
  const outages = noteOutages(() => now)
  const at = (instant: number, act: () => void): void => {
    now = instant
    act()
  }
  at(100, () => outages.begin('store'))
  at(150, () => outages.begin('workers'))
  at(160, () => outages.begin('workers'))
  at(200, () => outages.end('store'))
  at(300, () => outages.end('workers'))
  at(310, () => outages.end('workers'))
  at(500, () => outages.begin('store'))
  expect(outages.msWithin(0, 1_000)).toBe(700)
  expect(outages.msWithin(120, 280)).toBe(160)
  expect(outages.msWithin(300, 500)).toBe(0)
  expect(outages.msWithin(400, 300)).toBe(0)
})
