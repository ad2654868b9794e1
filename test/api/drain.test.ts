/** What people notice when one of several processes is stopped: nothing. */
import {
  account as accountOf,
  contact,
  createClient,
  memoryStorage,
  requester,
  type Client,
} from '@holdfast/client'
import { createConnection } from 'mongoose'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBalancer, type Balancer } from '../support/balancer.ts'
import { MONGODB_URL, onMongo } from '../support/mongo.ts'
import { buildService, killAll, startProcess, type Started } from '../support/process.ts'
import { describeRedis, startRedis, type RedisServer } from '../support/redis-server.ts'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, seedOf, talk } from '../support/sdk-recovery.ts'
import { signTicket, TEST_APP, TEST_APPS } from '../support/service.ts'

onMongo('one of several', () =>
  describeRedis('two processes that answer and two that work, behind one address', () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-drain-'))
    const database = `holdfast-drain-${randomBytes(6).toString('hex')}`
    const mongo = (MONGODB_URL ?? '').replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`)
    const master = randomBytes(32).toString('base64url')
    let redis: RedisServer
    let processes = 0
    let balancer: Balancer
    let apis: readonly { readonly process: Started; readonly url: string }[]
    let workers: readonly Started[]

    const start = (role: 'api' | 'worker'): Started => {
      processes += 1
      const env = {
        HOLDFAST_MODE: 'development',
        HOLDFAST_DATA_DIR: join(root, String(processes)),
        HOLDFAST_MASTER_KEY: master,
        HOLDFAST_APPS: TEST_APPS,
        HOLDFAST_SWEEP_SECONDS: '2',
        HOLDFAST_DRAIN_SECONDS: '1',
        HOLDFAST_LIMIT_ADDRESS: '1000000',
        HOLDFAST_LIMIT_ACCOUNT: '1000000',
        MONGODB_URL: mongo,
        REDIS_URL: redis.url,
      }
      return startProcess(env, [`--${role}`])
    }
    const client = (): Client => createClient({ url: balancer.url, app: TEST_APP, storage: memoryStorage() })
    const person = async () => {
      const own = client()
      return {
        client: own,
        account: await accountOf.register(own, { ticket: await signTicket(await accountOf.prepare(own)) }),
      }
    }

    beforeAll(async () => {
      buildService()
      redis = await startRedis({ args: ['--appendonly', 'yes'] })
      workers = [start('worker'), start('worker')]
      apis = await Promise.all(
        [start('api'), start('api')].map(async (process) => ({
          process,
          url: (await process.says('service_listening')).url ?? '',
        })),
      )
      await Promise.all([...workers, ...apis.map((api) => api.process)].map((one) => one.says('queue_ready')))
      balancer = await startBalancer(apis.map(({ url }) => url))
    }, 180_000)
    afterAll(async () => {
      await balancer?.close()
      killAll()
      await redis?.close()
      rmSync(root, { recursive: true, force: true })
      const connection = await createConnection(mongo).asPromise()
      for (const each of [database, `${database}-keys`]) await connection.useDb(each).dropDatabase()
      await connection.close()
    })

    it('under load, one of each is stopped: no request fails, sockets come back elsewhere, and a recovery ends', async () => {
      const circle = await openSdkCircle({ person }, { contacts: 2, input: { waitingSeconds: 3 } })
      const [draining, staying] = apis
      if (draining === undefined || staying === undefined) throw new Error('not started')

      // One socket on the very process that is to go, which comes back through the balancer's address.
      const token = await circle.owner.client.sessions.token('device')
      const socket = io(draining.url, { transports: ['websocket'], auth: { token }, reconnection: false })
      const ended = new Promise<string>((resolve) => socket.once('disconnect', resolve))
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve).once('connect_error', reject)
      })

      let [answered, isOver] = [0, false]
      const failed: unknown[] = []
      // Kept-alive connections, as browsers have them, and new ones.
      const load = async (headers: Record<string, string>): Promise<void> => {
        while (!isOver) {
          try {
            const response = await fetch(`${balancer.url}/v1/service`, { headers })
            await response.arrayBuffer()
            if (response.ok) answered += 1
            else failed.push(response.status)
          } catch (error) {
            failed.push(error)
          }
        }
      }
      const loads = [{}, {}, {}, { connection: 'close' }, { connection: 'close' }].map(load)

      const device = await ask({ client }, circle.owner.account)
      const back = requester.recoverWhenReady(device, {
        signal: AbortSignal.timeout(60_000),
        intervalMs: 200,
      })
      await contact.approve(at(circle, 1), await talk(device, at(circle, 1), circle.owner.account))
      const stoppedAt = performance.now()
      draining.process.child.kill('SIGTERM')
      workers[0]?.child.kill('SIGTERM')
      await contact.approve(at(circle, 2), await talk(device, at(circle, 2), circle.owner.account))
      expect(await draining.process.exited).toBe(0)
      expect(await workers[0]?.exited).toBe(0)
      const tookMs = performance.now() - stoppedAt
      await expect(fetch(`${draining.url}/healthz`)).rejects.toThrow()
      expect(await ended).not.toBe('io server disconnect')
      const { seed } = await back
      expect(Buffer.from(seed.expose()).toString('base64url')).toBe(await seedOf(circle.owner.client))

      isOver = true
      await Promise.all(loads)
      console.info(
        `${answered} requests while one of two processes went in ${Math.round(tookMs)} ms: ${failed.length} failed`,
      )
      expect(failed).toEqual([])
      expect(balancer.failures()).toBe(0)
      expect(answered).toBeGreaterThan(50)
      expect(tookMs).toBeLessThan(20_000)
      socket.disconnect()
    }, 120_000)
  }),
)
