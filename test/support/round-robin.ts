/**
 * One address in front of several: each request goes to the next of them, and so does each WebSocket, as behind a proxy without
 * sticky sessions. Who cannot be connected to is passed over; who breaks off in the middle has answered nothing, and the client
 * is told with 502. It adds no header: whoever is behind sees what was sent.
 */
import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

export interface RoundRobin {
  readonly url: string
  /** Requests and sockets passed on so far, by address. */
  readonly counts: ReadonlyMap<string, number>
  close(): Promise<void>
}

/** `targets` is asked each time: URLs of those that are there now, in order. `port`: any free one unless given. */
export const startRoundRobin = async (targets: () => readonly string[], port = 0): Promise<RoundRobin> => {
  const agent = new Agent({ keepAlive: true })
  const counts = new Map<string, number>()
  const sockets = new Set<Socket>()
  let turn = 0

  /** All of them, beginning with the one whose turn it is. */
  const inTurn = (): readonly string[] => {
    const all = targets()
    const from = all.length === 0 ? 0 : turn++ % all.length
    return [...all.slice(from), ...all.slice(0, from)]
  }
  const count = (url: string): void => void counts.set(url, (counts.get(url) ?? 0) + 1)
  const isNobodyThere = (error: unknown): boolean => (error as { code?: string }).code === 'ECONNREFUSED'

  const passOn = (message: IncomingMessage, url: string): RequestOptions => ({
    agent,
    method: message.method ?? 'GET',
    path: message.url ?? '/',
    host: new URL(url).hostname,
    port: new URL(url).port,
    headers: message.rawHeaders,
  })

  const server = createServer(async (message, response) => {
    // Whole before it is sent, so that the next one can be given the same.
    const chunks: Buffer[] = []
    try {
      for await (const chunk of message) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const body = Buffer.concat(chunks)
    const send = ([url, ...others]: readonly string[]): void => {
      if (url === undefined) return void response.writeHead(502).end()
      const passed = request(passOn(message, url))
      passed.once('response', (answer) => {
        count(url)
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
        answer.once('error', () => response.destroy())
      })
      passed.once('error', (error) => {
        if (isNobodyThere(error)) send(others)
        else if (response.headersSent) response.destroy()
        else response.writeHead(502).end()
      })
      passed.end(body)
    }
    send(inTurn())
  })

  server.on('upgrade', (message: IncomingMessage, client: Socket, head: Buffer) => {
    const open = ([url, ...others]: readonly string[]): void => {
      if (url === undefined) return void client.destroy()
      const { hostname, port } = new URL(url)
      const behind = connect(Number(port), hostname)
      behind.once('connect', () => {
        count(url)
        const { rawHeaders } = message
        const lines = rawHeaders.flatMap((name, at) =>
          at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}`] : [],
        )
        behind.write(`${message.method} ${message.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
        behind.write(head)
        behind.pipe(client).pipe(behind)
      })
      behind.once('error', (error) => {
        if (isNobodyThere(error)) open(others)
        else client.destroy()
      })
      behind.once('close', () => client.destroy())
      client.once('close', () => behind.destroy())
      client.on('error', () => behind.destroy())
    }
    open(inTurn())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  // Answers say how long those behind keep a connection: shorter here, a client would use one that has just been cut.
  server.keepAliveTimeout = 60_000
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      agent.destroy()
      await closed
    },
  }
}
