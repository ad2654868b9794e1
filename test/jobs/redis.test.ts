import { afterAll, beforeAll } from 'vitest'
import { openQueueBackend } from '../../src/jobs/queue-backend.ts'
import { describeRedis, startRedis, type RedisServer } from '../support/redis-server.ts'
import { queueConformance } from './conformance.ts'

describeRedis('over Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis({ args: ['--appendonly', 'yes'] })
  })
  afterAll(() => redis.close())
  queueConformance({
    name: 'Redis',
    open: (report) => openQueueBackend({ engine: 'redis', url: redis.url }, report),
    remove: () => undefined,
  })
})
