/** Runs `run` on every item, `size` at a time, and lets the event loop go round between groups. `run` must not reject. */
export const inGroups = async <T>(
  items: readonly T[],
  size: number,
  run: (item: T) => Promise<void>,
): Promise<void> => {
  for (let from = 0; from < items.length; from += size) {
    await Promise.all(items.slice(from, from + size).map(run))
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
