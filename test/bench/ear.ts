/**
 * Listens to what processes tell each other over Redis: when each owner's request became releasable.
 */
import { Redis } from 'ioredis'

export interface Ear {
  /** By owner's account: when it was first heard of, Unix ms. */
  readonly heard: ReadonlyMap<string, number>
  /** Bytes in Redis of one job that waits to wake this account: its own, and its part of the list. */
  bytesOfWake(account: string, at: number): Promise<number>
  close(): Promise<void>
}

interface Told {
  readonly notice?: {
    readonly event: string
    readonly audience: { readonly role: string; readonly account: string }
  }
}

/** BullMQ's keys. */
const WAKES = 'bull:holdfast-wake'

export const openEar = async (url: string): Promise<Ear> => {
  const heard = new Map<string, number>()
  const [listening, asking] = [new Redis(url), new Redis(url)]
  listening.on('message', (_, raw: string) => {
    const { notice } = JSON.parse(raw) as Told
    if (notice?.event !== 'recovery-releasable' || notice.audience.role !== 'owner') return
    const { account } = notice.audience
    if (!heard.has(account)) heard.set(account, Date.now())
  })
  await listening.subscribe('holdfast:0:notices')
  return {
    heard,
    async bytesOfWake(account, at) {
      const [job, list] = [`${WAKES}:wake-${account}-${at}`, `${WAKES}:delayed`]
      const [own, all, count] = await Promise.all([
        asking.memory('USAGE', job),
        asking.memory('USAGE', list, 'SAMPLES', 0),
        asking.zcard(list),
      ])
      return (own ?? 0) + (all ?? 0) / Math.max(1, count)
    },
    async close() {
      listening.disconnect()
      asking.disconnect()
    },
  }
}
