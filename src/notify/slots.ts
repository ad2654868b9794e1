/**
 * Room for so many at a time. Whoever finds none waits in line, and leaves it when that takes too long.
 */
export interface Slots {
  /** True: the slot is the caller's until it gives it back. False: there was none in time. */
  take(): Promise<boolean>
  give(): void
  /** Sends everybody in line away. */
  close(): void
}

export const openSlots = (count: number, waitMs: number): Slots => {
  let free = count
  const line = new Set<(hasSlot: boolean) => void>()
  return {
    async take() {
      if (free > 0) {
        free -= 1
        return true
      }
      return new Promise((resolve) => {
        const leave = (hasSlot: boolean): void => {
          clearTimeout(timer)
          line.delete(leave)
          resolve(hasSlot)
        }
        const timer = setTimeout(() => leave(false), waitMs)
        line.add(leave)
      })
    },
    give() {
      const [first] = line
      if (first === undefined) free += 1
      else first(true)
    },
    close() {
      for (const leave of line) leave(false)
    },
  }
}
