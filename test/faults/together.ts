/**
 * Several recoveries at once while something goes wrong around them.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Judgement } from './judge.ts'
import { ENDINGS, type PlayOptions, type Scene } from './play.ts'
import { played } from './rounds.ts'

/** Endings by turns, so that each is there. */
export const together = (
  scene: Scene,
  count: number,
  options: Pick<PlayOptions, 'before'> = {},
): Promise<readonly Judgement[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      played(scene, { ...options, ending: ENDINGS[index % ENDINGS.length] as (typeof ENDINGS)[number] }),
    ),
  )

/** Does it again and again, with a pause in between, until `work` is over; what either of them throws is thrown. */
export const during = async <T>(
  everyMs: number,
  again: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> => {
  let isOver = false
  const trouble = async (): Promise<void> => {
    while (!isOver) {
      await again()
      await pause(everyMs)
    }
  }
  const done = work().finally(() => {
    isOver = true
  })
  const [result] = await Promise.all([done, trouble()])
  return result
}
