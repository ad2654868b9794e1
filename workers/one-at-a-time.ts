/**
 * Keeps jobs, duplicates and the sweep of one process from handling one account at the same time: they would only make
 * each other's conditional writes fail.
 */
import { HoldfastError } from '@holdfast/client/protocol'

export type Handler = (account: string) => Promise<void>

interface Turn {
  /** Settles as the run does, or rejects with `timeout`. */
  readonly running: Promise<void>
  /** A run that has not started, which everyone joins who asks meanwhile. */
  next: Promise<void> | null
}

/**
 * `handler`, once at a time per account. A call during a run gets one further run, shared with all others that wait: it
 * starts after their call, so it sees what they are about. A run longer than `withinMs` rejects with `timeout`; it no
 * longer holds up others, and is safe to overlap, because every write is conditional.
 */
export const oneAtATime = (handler: Handler, withinMs: number): Handler => {
  const turns = new Map<string, Turn>()

  const run = (account: string): Promise<void> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new HoldfastError('timeout')), withinMs)
    })
    const running = Promise.race([(async () => handler(account))(), late]).finally(() => {
      clearTimeout(timer)
      if (turns.get(account) === turn && turn.next === null) turns.delete(account)
    })
    const turn: Turn = { running, next: null }
    turns.set(account, turn)
    return running
  }

  return (account) => {
    const turn = turns.get(account)
    if (turn === undefined) return run(account)
    turn.next ??= turn.running.then(
      () => run(account),
      () => run(account),
    )
    return turn.next
  }
}
