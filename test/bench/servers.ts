/**
 * A MongoDB and a Redis to measure on. MongoDB is the one that MONGODB_URL names, else the stand-in; Redis is one of the bench's own.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { SECANTUS_VERSION, startSecantus } from '../support/secantus.mjs'

export interface Servers {
  /** A database of this run's own is to be put into it: {@link Servers.database}. */
  readonly mongoUrl: string
  readonly redisUrl: string
  /** Begins the name of every database that the bench makes. */
  readonly database: string
  /** What the figures were measured on. */
  readonly about: string
  close(): Promise<void>
}

/** Appends to a file, as a queue in earnest does. */
const startRedis = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-redis-'))
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const child = spawn('redis-server', [...args, '--appendonly', 'yes'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new Error('redis-server is missing: install the package of that name.')))
    child.once('exit', () => reject(new Error('redis-server ended.')))
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve()
    })
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      process.off('exit', kill)
      const ended = once(child, 'exit')
      kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const startServers = async (): Promise<Servers> => {
  const given = process.env['MONGODB_URL']
  const standIn = given === undefined ? await startSecantus({ cacheSize: '4G' }) : null
  const kill = (): void => void (standIn !== null && process.kill(standIn.pid, 'SIGKILL'))
  process.once('exit', kill)
  const redis = await startRedis()
  return {
    mongoUrl: given ?? standIn?.url ?? '',
    redisUrl: redis.url,
    database: `holdfast-bench-${randomBytes(4).toString('hex')}`,
    about:
      standIn === null
        ? 'the MongoDB that MONGODB_URL names'
        : `SecantusDB ${SECANTUS_VERSION}, which stands in for MongoDB`,
    async close() {
      process.off('exit', kill)
      await standIn?.stop()
      await redis.close()
    },
  }
}
