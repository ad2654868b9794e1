/** A TCP address in front of another one, that can be cut off: connections end, and new ones are refused, until it is mended. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Cuttable {
  readonly port: number
  cut(): Promise<void>
  mend(): Promise<void>
  /** Nothing passes any more, and nobody is told. */
  stall(): void
  close(): Promise<void>
}

export const cuttable = async (host: string, port: number): Promise<Cuttable> => {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, host)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  const listen = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const own = await listen(0)
  const cut = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    port: own,
    cut,
    async mend() {
      await listen(own)
    },
    stall() {
      for (const socket of sockets) socket.unpipe()
      for (const socket of sockets) socket.pause()
    },
    close: async () => (server.listening ? cut() : undefined),
  }
}
