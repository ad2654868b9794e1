/**
 * One question for all who ask it in the same moment.
 */

/** Nobody joins a question that was asked longer ago than this: it may hang, on a connection that is broken. */
const JOINED_MS = 20

/**
 * Whoever asks while the question is under way, and was asked just now, gets the same answer. That may so be as much older than the
 * call: for what does not mind it.
 */
export const askedTogether = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let last: { readonly answer: Promise<T>; readonly askedAt: number } | null = null
  return () => {
    const askedAt = performance.now()
    if (last !== null && askedAt - last.askedAt < JOINED_MS) return last.answer
    const mine = { answer: ask(), askedAt }
    const forget = (): void => {
      if (last === mine) last = null
    }
    mine.answer.then(forget, forget)
    last = mine
    return mine.answer
  }
}
