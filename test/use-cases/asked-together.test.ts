import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { askedTogether } from '../../src/use-cases/asked-together.ts'

/** Each question's answer is its number, given when the test says so. */
const questions = () => {
  const open: { readonly answer: () => void; readonly fail: () => void }[] = []
  const ask = askedTogether(
    () =>
      new Promise<number>((resolve, reject) => {
        const number = open.length + 1
        open.push({ answer: () => resolve(number), fail: () => reject(new Error(`no ${number}`)) })
      }),
  )
  return { open, ask }
}

it('asks once for all who ask in the same moment, and anew for who comes after the answer', async () => {
  const { open, ask } = questions()
  const together = Promise.all([ask(), ask(), ask()])
  open[0]?.answer()
  expect(await together).toEqual([1, 1, 1])
  const later = ask()
  open[1]?.answer()
  expect([await later, open.length]).toEqual([2, 2])
})

it('lets nobody wait for a question that hangs: after a moment it is asked anew', async () => {
  const { open, ask } = questions()
  const hanging = ask()
  await pause(40)
  const next = ask()
  open[1]?.answer()
  expect(await next).toBe(2)
  // The late answer of the first is no answer to whoever asks now.
  open[0]?.answer()
  expect(await hanging).toBe(1)
  const last = ask()
  open[2]?.answer()
  expect([await last, open.length]).toEqual([3, 3])
})

it('tells all who asked of a failure, and remembers none', async () => {
  const { open, ask } = questions()
  const together = Promise.allSettled([ask(), ask()])
  open[0]?.fail()
  expect((await together).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = ask()
  open[1]?.answer()
  expect(await next).toBe(2)
})
