/**
 * Listens to what processes tell each other over Redis: when each owner's request became releasable.
 */
import { Redis } from 'ioredis'

export interface Ear {
  /** By owner's account: when it was first heard of, Unix ms. */
  readonly heard: ReadonlyMap<string, number>
  /** What Redis holds now. */
  usedBytes(): Promise<number>
  close(): Promise<void>
}

interface Told {
  readonly notice?: { readonly event: string; readonly audience: { readonly role: string; readonly account: string } }
}

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
    usedBytes: async () => Number(/^used_memory:(\d+)/m.exec(await asking.info('memory'))?.[1]),
    async close() {
      listening.disconnect()
      asking.disconnect()
    },
  }
}
