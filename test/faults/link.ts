/**
 * A network of one's own between two parts: passes bytes on until it is told to fail.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** `half-open`: takes connections and bytes, and nothing ever comes back. `slow`: every piece takes this long, each way. */
export type Trouble =
  | { readonly kind: 'cut' }
  | { readonly kind: 'half-open' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Passes on each request that holds one of these words, waits for its answer, drops it and resets the connection. */
  | { readonly kind: 'reply-lost'; readonly of: readonly string[]; readonly times: number }

export interface Link {
  /** Where to reach the other side. */
  readonly port: number
  /** Answers that were dropped so far. */
  readonly lost: number
  fail(trouble: Trouble): void
  /** Connections that hung meanwhile are reset. */
  heal(): void
  close(): Promise<void>
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
  isLosing: boolean
}

export const openLink = async (target: number): Promise<Link> => {
  const pairs = new Set<Pair>()
  let trouble: Trouble | null = null
  let left = 0
  let lost = 0

  const end = (pair: Pair): void => {
    pairs.delete(pair)
    pair.near.resetAndDestroy()
    pair.far.destroy()
  }
  const send = (to: Socket, bytes: Buffer): void => {
    if (trouble?.kind === 'half-open') return
    // Timers of one length fire in the order in which they were set.
    if (trouble?.kind === 'slow') setTimeout(() => to.writable && to.write(bytes), trouble.ms)
    else if (to.writable) to.write(bytes)
  }
  const isToBeLost = (bytes: Buffer): boolean =>
    trouble?.kind === 'reply-lost' && left > 0 && trouble.of.some((word) => bytes.includes(word))

  const server = createServer((near) => {
    if (trouble?.kind === 'cut') {
      near.resetAndDestroy()
      return
    }
    const far = connect(target, '127.0.0.1')
    const pair: Pair = { near, far, isLosing: false }
    pairs.add(pair)
    near.on('data', (bytes: Buffer) => {
      if (isToBeLost(bytes)) {
        left -= 1
        pair.isLosing = true
      }
      send(far, bytes)
    })
    far.on('data', (bytes: Buffer) => {
      if (!pair.isLosing) return send(near, bytes)
      lost += 1
      end(pair)
    })
    for (const socket of [near, far])
      socket
        .on('error', () => end(pair))
        .on('close', () => end(pair))
        .setNoDelay(true)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    get lost() {
      return lost
    },
    fail(next) {
      trouble = next
      if (next.kind === 'reply-lost') left = next.times
      if (next.kind === 'cut') for (const pair of pairs) end(pair)
    },
    heal() {
      if (trouble?.kind === 'half-open') for (const pair of pairs) end(pair)
      trouble = null
      left = 0
    },
    async close() {
      for (const pair of pairs) end(pair)
      server.close()
      await once(server, 'close')
    },
  }
}
