/**
 * A balancer as one stands in front of several processes: it asks each whether it is ready, and sends connections to those that
 * are, turn by turn. It repeats nothing: a request that fails, fails.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Balancer {
  readonly url: string
  /** Connections that it could send nowhere, or that ended before a byte came back. */
  readonly failures: () => number
  close(): Promise<void>
}

const ASK_EVERY_MS = 100

export const startBalancer = async (urls: readonly string[]): Promise<Balancer> => {
  let ready: readonly string[] = []
  let [turn, failures] = [0, 0]
  const sockets = new Set<Socket>()
  const look = async (): Promise<void> => {
    const asked = await Promise.all(
      urls.map(async (url) =>
        fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
          async (response) => (await response.arrayBuffer(), response.ok ? [url] : []),
          () => [],
        ),
      ),
    )
    ready = asked.flat()
  }
  await look()
  const timer = setInterval(() => void look(), ASK_EVERY_MS)
  const server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => undefined)
    near.on('close', () => sockets.delete(near))
    const url = ready[turn++ % Math.max(1, ready.length)]
    if (url === undefined) {
      failures += 1
      near.destroy()
      return
    }
    const { hostname, port } = new URL(url)
    const far = connect(Number(port), hostname)
    far.on('error', () => {
      failures += 1
      near.destroy()
    })
    far.on('close', () => near.destroy())
    near.on('close', () => far.destroy())
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failures: () => failures,
    async close() {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
