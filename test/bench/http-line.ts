/**
 * One keep-alive connection that sends a request and waits for its answer, with as little work as possible, so that the
 * processor time of a measurement goes to the server. Reads what the measured servers send: a status line, headers with a
 * content-length, a body.
 */
import { connect, type Socket } from 'node:net'

export interface Reply {
  readonly status: number
  readonly body: string
}

export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  readonly key?: string
  readonly body?: string
}

const LENGTH = /^content-length: *(\d+)/im
const END_OF_HEAD = '\r\n\r\n'

export class HttpLine {
  readonly #socket: Socket
  readonly #host: string
  #received: Buffer = Buffer.alloc(0)
  #waiting: { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void } | null =
    null

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.on('data', (bytes) => this.#take(bytes))
    const fail = (error?: Error): void =>
      this.#waiting?.reject(error ?? new Error('The connection was closed.'))
    socket.on('error', fail)
    socket.on('close', () => fail())
  }

  static open(url: string): Promise<HttpLine> {
    const { hostname, port, host } = new URL(url)
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new HttpLine(socket, host))
      })
    })
  }

  /** One at a time. */
  ask({ method, path, token, key, body }: Asked): Promise<Reply> {
    let head = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\naccept: application/json\r\n`
    if (token !== undefined) head += `authorization: Bearer ${token}\r\n`
    if (key !== undefined) head += `idempotency-key: ${key}\r\n`
    if (body !== undefined)
      head += `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(`${head}\r\n${body ?? ''}`)
    })
  }

  close(): void {
    this.#waiting = null
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    const end = this.#received.indexOf(END_OF_HEAD)
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const length = Number(LENGTH.exec(head)?.[1] ?? 0)
    const from = end + END_OF_HEAD.length
    if (this.#received.length < from + length) return
    const body = this.#received.toString('utf8', from, from + length)
    this.#received = this.#received.subarray(from + length)
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.resolve({ status: Number(head.slice(9, 12)), body })
  }
}
