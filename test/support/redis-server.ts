/**
 * A real redis-server for tests: a child process on a free loopback port, with its files in a folder of its own.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { connectRedis, redisClient } from '../../src/redis.ts'
import { freePort } from './free-port.ts'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface RedisServer {
  readonly url: string
  /** Forgets everything that is in it, as an operator's mistake would. */
  flush(): Promise<void>
  /** kill -9. What it had acknowledged is gone unless it appends to a file. */
  kill(): Promise<void>
  /** Stops it in the middle of what it does: connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
  /** Starts it again on the same port. */
  restart(): Promise<void>
  /** Kills it and removes its files. */
  close(): Promise<void>
}

export interface RedisServerOptions {
  /** Further options, as on redis-server's command line. */
  readonly args?: readonly string[]
}

const isInstalled = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** Tests that need Redis. Without it they are named as skipped, with the reason; with everything demanded, that fails. */
export const describeRedis = (title: string, tests: () => void): void => {
  if (isInstalled()) describe(title, tests)
  else if (process.env['HOLDFAST_TEST_ALL'] === '1')
    it(title, () => {
      throw new Error('redis-server is missing: install the package of that name')
    })
  else
    describe.skip(`${title} (skipped: no redis-server on this machine)`, () =>
      it('runs over Redis', () => undefined))
}

/** Resolves when it answers. Keeps nothing and evicts nothing unless `args` say otherwise. */
export const startRedis = async ({ args = [] }: RedisServerOptions = {}): Promise<RedisServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | null = null

  const start = async (): Promise<void> => {
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...args]
    child = spawn('redis-server', settings, { stdio: 'ignore' })
    const started = child
    running.add(started)
    started.once('exit', () => running.delete(started))
    for (let tries = 0; tries < 200; tries += 1) {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`)
      const client = await redisClient(url, 'ask')
      const answers = await connectRedis(client).then(
        () => true,
        (error: Error & { code?: string }) => error.code === 'REDIS_REFUSES',
      )
      client.disconnect()
      if (answers) return
      await pause(20)
    }
    started.kill('SIGKILL')
    throw new Error('redis-server does not answer')
  }
  const kill = async (): Promise<void> => {
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    child = null
    await ended
  }
  await start()
  return {
    url,
    async flush() {
      const client = await connectRedis(await redisClient(url, 'ask'))
      await client.flushall()
      client.disconnect()
    },
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    restart: start,
    async close() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
