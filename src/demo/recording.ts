/**
 * Every HTTP body and every socket frame of the story, as JSON lines in a file: what anyone could see who stands at the
 * service's door. Recorded where the SDK hands bytes to the platform, so that nothing is left out.
 *
 *   {"at":…,"device":"…","exchange":1,"kind":"request","method":"POST","url":"…","body":"…"}
 *   {"at":…,"device":"…","exchange":1,"kind":"response","status":200,"body":"…"}
 *   {"at":…,"kind":"frame","socket":1,"direction":"sent","text":"…"}
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { Manager } from 'socket.io-client'
import { usage } from './refusal.ts'

export interface Recording {
  /** The platform's fetch, with both bodies written down. */
  fetchFor(device: string): typeof fetch
  close(): void
}

/** First character of a frame (Engine.IO protocol, revision 4). */
const FRAME_TYPES: Readonly<{ [type: string]: string }> = {
  open: '0',
  close: '1',
  ping: '2',
  pong: '3',
  message: '4',
}

interface Packet {
  readonly type: string
  readonly data?: unknown
}

type Line = (entry: { readonly [field: string]: unknown }) => void

/** Follows every connection that the process opens from now on. Gives a function that stops it. */
const followSockets = (line: Line): (() => void) => {
  const { open } = Manager.prototype
  const followed = new WeakSet<object>()
  let count = 0
  Manager.prototype.open = function openFollowed(this: Manager, ...given) {
    const opened = open.apply(this, given)
    if (followed.has(this.engine)) return opened
    followed.add(this.engine)
    count += 1
    const socket = count
    const frame = (direction: string) => (packet: Packet) => {
      const text = `${FRAME_TYPES[packet.type] ?? packet.type}${typeof packet.data === 'string' ? packet.data : ''}`
      line({ kind: 'frame', socket, direction, text })
    }
    this.engine.on('packet', frame('received'))
    this.engine.on('packetCreate', frame('sent'))
    return opened
  }
  return () => {
    Manager.prototype.open = open
  }
}

const textOf = (body: RequestInit['body']): string | null => (typeof body === 'string' ? body : null)

/** Opens `path`, mode 0600, in place of what was there. Throws a Refusal if it cannot be written. */
export const openRecording = (path: string): Recording => {
  let file: number
  try {
    file = openSync(path, 'w', 0o600)
  } catch {
    throw usage('--record cannot be written.')
  }
  let isOpen = true
  const line: Line = (entry) => {
    if (isOpen) writeSync(file, `${JSON.stringify({ at: Date.now(), ...entry })}\n`)
  }
  const unfollow = followSockets(line)
  let exchanges = 0
  return {
    fetchFor: (device) => async (input, init) => {
      exchanges += 1
      const exchange = exchanges
      const url = input instanceof Request ? input.url : String(input)
      const { method = 'GET', body } = init ?? {}
      line({ device, exchange, kind: 'request', method, url, body: textOf(body) })
      const response = await fetch(input, init)
      const answer = await response.clone().text()
      line({ device, exchange, kind: 'response', status: response.status, body: answer })
      return response
    },
    close() {
      unfollow()
      isOpen = false
      closeSync(file)
    },
  }
}
