/**
 * Live events over Socket.IO. The service alone puts sockets into rooms, what it sends are ids and revisions, and every
 * event is authorised again when it is sent: a device that was revoked a moment ago hears nothing.
 *
 * Connection state recovery stays off: it brings sockets back past the handshake's checks.
 */
import type { Server as HttpServer } from 'node:http'
import { HoldfastError, isHoldfastError, type ChangedEvent } from '@holdfast/client/protocol'
import { Server } from 'socket.io'
import { thrownFields, type Log } from '../observe/log.ts'
import type { Notice } from '../domain/account.ts'
import { Connection, roomOf } from './connection.ts'
import type { FromClient, LiveSocket, SocketState, ToClient } from './frames.ts'
import { isOriginAllowed, openSession, type RealtimeDeps } from './handshake.ts'

const MAX_BYTES = 16 * 1024
const CONNECT_TIMEOUT_MS = 10_000
/** Open sockets of one account or request: an owner's devices, with room for tabs. */
const PER_ROOM = 32
/** Notices of which a repeat is known for one. Theirs come within seconds; what is forgotten is told again, which is allowed. */
const REMEMBERED = 20_000
/** All clients at once would be more than a service that has just come back can bear. */
const CUT_WITHIN_MS = 2_000

export interface Gateway {
  /** Tells those sockets of the notice's audience that still count, once, however often it comes: tell-at-once.ts. */
  tell(notice: Notice, revision: number): Promise<void>
  /** Events may have been lost: cuts every connection in the next two seconds. Clients come back by themselves, and look. */
  missed(): void
  /** Sockets that are connected. */
  open(): number
  close(): Promise<void>
}

const audienceRoom = ({ audience }: Notice): string =>
  audience.role === 'requester'
    ? `request:${audience.account}:${audience.recovery}`
    : `account:${audience.account}`

/** Ids of notices begin with the account whose record changed. */
const eventOf = ({ event, notice, audience, recovery }: Notice, revision: number): ChangedEvent => ({
  event,
  account: notice.split('.')[0] ?? '',
  recovery,
  // A requester is a stranger: how much has happened in the account would show that it is real.
  revision: audience.role === 'requester' ? 0 : revision,
})

export interface GatewayOptions {
  readonly http: HttpServer
  readonly deps: RealtimeDeps
  readonly origins: readonly string[]
  readonly log: Log
}

export const openGateway = ({ http, deps, origins, log }: GatewayOptions): Gateway => {
  const allowed = new Set(origins)
  const io = new Server<FromClient, ToClient, Record<string, never>, SocketState>(http, {
    serveClient: false,
    maxHttpBufferSize: MAX_BYTES,
    connectTimeout: CONNECT_TIMEOUT_MS,
    cors: { origin: [...origins] },
    allowRequest: (request, answer) => {
      const isAllowed = isOriginAllowed(request, allowed)
      if (!isAllowed) log('info', 'socket_refused', { code: 'origin' })
      answer(isAllowed ? null : 'origin', isAllowed)
    },
  })

  const admit = async (socket: LiveSocket): Promise<Error | undefined> => {
    const token: unknown = (socket.handshake.auth as Record<string, unknown>)['token']
    try {
      socket.data = { opened: await openSession(deps, token) }
      return undefined
    } catch (thrown) {
      const { code } = isHoldfastError(thrown) ? thrown : new HoldfastError('internal')
      log('info', 'socket_refused', { code })
      // The client learns the code and nothing else.
      return Object.assign(new Error(code), { data: { code } })
    }
  }
  io.use(async (socket, next) => next(await admit(socket)))

  const connectionsIn = (room: string): readonly Connection[] =>
    [...(io.of('/').adapter.rooms.get(room) ?? [])].flatMap(
      (id) => io.of('/').sockets.get(id)?.data.connection ?? [],
    )

  io.on('connection', (socket) => {
    const connection = new Connection(deps, log, socket, socket.data.opened)
    socket.data.connection = connection
    const room = roomOf(connection.caller)
    void socket.join(room)
    const [oldest, ...others] = connectionsIn(room)
    if (others.length >= PER_ROOM) oldest?.end()
  })

  const told = new Set<string>()
  /** Whether the very same was told before: whoever makes up another notice of that id takes nobody's away. */
  const isRepeat = (notice: Notice): boolean => {
    const key = JSON.stringify([notice.notice, notice.event, notice.audience, notice.recovery])
    if (told.has(key)) return true
    const [oldest] = told.size < REMEMBERED ? [] : told
    if (oldest !== undefined) told.delete(oldest)
    told.add(key)
    return false
  }

  return {
    async tell(notice, revision) {
      const connections = connectionsIn(audienceRoom(notice))
      // Nobody is there: who comes later looks for themselves.
      if (connections.length === 0 || isRepeat(notice)) return
      const event = eventOf(notice, revision)
      const sent = connections.map((connection) => connection.send(event))
      const failed = (await Promise.allSettled(sent)).find((result) => result.status === 'rejected')
      if (failed !== undefined) log('warn', 'socket_send_failed', thrownFields(failed.reason))
    },
    missed() {
      // The transport alone: after a disconnect by name, clients would sign in anew.
      for (const { conn } of io.of('/').sockets.values())
        setTimeout(() => conn.close(), Math.random() * CUT_WITHIN_MS).unref()
    },
    open: () => io.of('/').sockets.size,
    async close() {
      // Ends the transports: clients come back by themselves and reach another process. After a disconnect by name they would not.
      await io.close()
    },
  }
}
