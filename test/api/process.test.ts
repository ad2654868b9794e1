import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildService, killAll, startProcess as start } from '../support/process.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-process-'))

beforeAll(buildService, 120_000)
afterEach(killAll)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const development = (name: string): Record<string, string> => ({
  HOLDFAST_MODE: 'development',
  HOLDFAST_DATA_DIR: join(root, name),
})

/** Peak resident memory of a process, MiB; null where the system does not tell. */
const peakMemory = (pid: number): number | null => {
  const file = `/proc/${pid}/status`
  const kib = existsSync(file) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1] : undefined
  return kib === undefined ? null : Number(kib) / 1024
}

describe('the process', () => {
  it('is ready soon, the first time and again, in little memory, and ends in order', async () => {
    for (const limitMs of [6000, 3000]) {
      const startedAt = performance.now()
      const service = start(development('ready'))
      const { url } = await service.says('service_listening')
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      const readyMs = performance.now() - startedAt
      await service.says('queue_ready')
      const memory = peakMemory(service.child.pid ?? 0)
      console.info(
        `ready in ${Math.round(readyMs)} ms, peak memory ${memory === null ? 'unknown' : Math.round(memory)} MiB`,
      )
      expect(readyMs).toBeLessThan(limitMs)
      if (memory !== null) expect(memory).toBeLessThan(450)
      service.child.kill('SIGTERM')
      expect(await service.exited).toBe(0)
      expect(service.lines.at(-1)?.msg).toBe('service_stopped')
    }
  })

  it('says loudly that it runs for development, and keeps what it makes to its user alone', async () => {
    const service = start({ HOLDFAST_DATA_DIR: join(root, 'modes') }, ['--development'])
    await service.says('development_mode')
    await service.says('service_listening')
    service.child.kill('SIGINT')
    expect(await service.exited).toBe(0)
    expect(statSync(join(root, 'modes')).mode & 0o777).toBe(0o700)
    for (const name of ['development-master-key', 'development-app.json'])
      expect(statSync(join(root, 'modes', name)).mode & 0o777).toBe(0o600)
  })

  it('starts in production with a key and an app, and not with another key on the same data', async () => {
    const ticketKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x
    const production = (key: Buffer) => ({
      HOLDFAST_DATA_DIR: join(root, 'production'),
      HOLDFAST_MASTER_KEY: key.toString('base64url'),
      HOLDFAST_APPS: JSON.stringify([{ app: 'my-app', ticketKey }]),
    })
    const service = start(production(randomBytes(32)))
    await service.says('service_listening')
    expect(service.lines.map(({ msg }) => msg)).not.toContain('development_mode')
    service.child.kill('SIGTERM')
    expect(await service.exited).toBe(0)
    const other = start(production(randomBytes(32)))
    expect(await other.exited).toBe(75)
    expect(other.errors()).toMatch(/^The keys in \S+ were sealed with another master key\. .*\n$/)
  })

  it('is not started a second time on one data folder', async () => {
    const first = start(development('shared'))
    await first.says('service_listening')
    const second = start(development('shared'))
    expect(await second.exited).toBe(75)
    expect(second.errors()).toMatch(/^(Another p|P)rocess.* uses the data folder .*\n$/)
    const { url } = await first.says('service_listening')
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('starts again after kill -9', async () => {
    const first = start(development('killed'))
    await first.says('service_listening')
    first.child.kill('SIGKILL')
    await first.exited
    const second = start(development('killed'))
    await second.says('service_listening')
    await second.says('queue_ready')
  })

  it('puts a broken queue aside and goes on', async () => {
    const env = development('broken')
    const first = start(env)
    await first.says('queue_ready')
    first.child.kill('SIGTERM')
    await first.exited
    const queue = join(root, 'broken', 'queue')
    writeFileSync(join(queue, 'global', 'pg_control'), 'rubbish')
    const second = start(env)
    await second.says('service_listening')
    await second.says('queue_folder_set_aside')
    await second.says('queue_ready')
    expect(readdirSync(join(root, 'broken')).some((name) => name.startsWith('queue.broken-'))).toBe(true)
  }, 60_000)

  it('says what is missing, all at once, and ends', async () => {
    const service = start({ PORT: 'x' })
    expect(await service.exited).toBe(78)
    for (const name of ['PORT', 'HOLDFAST_MASTER_KEY_FILE', 'HOLDFAST_APPS'])
      expect(service.errors()).toContain(name)
    expect(service.errors()).toContain('npm start -- --development')
    expect(service.errors()).not.toContain('    at ')
    expect(await start({}, ['--developmnt']).exited).toBe(78)
    expect(await start({ HOLDFAST_MODE: 'production' }, ['--development']).exited).toBe(78)
  })

  it('says that its address is taken', async () => {
    const first = start(development('address'))
    const { url = '' } = await first.says('service_listening')
    const second = start({ ...development('address-2'), PORT: new URL(url).port })
    expect(await second.exited).toBe(75)
    expect(second.errors()).toContain('EADDRINUSE')
  })
})
