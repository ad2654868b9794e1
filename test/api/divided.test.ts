import {
  account as accountOf,
  contact,
  createClient,
  memoryStorage,
  requester,
  until,
} from '@holdfast/client'
import { socketTransport } from '@holdfast/client/live'
import { createConnection } from 'mongoose'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startCluster, withDatabase } from '../support/cluster.ts'
import { MONGODB_URL, onMongo } from '../support/mongo.ts'
import { buildService, killAll, startProcess } from '../support/process.ts'
import { describeRedis, startRedis, type RedisServer } from '../support/redis-server.ts'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, seedOf, talk, untilTrue } from '../support/sdk-recovery.ts'
import { signTicket, TEST_APP, TEST_APPS } from '../support/service.ts'

onMongo('scaled out', () =>
  describeRedis('two processes that answer and one that works', () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-divided-'))
    const database = `holdfast-divided-${randomBytes(6).toString('hex')}`
    let redis: RedisServer
    let processes = 0

    /** The URL with a database of this test's own. */
    const mongo = (): string => withDatabase(MONGODB_URL ?? '', database)
    const master = randomBytes(32).toString('base64url')
    const settings = (folder: string, env: Record<string, string>): Record<string, string> => ({
      HOLDFAST_MODE: 'development',
      HOLDFAST_DATA_DIR: join(root, folder),
      HOLDFAST_MASTER_KEY: master,
      HOLDFAST_APPS: TEST_APPS,
      HOLDFAST_SWEEP_SECONDS: '2',
      MONGODB_URL: mongo(),
      REDIS_URL: redis.url,
      ...env,
    })
    const start = (role: 'api' | 'worker', env: Record<string, string> = {}) => {
      processes += 1
      return startProcess(settings(String(processes), env), [`--${role}`])
    }
    const people = (url: string) => {
      const client = (storage = memoryStorage()) => createClient({ url, app: TEST_APP, storage })
      return {
        client,
        async person() {
          const own = client()
          const ticket = await signTicket(await accountOf.prepare(own))
          return { client: own, account: await accountOf.register(own, { ticket }) }
        },
      }
    }
    /** Nothing but what is told counts: no look in between. */
    const live = () => ({
      transport: socketTransport,
      intervalMs: 3_600_000,
      signal: AbortSignal.timeout(60_000),
    })

    beforeAll(async () => {
      buildService()
      redis = await startRedis({ args: ['--appendonly', 'yes'] })
    }, 180_000)
    afterAll(async () => {
      killAll()
      await redis?.close()
      rmSync(root, { recursive: true, force: true })
      const connection = await createConnection(mongo()).asPromise()
      for (const each of [database, `${database}-new`].flatMap((own) => [own, `${own}-keys`]))
        await connection.useDb(each).dropDatabase()
      await connection.close()
    })

    it('starts on a migrated database only, and says so', async () => {
      const env = {
        HOLDFAST_MODE: 'production',
        MONGODB_URL: mongo().replace(database, `${database}-new`),
        HOLDFAST_SWEEP_SECONDS: '30',
      }
      const before = start('worker', env)
      expect(await before.exited).toBe(75)
      expect(before.errors()).toMatch(
        /^The database "\S+-new" lacks .*Run the migration before the service\.\n$/,
      )
      const migrated = spawnSync(process.execPath, ['src/operate/with-setup.mjs', 'migrate'], {
        env: { ...process.env, ...settings('migrate', env) },
        encoding: 'utf8',
      })
      expect(migrated.stdout).toContain('The database is ready.')
      expect(migrated.status).toBe(0)
      const after = start('worker', env)
      await after.says('service_listening')
      after.child.kill('SIGTERM')
      expect(await after.exited).toBe(0)
    })

    it('a recovery over both, by live events alone; kill -9 of the worker while it waits, and another ends it', async () => {
      const env = { HOLDFAST_APPS: TEST_APPS, HOLDFAST_SWEEP_SECONDS: '2' }
      const cluster = await startCluster({ mongoUrl: mongo(), redis, env })
      const [near, far] = cluster.api.map(({ url }) => people(url))
      const [worker, other] = cluster.workers
      if (!near || !far || !worker || !other) throw new Error('not started')
      // One worker at a time: whatever happens by itself is the doing of that one.
      await other.stop()

      // The owner lives on the one process, every second person on the other.
      let turn = 0
      const mixed = { person: () => (turn++ % 2 === 0 ? near : far).person() }
      const circle = await openSdkCircle(mixed, { contacts: 2, input: { waitingSeconds: 6 } })
      const helper = at(circle, 1)
      const told = until(
        helper,
        { role: 'device', ...live() },
        async () => (await contact.requests(helper))[0] ?? null,
      )
      const device = await ask(near, circle.owner.account)
      expect((await told).owner).toBe(circle.owner.account)
      const back = requester.recoverWhenReady(device, live())
      for (const slot of [1, 2])
        await contact.approve(at(circle, slot), await talk(device, at(circle, slot), circle.owner.account))
      await untilTrue(async () => (await requester.status(device)).state === 'waiting')

      await worker.stop('SIGKILL')
      await other.restart()
      const { seed, liars } = await back
      expect(Buffer.from(seed.expose()).toString('base64url')).toBe(await seedOf(circle.owner.client))
      expect(liars).toEqual([])
      await cluster.stop()
      await cluster.close()
    }, 120_000)

    it('behind one address each request and each socket goes to the next, and to who is left when one is gone', async () => {
      const cluster = await startCluster({ mongoUrl: mongo(), redis, env: { HOLDFAST_APPS: TEST_APPS } })
      const [first, second] = cluster.api
      if (!first || !second) throw new Error('not started')
      const town = people(cluster.url)
      const circle = await openSdkCircle(town, { contacts: 2, input: { waitingSeconds: 1 } })
      const device = await ask(town, circle.owner.account)
      for (const slot of [1, 2])
        await contact.approve(at(circle, slot), await talk(device, at(circle, slot), circle.owner.account))
      const { seed } = await requester.recoverWhenReady(device, live())
      expect(Buffer.from(seed.expose()).toString('base64url')).toBe(await seedOf(circle.owner.client))
      for (const { url } of [first, second]) expect(cluster.counts.get(url)).toBeGreaterThan(10)

      await first.stop('SIGKILL')
      const before = cluster.counts.get(first.url)
      for (let count = 0; count < 4; count += 1) await town.person()
      expect(cluster.counts.get(first.url)).toBe(before)
      await first.restart()
      for (let count = 0; count < 2; count += 1) await town.person()
      expect(cluster.counts.get(first.url)).toBeGreaterThan(0)
      await cluster.stop()
      await cluster.close()
    }, 120_000)
  }),
)
