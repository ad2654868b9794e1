/**
 * A wire tap: passes every byte between clients and service on, and keeps both directions of every connection. Frames of
 * WebSockets are kept unmasked (RFC 6455 §5.2), for a masked secret would not be found.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Wire {
  readonly url: string
  /** All that has passed so far, in either direction. */
  read(): Buffer
  /** Texts of the socket frames so far. */
  frames(): readonly string[]
  close(): Promise<void>
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** The complete frames in `bytes`. */
export const framesOf = (bytes: Buffer): readonly Frame[] => {
  const frames: Frame[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const isMasked = ((bytes[at + 1] as number) & 0x80) !== 0
    let length = (bytes[at + 1] as number) & 0x7f
    let head = 2
    if (length === 126) {
      if (at + 4 > bytes.length) break
      length = bytes.readUInt16BE(at + 2)
      head = 4
    } else if (length === 127) {
      if (at + 10 > bytes.length) break
      length = Number(bytes.readBigUInt64BE(at + 2))
      head = 10
    }
    const from = at + head + (isMasked ? 4 : 0)
    if (from + length > bytes.length) break
    const mask = bytes.subarray(at + head, at + head + 4)
    const payload = Buffer.from(bytes.subarray(from, from + length))
    if (isMasked)
      for (let i = 0; i < length; i += 1) payload[i] = (payload[i] as number) ^ (mask[i % 4] as number)
    frames.push({ opcode: (bytes[at] as number) & 0x0f, payload })
    at = from + length
  }
  return frames
}

/** Their payloads. */
export const framesIn = (bytes: Buffer): readonly Buffer[] => framesOf(bytes).map(({ payload }) => payload)

interface Tapped {
  readonly sent: Buffer[]
  readonly received: Buffer[]
}

export const tapWire = async (target: string): Promise<Wire> => {
  const { hostname, port } = new URL(target)
  const taps: Tapped[] = []
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const service = connect(Number(port), hostname)
    const tap: Tapped = { sent: [], received: [] }
    taps.push(tap)
    for (const [from, to, kept] of [
      [client, service, tap.sent],
      [service, client, tap.received],
    ] as const) {
      open.add(from)
      from.on('data', (chunk: Buffer) => {
        kept.push(chunk)
        to.write(chunk)
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => open.delete(from))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const isUpgraded = ({ received }: Tapped): boolean =>
    Buffer.concat(received.slice(0, 1)).subarray(0, 12).toString('latin1') === 'HTTP/1.1 101'
  const payloadsOf = (tap: Tapped): readonly Buffer[] =>
    isUpgraded(tap)
      ? [tap.sent, tap.received].flatMap((chunks) => {
          const bytes = Buffer.concat(chunks)
          return framesIn(bytes.subarray(bytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length))
        })
      : []

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    read: () => Buffer.concat(taps.flatMap((tap) => [...tap.sent, ...tap.received, ...payloadsOf(tap)])),
    frames: () => taps.flatMap((tap) => payloadsOf(tap).map((frame) => frame.toString('utf8'))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
