/**
 * Networks that fail between people and the service, and between the service and what it stands on.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openCluster, type Cluster } from './cluster.ts'
import type { Link, Trouble } from './link.ts'
import { STEPS } from './play.ts'
import { found, luckFor, playAll, type Outcome, type Round } from './rounds.ts'
import type { Result, Suite, Task } from './suite.ts'
import { during, together } from './together.ts'

const ROUNDS = 2
const COUNT = 8

/** Between two, and the words of a request that changes something there. */
const WAYS = {
  'people-api': { links: (cluster) => cluster.links?.client ?? [], of: ['POST /v1/'] },
  'api-store': {
    links: ({ links }) => (links === null ? [] : [links.store.api]),
    of: ['findAndModify', 'insert\0', 'update\0'],
  },
  'worker-store': {
    links: ({ links }) => (links === null ? [] : [links.store.worker]),
    of: ['findAndModify', 'insert\0', 'update\0'],
  },
  'api-queue': {
    links: ({ links }) => (links === null ? [] : [links.queue.api]),
    of: ['evalsha', 'EVALSHA'],
  },
  'worker-queue': {
    links: ({ links }) => (links === null ? [] : [links.queue.worker]),
    of: ['evalsha', 'EVALSHA'],
  },
} as const satisfies Record<
  string,
  { readonly links: (cluster: Cluster) => readonly Link[]; readonly of: readonly string[] }
>
export type Way = keyof typeof WAYS

/** How long each lasts, and how long it is well in between. */
const TROUBLES = {
  cut: { lastsMs: 800, wellMs: 700, trouble: () => ({ kind: 'cut' }) },
  'half-open': { lastsMs: 2_000, wellMs: 1_000, trouble: () => ({ kind: 'half-open' }) },
  slow: { lastsMs: 2_500, wellMs: 500, trouble: () => ({ kind: 'slow', ms: 120 }) },
  'reply-lost': {
    lastsMs: 400,
    wellMs: 100,
    trouble: (of: readonly string[]) => ({ kind: 'reply-lost', of, times: 2 }),
  },
} as const satisfies Record<
  string,
  { readonly lastsMs: number; readonly wellMs: number; readonly trouble: (of: readonly string[]) => Trouble }
>
export type TroubleName = keyof typeof TROUBLES

/** Steps after which something is still to be changed. */
const EARLY = STEPS.slice(0, STEPS.indexOf('approve'))

/** From the first trouble on. However long recoveries take, the network is well in the end. */
const LONGEST_MS = 12_000

export const networkRound = (
  trouble: TroubleName,
  way: Way,
  {
    seed,
    number,
    count = COUNT,
  }: { readonly seed: string; readonly number: number; readonly count?: number },
): Round<Cluster> => {
  const name = `network:${trouble}:${way}#${number}`
  return {
    name,
    async play(cluster) {
      const luck = luckFor(seed, name)
      const links = WAYS[way].links(cluster)
      const { lastsMs, wellMs, trouble: troubleOf } = TROUBLES[trouble]
      const lost = (): number => links.reduce((sum, link) => sum + link.lost, 0)
      const before = lost()
      // Not from the same moment in each round.
      const from = luck.one(EARLY)
      let until: number | null = null
      let troubles = 0
      try {
        const judgements = await during(
          50,
          async () => {
            if (until === null || Date.now() > until) return
            troubles += 1
            if (way === 'worker-store') cluster.outages.begin(way)
            for (const link of links) link.fail(troubleOf(WAYS[way].of))
            await pause(lastsMs)
            for (const link of links) link.heal()
            cluster.outages.end(way)
            await pause(wellMs)
          },
          () =>
            together(cluster, count, {
              before: async (step) => {
                if (step === from) until ??= Date.now() + LONGEST_MS
              },
            }),
        )
        // Where nothing took effect the round shows nothing.
        const isDone = trouble === 'reply-lost' ? lost() > before : troubles > 0
        return isDone ? judgements : [...judgements, found({ fault: 'told', what: 'nothing was broken' })]
      } finally {
        for (const link of links) link.heal()
        cluster.outages.end(way)
        await cluster.ready()
      }
    },
  }
}

const run = async ({ seed, rounds, isWanted, onOutcome }: Task): Promise<Result> => {
  const all = (Object.keys(TROUBLES) as TroubleName[]).flatMap((trouble) =>
    (Object.keys(WAYS) as Way[]).flatMap((way) =>
      Array.from({ length: rounds ?? ROUNDS }, (_, number) => networkRound(trouble, way, { seed, number })),
    ),
  )
  const outcomes: Outcome[] = []
  const cluster = await openCluster({ links: true })
  await playAll(
    cluster,
    all.filter(({ name }) => isWanted(name)),
    {
      lanes: 1,
      onOutcome(outcome) {
        outcomes.push(outcome)
        onOutcome(outcome)
      },
    },
  )
  const unmeant = cluster.unmeant()
  const { links } = cluster
  const pairs =
    links === null ? [] : [...links.client, ...Object.values(links.store), ...Object.values(links.queue)]
  const lost = pairs.reduce((sum, link: Link) => sum + link.lost, 0)
  await cluster.close()
  return {
    outcomes,
    skipped: null,
    more: [
      { name: 'answers dropped after the request was passed on', value: lost, unit: '' },
      { name: 'answers with status 500', value: unmeant, unit: '', target: { most: 0 } },
    ],
  }
}

export const networkSuite: Suite = {
  name: 'network',
  title: 'Network',
  about:
    `Cut, half-open, slow, and answers lost after the request was carried out, on each of ${Object.keys(WAYS).length} ways, again and again\n` +
    `while ${COUNT} recoveries run at once. While the workers' way to the store is broken, nothing is late.`,
  run,
}
