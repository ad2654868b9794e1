/**
 * The part of `npm run test:engines` that `npm test` runs: two stories, each on two processes that answer and two that work, on MongoDB
 * and Redis. The conformance suites of both are in test/store and test/jobs.
 */
import { describe } from 'vitest'
import { onMongo } from '../support/mongo.ts'
import { describeRedis } from '../support/redis-server.ts'

// Before the stories are loaded: they are the same files that run on the embedded engine.
process.env['HOLDFAST_TEST_ENGINE'] = 'scaled'

onMongo('two processes that answer and two that work,', () =>
  describeRedis('and Redis', () => {
    describe('a phone is lost', async () => void (await import('../stories/lost-phone.test.ts')))
    describe('a thief vetoes', async () => void (await import('../stories/veto-for-ever.test.ts')))
  }),
)
