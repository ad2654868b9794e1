/**
 * A client of the live socket that does nothing by itself: it can say what no library would say, byte by byte. RFC 6455, Engine.IO 4
 * and Socket.IO 5 by hand.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { framesIn, framesOf } from '../canary/wire.ts'

export interface RawSocket {
  /** Everything that has come so far, as text. */
  readonly heard: () => string
  /** Whether the other side has ended it, by a closing frame (which this side never answers) or altogether. */
  readonly isCut: () => boolean
  /** Sends these bytes as they are. */
  bytes(bytes: Uint8Array | string): void
  /** Sends one text frame. */
  say(text: string): void
  /** Sends a frame as said: `fields` may be against the rules. */
  frame(payload: Uint8Array, fields?: FrameFields): void
  close(): void
}

export interface FrameFields {
  /** First byte: FIN, reserved bits and opcode. */
  readonly head?: number
  readonly masked?: boolean
  /** The length that it claims to have. */
  readonly claims?: bigint
}

const lengthBytes = (length: bigint, maskBit: number): Uint8Array => {
  if (length < 126n) return Uint8Array.of(maskBit | Number(length))
  const bytes = Buffer.alloc(length < 65_536n ? 3 : 9)
  bytes[0] = maskBit | (length < 65_536n ? 126 : 127)
  if (length < 65_536n) bytes.writeUInt16BE(Number(length), 1)
  else bytes.writeBigUInt64BE(length, 1)
  return bytes
}

/** RFC 6455 §5.5.1. */
const CLOSE = 0x8
const END_OF_HEAD = '\r\n\r\n'

/** `url`: of the service. Resolves as soon as the connection stands, before anything is said. */
export const rawConnection = (url: string): Promise<RawSocket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket: Socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    let isOver = false
    let isEnded = false
    socket.on('close', () => {
      isOver = true
    })
    const framesFrom = (): Buffer => {
      const all = Buffer.concat(chunks)
      const end = all.indexOf(END_OF_HEAD)
      return end < 0 ? Buffer.alloc(0) : all.subarray(end + END_OF_HEAD.length)
    }
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      isEnded ||= framesOf(framesFrom()).some(({ opcode }) => opcode === CLOSE)
    })
    // Cut off in the middle of a sentence: to be expected here.
    socket.on('error', (error) => (socket.connecting ? reject(error) : undefined))
    socket.on('connect', () => resolve(raw))
    const bytes = (some: Uint8Array | string): void => {
      if (!isOver) socket.write(some)
    }
    const frame = (payload: Uint8Array, { head = 0x81, masked = true, claims }: FrameFields = {}): void => {
      const mask = randomBytes(4)
      const hidden = masked ? payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : payload
      const length = lengthBytes(claims ?? BigInt(payload.length), masked ? 0x80 : 0)
      bytes(Buffer.concat([Uint8Array.of(head), length, masked ? mask : new Uint8Array(0), hidden]))
    }
    const raw: RawSocket = {
      heard() {
        const all = Buffer.concat(chunks).toString('latin1')
        return [all, ...framesIn(framesFrom()).map((payload) => payload.toString('utf8'))].join('\n')
      },
      isCut: () => isOver || isEnded,
      bytes,
      say: (text) => frame(Buffer.from(text, 'utf8')),
      frame,
      close: () => void socket.destroy(),
    }
  })

/** One that speaks WebSocket to the service, and has not said who it is. */
export const rawSocket = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawSocket> => {
  const raw = await rawConnection(url)
  const lines = {
    host: new URL(url).host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...headers,
  }
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}`)
  raw.bytes(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${head.join('\r\n')}${END_OF_HEAD}`)
  return raw
}

/** Says who it is. */
export const signIn = (raw: RawSocket, token: unknown): void => raw.say(`40${JSON.stringify({ token })}`)

/** Waits until it holds, `ms` at most; whether it does. */
export const within = async (ms: number, holds: () => boolean): Promise<boolean> => {
  const until = Date.now() + ms
  while (!holds() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
  return holds()
}
