/**
 * All that a set of processes on MongoDB and Redis leaves to be seen: databases, keys, what passed through Redis, logs, folders,
 * and what anybody may ask of a process.
 */
import { type RedisClient, redisClient } from '../../src/redis.ts'
import { connectMongo } from '../../src/store/mongo/connection.ts'
import type { Cluster, Member } from '../support/cluster.ts'
import { filesIn } from './files.ts'

/** Every document of every collection as it is stored, and the definition of every index. */
export const mongoContents = async (url: string): Promise<Buffer> => {
  const connection = await connectMongo({ url })
  try {
    const client = connection.getClient()
    const { databases } = await client.db().admin().listDatabases()
    const parts: Buffer[] = []
    for (const { name } of databases)
      for (const collection of await client.db(name).collections()) {
        parts.push(Buffer.from(`\n${name}.${collection.collectionName}\n`))
        parts.push(Buffer.from(JSON.stringify(await collection.indexes().catch(() => []))))
        for (const document of await collection.find({}, { raw: true }).toArray())
          parts.push(document as unknown as Buffer)
      }
    return Buffer.concat(parts)
  } finally {
    await connection.close()
  }
}

/** What a key holds, of whatever type. */
const valueOf = async (redis: RedisClient, key: string): Promise<unknown> => {
  const type = await redis.type(key)
  if (type === 'string') return redis.get(key)
  if (type === 'hash') return redis.hgetall(key)
  if (type === 'list') return redis.lrange(key, 0, -1)
  if (type === 'set') return redis.smembers(key)
  if (type === 'zset') return redis.zrange(key, 0, -1, 'WITHSCORES')
  return type === 'stream' ? redis.xrange(key, '-', '+') : null
}

export interface RedisTap {
  /** Everything that is in it now. */
  contents(): Promise<Buffer>
  /** Every command that it was sent since, with all arguments: jobs, streams, and what was published. */
  commands(): Buffer
  close(): void
}

export const tapRedis = async (url: string): Promise<RedisTap> => {
  const asking = await redisClient(url, 'ask')
  await asking.connect()
  const watching = await redisClient(url, 'listen')
  await watching.connect()
  const monitor = await watching.monitor()
  const commands: string[] = []
  monitor.on('monitor', (_at: string, args: readonly string[]) => commands.push(args.join(' ')))
  return {
    async contents() {
      const kept: unknown[] = []
      for (const key of await asking.keys('*')) kept.push([key, await valueOf(asking, key).catch(() => null)])
      return Buffer.from(JSON.stringify(kept))
    },
    commands: () => Buffer.from(commands.join('\n')),
    close() {
      monitor.disconnect()
      watching.disconnect()
      asking.disconnect()
    },
  }
}

/** What a process says to whoever asks: whether it is well, ready, and its figures. */
const said = async ({ url, lines }: Member): Promise<string> => {
  const metrics = lines.find(({ msg }) => msg === 'metrics_listening')?.url
  const addresses = [
    `${url}/healthz`,
    `${url}/readyz`,
    ...(metrics === undefined ? [] : [`${metrics}/metrics`]),
  ]
  const answers = await Promise.all(addresses.map(async (at) => `${at}\n${await (await fetch(at)).text()}`))
  return answers.join('\n')
}

export const membersSay = async ({ members }: Cluster): Promise<Buffer> =>
  Buffer.from((await Promise.all(members.map(said))).join('\n'))

export const logOf = ({ members }: Cluster): Buffer =>
  Buffer.from(members.map(({ lines, errors }) => JSON.stringify(lines) + errors()).join('\n'))

export const foldersOf = ({ folder }: Cluster): Promise<Buffer> => filesIn(folder)
