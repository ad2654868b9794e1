/**
 * Where this device keeps what the SDK must remember: keys, pins, counters, secrets of open invitations.
 *
 * Values are secrets: an implementation must keep them from other users of the machine and from backups that leave it.
 */
export interface Storage {
  /** The value last set, or null. */
  get(key: string): Promise<string | null>
  /** Durable once resolved: a pin or a counter that is forgotten lets an old answer through. */
  set(key: string, value: string): Promise<void>
  /** Removing what is not there changes nothing. */
  delete(key: string): Promise<void>
  /**
   * Runs `work` while nobody else who shares the values runs theirs, for example another tab. Left out where there is nobody
   * else; within one client calls are put in order anyway.
   */
  exclusively?<T>(work: () => Promise<T>): Promise<T>
}

/** Keeps nothing beyond this object's life. For tests, and for a requester that may start again. */
export const memoryStorage = (): Storage => {
  const values = new Map<string, string>()
  return {
    get: (key) => Promise.resolve(values.get(key) ?? null),
    set: (key, value) => {
      values.set(key, value)
      return Promise.resolve()
    },
    delete: (key) => {
      values.delete(key)
      return Promise.resolve()
    },
  }
}
