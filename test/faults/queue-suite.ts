/**
 * What can become of a queue: flushed, killed with all that was in it, evicting, and full of jobs that nobody should have put
 * there.
 */
import { Redis } from 'ioredis'
import { Queue, type Job } from 'bullmq'
import { QUEUE_NAMES, RELAY_BATCH } from '../../src/jobs/queues.ts'
import { openCluster, type Cluster } from './cluster.ts'
import { found, luckFor, playAll, type Outcome, type Round } from './rounds.ts'
import type { Luck } from './luck.ts'
import type { Result, Suite, Task } from './suite.ts'
import { during, together } from './together.ts'

const ROUNDS = 2
/** Recoveries at once in a round. */
const COUNT = 8
const HOUR_MS = 3_600_000
const NEVER = 'AAAAAAAAAAAAAAAAAAAAAA'

interface Hands {
  readonly redis: Redis
  readonly wake: Queue
  readonly relay: Queue
  readonly luck: Luck
  /** Notes what took effect. */
  did(): void
}

type Mischief = (hands: Hands, cluster: Cluster) => Promise<unknown>

const waiting = ({ wake }: Hands): Promise<Job[]> => wake.getJobs(['delayed', 'waiting', 'prioritized'])
/** The job may run, or be gone, in the same moment; what counts is that it worked sometimes. */
const tried = ({ did }: Hands, work: Promise<unknown>): Promise<unknown> => work.then(did, () => undefined)
const each = async (hands: Hands, act: (job: Job) => Promise<unknown>): Promise<void> => {
  for (const job of await waiting(hands)) if (job !== undefined) await tried(hands, act(job))
}

const copyOf = (job: Job, luck: Luck) => ({
  name: job.name,
  data: job.data as unknown,
  opts: { jobId: `copy-${luck.number(1e9)}`, delay: luck.number(500), priority: 1 + luck.number(9) },
})

const MALFORMED: readonly unknown[] = [
  null,
  {},
  [],
  'text',
  { accounts: [] },
  { accounts: 'all' },
  { accounts: Array.from({ length: RELAY_BATCH + 1 }, () => NEVER) },
  { accounts: [NEVER, { $ne: null }] },
  { account: NEVER, at: '60000' },
  { account: NEVER, at: -1 },
  { account: NEVER, at: 1e300 },
  { account: { $gt: '' }, at: 0 },
  { account: NEVER, at: 0, more: true },
]

const MISCHIEF = {
  flushed: (hands) => tried(hands, hands.redis.flushall()),
  killed: (hands, { queue }) => tried(hands, queue.kill()),
  /** Jobs that nobody reads fill it until it throws ours away. */
  evicting: async (hands) => {
    const { redis, luck } = hands
    await redis.config('SET', 'maxmemory', '3mb')
    await redis.config('SET', 'maxmemory-policy', 'allkeys-random')
    for (let number = 0; number < 40; number += 1)
      await redis.set(`filler-${luck.number(1e9)}`, 'x'.repeat(50_000)).catch(() => undefined)
    if (Number(/^evicted_keys:(\d+)/m.exec(await redis.info('stats'))?.[1] ?? 0) > 0) hands.did()
  },
  /** Full, and not evicting: takes no job at all. */
  full: async (hands) => {
    await hands.redis.config('SET', 'maxmemory', '1')
    await hands.relay.add('relay', { accounts: [NEVER] }).catch(hands.did)
  },
  duplicated: (hands) =>
    each(hands, (job) => {
      const { name, data, opts } = copyOf(job, hands.luck)
      return hands.wake.add(name, data, opts)
    }),
  reordered: async (hands) => {
    const jobs = (await waiting(hands)).filter((job) => job !== undefined).toReversed()
    for (const job of jobs) {
      const { name, data, opts } = copyOf(job, hands.luck)
      await tried(
        hands,
        job.remove().then(() => hands.wake.add(name, data, opts)),
      )
    }
  },
  early: (hands) => each(hands, (job) => job.promote()),
  late: (hands) => each(hands, (job) => job.changeDelay(HOUR_MS)),
  poisoned: async (hands) => {
    const { wake, relay, luck } = hands
    const data = luck.one(MALFORMED)
    const all = [
      wake.add('wake', data),
      relay.add('relay', data),
      relay.add('unknown', data, { attempts: 9 }),
    ]
    await tried(hands, Promise.all(all))
  },
  /** What another program left under our names: ids without a job, jobs that are no JSON. */
  foreign: async (hands) => {
    const { redis, luck } = hands
    const id = `foreign-${luck.number(1e9)}`
    for (const name of Object.values(QUEUE_NAMES)) {
      await redis.lpush(`bull:${name}:wait`, `${id}-nothing`, id)
      await redis.zadd(`bull:${name}:delayed`, 1, `${id}-soon`)
      await redis.hset(`bull:${name}:${id}`, { name: 'x', data: '{', opts: '{', timestamp: 'never' })
      await redis.hset(`bull:${name}:${id}-soon`, {
        name: 'x',
        data: luck.one(['{', '[]', '""']),
        opts: '{}',
      })
    }
    hands.did()
  },
} as const satisfies Record<string, Mischief>

const PAUSE_MS = { killed: 1_500, flushed: 400 } as const
const names = Object.keys(MISCHIEF) as readonly (keyof typeof MISCHIEF)[]

export const queueRound = (
  name: keyof typeof MISCHIEF,
  {
    seed,
    number,
    count = COUNT,
  }: { readonly seed: string; readonly number: number; readonly count?: number },
): Round<Cluster> => {
  const title = `queue:${name}#${number}`
  return {
    name: title,
    async play(cluster) {
      const redis = new Redis(cluster.queueUrl, { maxRetriesPerRequest: null })
      redis.on('error', () => undefined)
      const queueOf = (queue: keyof typeof QUEUE_NAMES): Queue =>
        new Queue(QUEUE_NAMES[queue], { connection: redis }).on('error', () => undefined)
      let done = 0
      const did = (): void => void (done += 1)
      const luck = luckFor(seed, title)
      const hands: Hands = { redis, wake: queueOf('wake'), relay: queueOf('relay'), luck, did }
      try {
        const everyMs = name in PAUSE_MS ? PAUSE_MS[name as keyof typeof PAUSE_MS] : 100
        const judgements = await during(
          everyMs,
          () => (MISCHIEF[name] as Mischief)(hands, cluster),
          () => together(cluster, count),
        )
        // Where nothing took effect the round shows nothing.
        return done > 0
          ? judgements
          : [...judgements, found({ fault: 'told', what: 'nothing was done to it' })]
      } finally {
        await redis.config('SET', 'maxmemory', '0')
        await redis.config('SET', 'maxmemory-policy', 'noeviction')
        await redis.flushall()
        await Promise.all([hands.wake.close(), hands.relay.close()])
        redis.disconnect()
      }
    },
  }
}

const run = async ({ seed, rounds, isWanted, onOutcome }: Task): Promise<Result> => {
  const all = names.flatMap((name) =>
    Array.from({ length: rounds ?? ROUNDS }, (_, number) => queueRound(name, { seed, number })),
  )
  const chosen = all.filter(({ name }) => isWanted(name))
  const outcomes: Outcome[] = []
  const cluster = await openCluster({ durable: false })
  await playAll(cluster, chosen, {
    lanes: 1,
    onOutcome(outcome) {
      outcomes.push(outcome)
      onOutcome(outcome)
    },
  })
  const unmeant = cluster.unmeant()
  await cluster.close()
  return {
    outcomes,
    skipped: null,
    more: [
      { name: 'ways to spoil the queue', value: names.length, unit: '', note: names.join(', ') },
      { name: 'answers with status 500', value: unmeant, unit: '', target: { most: 0 } },
    ],
  }
}

export const queueSuite: Suite = {
  name: 'queue',
  title: 'Queue',
  about: `The queue has no append-only file. In each round ${COUNT} recoveries at once while it is spoilt again and again.`,
  run,
}
