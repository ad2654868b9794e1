/**
 * A name server on loopback that answers by name, or not at all.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Resolver } from 'node:dns/promises'

export interface NameServer {
  /** Asks this server alone. Gives up after `timeoutMs`. */
  resolver(timeoutMs: number): Resolver
  close(): void
}

/** RFC 1035: the question of a query, as text, and where it ends. */
const questionOf = (query: Buffer) => {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** `addresses`: IPv4, by name. Names without any are never answered. */
export const openNameServer = async (
  addresses: Readonly<Record<string, readonly string[]>>,
): Promise<NameServer> => {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query)
    const known = addresses[name]
    if (known === undefined) return
    const answers = type === 1 ? known : []
    const head = Buffer.from(query.subarray(0, 12))
    head.writeUInt16BE(0x8180, 2)
    for (const [at, count] of [
      [4, 1],
      [6, answers.length],
      [8, 0],
      [10, 0],
    ] as const)
      head.writeUInt16BE(count, at)
    // Its name (that of the question), type A, class IN, an hour, four bytes.
    const rows = answers.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, ...address.split('.').map(Number)]),
    )
    socket.send(Buffer.concat([head, query.subarray(12, end), ...rows]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    resolver(timeoutMs) {
      const resolver = new Resolver({ timeout: timeoutMs, tries: 1 })
      resolver.setServers([`127.0.0.1:${socket.address().port}`])
      return resolver
    },
    close: () => void socket.close(),
  }
}
