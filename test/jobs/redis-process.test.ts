import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildService, killAll, startProcess } from '../support/process.ts'
import { describeRedis, startRedis, type RedisServer } from '../support/redis-server.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-redis-process-'))
const servers: RedisServer[] = []
beforeAll(buildService, 120_000)
afterEach(async () => {
  killAll()
  for (const server of servers.splice(0)) await server.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const serverWith = async (...args: string[]): Promise<RedisServer> => {
  const server = await startRedis({ args })
  servers.push(server)
  return server
}

const production = (name: string, env: Record<string, string> = {}): Record<string, string> => ({
  HOLDFAST_DATA_DIR: join(root, name),
  HOLDFAST_MASTER_KEY: randomBytes(32).toString('base64url'),
  HOLDFAST_APPS: JSON.stringify([
    { app: 'my-app', ticketKey: generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x },
  ]),
  ...env,
})

/** Modules that a process had loaded when it ended, as V8 lists them. */
const loadedIn = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((file) =>
    (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { result: { url: string }[] }).result.map(
      ({ url }) => url,
    ),
  )

describeRedis('a process with REDIS_URL', () => {
  test('does not start with a Redis that evicts, and says what to do', async () => {
    const { url } = await serverWith('--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru')
    const service = startProcess(production('evicts', { REDIS_URL: url }))
    expect(await service.exited).toBe(75)
    expect(service.errors()).toMatch(/^The Redis that REDIS_URL names .* maxmemory-policy to noeviction\.\n$/)
  })

  test('does not start with a password that Redis refuses, and does not repeat it', async () => {
    const { url } = await serverWith('--requirepass', 'right')
    const withPassword = url.replace('redis://', 'redis://:planted-password@')
    const service = startProcess(production('refused', { REDIS_URL: withPassword }))
    expect(await service.exited).toBe(75)
    expect(service.errors()).toContain('refuses the name or the password')
    expect(service.errors() + JSON.stringify(service.lines)).not.toContain('planted-password')
  })

  test('starts without Redis, uses it once it is there, goes on when it is gone, and ends in order', async () => {
    const server = await serverWith('--appendonly', 'yes')
    await server.kill()
    const service = startProcess(production('late', { REDIS_URL: server.url }))
    const { url } = await service.says('service_listening')
    await service.says('queue_start_failed')
    await server.restart()
    await service.says('queue_ready')
    await server.kill()
    await service.says('queue_disconnected')
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const from = performance.now()
    service.child.kill('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(service.lines.at(-1)?.msg).toBe('service_stopped')
    expect(performance.now() - from).toBeLessThan(15_000)
    expect(service.errors()).toBe('')
  })

  test('warns of a Redis that would forget; loads no PGlite, as the embedded one loads no ioredis', async () => {
    const { url } = await serverWith()
    const run = async (name: string, env: Record<string, string>) => {
      const coverage = join(root, `${name}-modules`)
      const service = startProcess(production(name, { ...env, NODE_V8_COVERAGE: coverage }))
      await service.says('queue_ready')
      service.child.kill('SIGTERM')
      expect(await service.exited).toBe(0)
      const loaded = loadedIn(coverage)
      const has = (part: string) => loaded.some((module) => module.includes(`/node_modules/${part}/`))
      return { lines: service.lines, has }
    }
    const embedded = await run('embedded', {})
    const scaled = await run('scaled', { REDIS_URL: url })
    const parts = ['ioredis', '@electric-sql', 'mongoose']
    expect(parts.map(embedded.has)).toEqual([false, true, false])
    expect(parts.map(scaled.has)).toEqual([true, false, false])
    const said = ({ lines }: typeof embedded) => lines.map(({ msg }) => msg)
    expect(said(scaled)).toContain('queue_not_durable')
    expect(said(embedded)).not.toContain('queue_not_durable')
  }, 60_000)

  test('alone cannot be divided: the records of a data folder are for one process', async () => {
    const { url } = await serverWith()
    for (const role of ['--api', '--worker']) {
      const service = startProcess(production('divided', { REDIS_URL: url }), [role])
      expect(await service.exited).toBe(78)
      expect(service.errors()).toContain('one process')
    }
  })
})
