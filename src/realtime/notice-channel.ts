/**
 * Notices between processes, over Redis: whoever delivers one tells all others, and each tells its own sockets through its own
 * gateway.
 *
 * [Note: Notices cross, frames do not] Socket.IO's own adapter would send finished frames to sockets of other processes, and
 * let whoever can write to Redis put sockets into rooms. Here only ids cross, and the process that holds a socket authorises
 * every event anew when it sends it, as it does for notices of its own.
 */
import { randomUUID } from 'node:crypto'
import { id, instant, revision, shape, EVENT_NAMES } from '@holdfast/client/protocol'
import type { Notice } from '../domain/account.ts'
import { thrownFields, type Log } from '../observe/log.ts'
import { redisClient, type RedisClient } from '../redis.ts'
import type { Gateway } from './gateway.ts'

export interface NoticeChannel extends Pick<Gateway, 'tell'> {
  /** Tells the other processes. Never throws: what they miss, they are told of when Redis is back. */
  tell(notice: Notice, revision: number): Promise<void>
  /** Passes on what others tell, from now on. Resolves at once, also while Redis is away. */
  listen(gateway: Pick<Gateway, 'tell' | 'missed'>): Promise<void>
  close(): Promise<void>
}

const MOST_CHARACTERS = 2_000
/** A subscription says nothing when nothing happens: it is asked whether it is still there. */
const PING_EVERY_MS = 10_000

const text = (maxLength: number) => shape.string({ minLength: 1, maxLength })
const about = { account: id }
const told = shape.strictObject({
  from: text(40),
  notice: shape.strictObject({
    notice: text(120),
    at: instant,
    event: shape.oneOf(EVENT_NAMES),
    audience: shape.union(
      shape.strictObject({ role: shape.oneOf(['owner']), ...about }),
      shape.strictObject({ role: shape.oneOf(['contact']), ...about }),
      shape.strictObject({ role: shape.oneOf(['requester']), ...about, recovery: id }),
    ),
    recovery: shape.nullable(id),
  }),
  revision,
})
/** Something could not be told. */
const missed = shape.strictObject({ from: text(40), missed: shape.oneOf(['some']) })
const message = shape.union(told, missed)

const parse = (raw: string): unknown => {
  try {
    return JSON.parse(raw)
  } catch {
    return null
  }
}

/** `url`: see redis.ts. Connects by itself, now or whenever Redis is there. */
export const openNoticeChannel = async (url: string, log: Log): Promise<NoticeChannel> => {
  const from = randomUUID()
  const asking = await redisClient(url, 'ask')
  // Numbered databases share their channels.
  const channel = `holdfast:${asking.options.db ?? 0}:notices`
  let listener: RedisClient | null = null
  let pings: NodeJS.Timeout | undefined
  let isOwed = false
  let isClosed = false

  const publish = (body: Readonly<Record<string, unknown>>): Promise<unknown> =>
    asking.publish(channel, JSON.stringify({ from, ...body }))

  asking.on('ready', () => {
    if (!isOwed) return
    publish({ missed: 'some' }).then(
      () => (isOwed = false),
      () => undefined,
    )
  })
  void asking.connect().catch(() => undefined)

  const pass = (gateway: Pick<Gateway, 'tell' | 'missed'>, raw: string): void => {
    const parsed = message.safeParse(raw.length > MOST_CHARACTERS ? null : parse(raw))
    if (!parsed.success) log('warn', 'notice_refused')
    else if (parsed.data.from === from) return
    else if ('missed' in parsed.data) gateway.missed()
    else void gateway.tell(parsed.data.notice, parsed.data.revision)
  }

  return {
    async tell(notice, revisionNow) {
      const { notice: name, at, event, audience, recovery } = notice
      try {
        await publish({ notice: { notice: name, at, event, audience, recovery }, revision: revisionNow })
      } catch (error) {
        if (!isOwed && !isClosed) log('warn', 'notice_not_passed', thrownFields(error))
        isOwed = true
      }
    },
    async listen(gateway) {
      const client = await redisClient(url, 'listen')
      listener = client
      client.on('message', (_, raw) => pass(gateway, raw))
      client.on('ready', () => {
        client.subscribe(channel).then(
          // Whatever was told before this, or while the connection was broken, nobody here has heard.
          () => gateway.missed(),
          () => client.disconnect(true),
        )
      })
      pings = setInterval(() => void client.ping().catch(() => undefined), PING_EVERY_MS)
      pings.unref()
      void client.connect().catch(() => undefined)
    },
    async close() {
      isClosed = true
      clearInterval(pings)
      listener?.disconnect()
      asking.disconnect()
    },
  }
}
