/** The key at rest is exchanged as docs/OPERATIONS.md says: add, put first, rotate, take away; and what was protected comes back. */
import { account as accountOf, contact, createClient, memoryStorage, requester } from '@holdfast/client'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildService, killAll, startProcess } from '../support/process.ts'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, seedOf, talk } from '../support/sdk-recovery.ts'
import { signTicket, TEST_APP, TEST_APPS } from '../support/service.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-rotation-'))
beforeAll(buildService, 120_000)
afterAll(() => {
  killAll()
  rmSync(root, { recursive: true, force: true })
})

const freePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return String(port)
}

describe('exchanging the key at rest of a data folder', () => {
  it('needs two restarts and no pause, says when the old key may go, and loses nothing', async () => {
    const PORT = await freePort()
    const url = `http://127.0.0.1:${PORT}`
    const anew = randomBytes(32).toString('base64url')
    const settings = (keys: string): Record<string, string> => ({
      HOLDFAST_MODE: 'development',
      HOLDFAST_DATA_DIR: join(root, 'data'),
      HOLDFAST_APPS: TEST_APPS,
      HOLDFAST_SWEEP_SECONDS: '1',
      PORT,
      ...(keys === '' ? {} : { HOLDFAST_AT_REST_KEYS: keys }),
    })
    const start = async (keys: string) => {
      const service = startProcess(settings(keys))
      await service.says('service_listening')
      return service
    }
    const stop = async (service: Awaited<ReturnType<typeof start>>) => {
      service.child.kill('SIGTERM')
      expect(await service.exited).toBe(0)
    }
    const rotate = async (keys: string): Promise<{ readonly code: number; readonly said: string }> => {
      const env = { PATH: process.env['PATH'] ?? '', ...settings(keys) }
      const child = spawn(process.execPath, ['dist/src/operate/rotate-keys.js'], { env })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said += text))
      const [code] = (await once(child, 'close')) as [number]
      return { code, said }
    }
    const client = (storage = memoryStorage()) => createClient({ url, app: TEST_APP, storage })
    const person = async () => {
      const own = client()
      const ticket = await signTicket(await accountOf.prepare(own))
      return { client: own, account: await accountOf.register(own, { ticket }) }
    }

    // As always: sealed with what follows from the master key.
    let service = await start('')
    const circle = await openSdkCircle({ person }, { contacts: 2, input: { waitingSeconds: 1 } })
    await stop(service)

    // 1. Every process can open with the new key. 2. It seals.
    service = await start(`master,${anew}`)
    expect(await rotate(`${anew},master`)).toMatchObject({
      code: 1,
      said: expect.stringContaining('Start the service anew with this configuration.'),
    })
    await stop(service)
    service = await start(`${anew},master`)
    await service.says('reseal_done')

    // 3. The command says that it is done, while the service runs.
    const rotated = await rotate(`${anew},master`)
    expect(rotated.said).toMatch(
      /Everything is sealed with the key [\w-]{8}\. Every other key may be taken out/,
    )
    expect(rotated.code).toBe(0)
    await stop(service)
    expect((await rotate(`${anew},master`)).code).toBe(0)

    // 4. The old one is gone: without the new one nothing starts, with it alone everything works.
    const without = startProcess(settings(''))
    expect(await without.exited).toBe(75)
    expect(without.errors()).toContain('HOLDFAST_AT_REST_KEYS')
    service = await start(anew)
    const device = await ask({ client }, circle.owner.account)
    for (const slot of [1, 2])
      await contact.approve(at(circle, slot), await talk(device, at(circle, slot), circle.owner.account))
    const { seed } = await requester.recoverWhenReady(device, {
      signal: AbortSignal.timeout(20_000),
      intervalMs: 200,
    })
    expect(Buffer.from(seed.expose()).toString('base64url')).toBe(await seedOf(circle.owner.client))
    await stop(service)
  }, 120_000)
})
