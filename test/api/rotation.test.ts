/**
 * The key at rest is exchanged as docs/OPERATIONS.md says: add, put first, rotate, take away; and what was protected comes back, also
 * where a backup from before is put back later.
 */
import { account as accountOf, contact, createClient, memoryStorage, requester } from '@holdfast/client'
import { setDestinations } from '@holdfast/client/notices'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type Ended } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { openPostOffice } from '../support/post-office.ts'
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

/** A data folder of its own, and whoever works on it with these keys. */
const operated = async (name: string, more: Readonly<Record<string, string>> = {}) => {
  const PORT = String(await freePort())
  const url = `http://127.0.0.1:${PORT}`
  const settings = (keys: string): Record<string, string> => ({
    HOLDFAST_MODE: 'development',
    HOLDFAST_DATA_DIR: join(root, name),
    HOLDFAST_APPS: TEST_APPS,
    HOLDFAST_SWEEP_SECONDS: '1',
    PORT,
    ...more,
    ...(keys === '' ? {} : { HOLDFAST_AT_REST_KEYS: keys }),
  })
  const start = async (keys: string) => {
    const service = startProcess(settings(keys))
    await service.says('service_listening')
    return service
  }
  const client = (storage = memoryStorage()) => createClient({ url, app: TEST_APP, storage })
  return {
    url,
    settings,
    start,
    async stop(service: Awaited<ReturnType<typeof start>>) {
      service.child.kill('SIGTERM')
      expect(await service.exited).toBe(0)
    },
    run: (command: 'backup' | 'restore' | 'rotate-keys', keys: string, ...args: string[]): Promise<Ended> =>
      runCommand(command, args, settings(keys)),
    client,
    async person() {
      const own = client()
      const ticket = await signTicket(await accountOf.prepare(own))
      return { client: own, account: await accountOf.register(own, { ticket }) }
    },
  }
}

describe('exchanging the key at rest of a data folder', () => {
  it('needs two restarts and no pause, says when the old key may go, and loses nothing', async () => {
    const anew = randomBytes(32).toString('base64url')
    const { settings, start, stop, run, client, person } = await operated('exchanged')
    const rotate = (keys: string) => run('rotate-keys', keys)

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

  it('after a backup from before is put back, it is sealed anew, and nobody is silenced by taking the old key away', async () => {
    const [office, figures] = [await openPostOffice(), String(await freePort())]
    const anew = randomBytes(32).toString('base64url')
    const { url, start, stop, run, client, person } = await operated('put-back', {
      HOLDFAST_METRICS_PORT: figures,
      HOLDFAST_SMTP_URL: `smtp://127.0.0.1:${office.port}`,
      HOLDFAST_MAIL_FROM: 'holdfast@localhost.example',
      HOLDFAST_PUBLIC_URL: 'http://127.0.0.1:8080',
    })
    const both = `${anew},master`
    let service = await start('master')
    const ada = await person()
    await setDestinations(ada.client, { mail: 'ada@example.org' })
    const records = join(root, 'records-before')
    expect(await run('backup', 'master', '--records-to', records)).toMatchObject({ code: 0 })
    await stop(service)
    service = await start(both)
    await service.says('reseal_done')
    expect(await run('rotate-keys', both)).toMatchObject({ code: 0 })
    await stop(service)
    const restore = ['--records-from', records, '--replace']

    // Without the old key nothing is put back.
    const refused = await run('restore', anew, ...restore)
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was changed') })

    // With it all is sealed anew, although that had been noted before; then the old one may go.
    expect(await run('restore', both, ...restore)).toMatchObject({ code: 0 })
    service = await start(both)
    const rotated = await run('rotate-keys', both)
    expect(rotated, rotated.said).toMatchObject({
      code: 0,
      said: expect.stringContaining('may be taken out'),
    })
    await service.says('reseal_done')
    await stop(service)
    service = await start(anew)
    const strange = async () => {
      const phone = client()
      const ticket = await signTicket({
        ...(await requester.prepare(phone, { account: ada.account, cause: 'lost' })),
        sub: randomBytes(8).toString('hex'),
      })
      await requester.open(phone, { ticket })
    }
    const before = office.raw.length
    await strange()
    await expect.poll(() => office.raw.length, { timeout: 10_000 }).toBe(before + 1)
    await stop(service)

    // Where it is lost, that shows: to whoever rotates, in figures, at /readyz and in the log.
    expect(await run('restore', anew, ...restore, '--despite-missing-keys')).toMatchObject({ code: 0 })
    service = await start(anew)
    await service.says('reseal_incomplete')
    const left = await run('rotate-keys', anew)
    expect(left).toMatchObject({ code: 1, said: expect.stringContaining('1 statements of where people') })
    expect(left.said).not.toContain('Everything is sealed')
    await strange()
    expect(await service.says('destination_unreadable')).toMatchObject({ account: ada.account })
    const scraped = async () => (await fetch(`http://127.0.0.1:${figures}/metrics`)).text()
    await expect.poll(scraped).toMatch(/holdfast_notices_total\{channel="mail",state="again"\} [1-9]/)
    const { parts } = (await (await fetch(`${url}/readyz`)).json()) as { readonly parts: object }
    expect(parts).toMatchObject({ keys: { state: 'degraded', code: 'reseal_incomplete' } })
    await stop(service)
    await office.close()
  }, 120_000)
})
