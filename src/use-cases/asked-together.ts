/**
 * One question for all who ask it at the same time.
 */

/**
 * Whoever asks while the question is under way gets the same answer, which may so be as much older than the call as an answer
 * takes: for what does not mind that.
 */
export const askedTogether = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let asking: Promise<T> | null = null
  return () =>
    (asking ??= ask().finally(() => {
      asking = null
    }))
}
