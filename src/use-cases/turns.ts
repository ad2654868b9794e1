/**
 * One change of an account at a time within this process. Between processes the store decides: a write that came second is
 * `moved`. Here, waiting is cheaper than deciding anew, and nobody is refused as `busy` because thirty contacts answered at once.
 */
const queues = new WeakMap<object, Map<string, Promise<void>>>()

/** Runs `act` once all earlier ones for the same account and store have ended. Never nest two for one account. */
export const inTurn = async <T>(store: object, account: string, act: () => Promise<T>): Promise<T> => {
  let queue = queues.get(store)
  if (queue === undefined) queues.set(store, (queue = new Map()))
  const before = queue.get(account) ?? Promise.resolve()
  const acted = before.then(act)
  const ended = acted.then(
    () => undefined,
    () => undefined,
  )
  queue.set(account, ended)
  try {
    return await acted
  } finally {
    if (queue.get(account) === ended) queue.delete(account)
  }
}
