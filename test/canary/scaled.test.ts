/**
 * The same recovery with two processes that answer and two that work, on MongoDB and Redis, and the same search: in databases, in
 * Redis and in every command that it was sent, in folders, logs, in what processes say of themselves, and in every mail and
 * webhook. Where people are told stands in nothing but what reaches them.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { setDestinations } from '@holdfast/client/notices'
import { Secret } from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deriveKeys } from '../../src/service-keys.ts'
import { openMongoStores } from '../../src/store/mongo/stores.ts'
import { type Cluster, startCluster, withDatabase } from '../support/cluster.ts'
import { MONGODB_URL, onMongo } from '../support/mongo.ts'
import { describeRedis } from '../support/redis-server.ts'
import { townAt } from '../support/story-stage.ts'
import { newApp } from '../support/test-app.ts'
import { controlIn, noteTokens, passesIn } from './control.ts'
import { ENCODING_NAMES } from './encodings.ts'
import { foldersOf, logOf, membersSay, mongoContents, type RedisTap, tapRedis } from './scaled-areas.ts'
import { searchFor } from './search.ts'
import { Secrets } from './secrets.ts'
import { openWays, type Ways } from './ways.ts'
import { tellRecovery } from './story.ts'
import { tapWire, type Wire } from './wire.ts'

/** Long enough to look around in while it waits. */
const WAITING_SECONDS = 8

const full = process.env['HOLDFAST_FULL'] === '1'
const inFull = (title: string, tests: () => void): void => {
  if (full) onMongo(title, tests)
  else
    describe.skip(`${title} (skipped but in npm run test:proofs: it takes a minute)`, () =>
      it('runs on MongoDB and Redis', () => undefined))
}

inFull('scaled out', () =>
  describeRedis('a recovery with everything recorded', () => {
    const secrets = new Secrets()
    const masterKey = randomBytes(32)
    const apps = [newApp('letters', Date.now)] as const
    const seen = new Map<string, Buffer>()
    const reached = new Secrets()
    let ways: Ways
    let cluster: Cluster
    let redis: RedisTap
    let wire: Wire

    beforeAll(async () => {
      const mongoUrl = withDatabase(MONGODB_URL ?? '', `holdfast-canary-${randomBytes(6).toString('hex')}`)
      ways = await openWays(reached, secrets)
      cluster = await startCluster({
        mongoUrl,
        env: {
          HOLDFAST_MASTER_KEY: masterKey.toString('base64url'),
          HOLDFAST_APPS: ways.appsSetting(apps[0]),
          ...ways.env,
          HOLDFAST_LOG_LEVEL: 'debug',
          HOLDFAST_METRICS_PORT: '0',
        },
      })
      redis = await tapRedis(cluster.redis.url)
      wire = await tapWire(cluster.url)
      const keys = await deriveKeys(Secret.of(masterKey))
      const stores = await openMongoStores(mongoUrl, keys.keyStore)
      const lookAround = async (moment: string): Promise<void> => {
        seen.set(`MongoDB, ${moment}`, await mongoContents(mongoUrl))
        seen.set(`Redis, ${moment}`, await redis.contents())
        seen.set(`what processes say, ${moment}`, await membersSay(cluster))
      }
      await tellRecovery({
        town: townAt({ url: wire.url, apps }),
        secrets,
        masterKey,
        reach: ({ client }) => setDestinations(client, ways.newDestinations()),
        periods: { waitingSeconds: WAITING_SECONDS, coolingSeconds: WAITING_SECONDS },
        pass: () => pause(WAITING_SECONDS * 1000),
        lookAround,
        readEpochKey: (account, epoch) => stores.keyStore.read(account, epoch),
      })
      await stores.close()
      await ways.told()
      seen.set('commands to Redis', redis.commands())
      seen.set('log lines', logOf(cluster))
      seen.set('folders', await foldersOf(cluster))
      seen.set('wire', wire.read())
      for (const [way, bytes] of await ways.sent()) seen.set(way, bytes)
      noteTokens(secrets, wire)
    }, 180_000)
    afterAll(async () => {
      redis.close()
      await ways.close()
      await wire.close()
      await cluster.close()
    })

    it('there is something to look at everywhere', () => {
      for (const [area, bytes] of seen) expect(bytes.length, area).toBeGreaterThan(100)
      const [mongo, commands] = [seen.get('MongoDB, at the end'), seen.get('commands to Redis')]
      expect(mongo?.includes('recovery-released')).toBe(true)
      // Jobs, and what one process tells the others.
      expect(commands?.includes('notices')).toBe(true)
      expect(seen.get('what processes say, at the end')?.includes('holdfast_')).toBe(true)
    })

    it('nothing of it in any of them, at any moment', () => {
      const search = searchFor(secrets.all)
      for (const [area, bytes] of seen) if (area !== 'wire') expect(search.in(bytes), area).toEqual([])
    })

    it('an address that people are told at stands in nothing but what is sent there, or what its person says and reads', () => {
      const search = searchFor(reached.all)
      const own = new Set(['wire', 'mails'])
      expect(reached.all.size).toBeGreaterThan(8)
      for (const [area, bytes] of seen) if (!own.has(area)) expect(search.in(bytes), area).toEqual([])
      // Each mail has its reader's address: there is something to find.
      expect(search.in(seen.get('mails') ?? Buffer.alloc(0)).length).toBeGreaterThan(3)
    })

    it('nothing of it on the wire but tokens and tickets in the one place that is theirs', () => {
      const { misplaced, found } = passesIn(secrets, seen.get('wire') ?? Buffer.alloc(0))
      expect(misplaced).toEqual([])
      expect(found).toEqual(secrets.passes)
    })

    describe('positive control', () => {
      it('a secret planted in ten encodings is found in all ten, in every area', () => {
        for (const [area, bytes] of seen)
          expect(controlIn(bytes), area).toEqual([...ENCODING_NAMES].toSorted())
        const size = [...seen.values()].reduce((sum, { length }) => sum + length, 0)
        console.info(
          `scaled out: ${secrets.all.size} secrets, ${seen.size} areas, ${size} bytes: 0 hits; ` +
            `control ${ENCODING_NAMES.length} of 10`,
        )
      })
    })
  }),
)
