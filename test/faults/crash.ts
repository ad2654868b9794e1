/**
 * Crash matrix: each kind of process dies at each named point, in the middle of a whole recovery. One recovery has several
 * such deaths, each in a step of its own.
 */
import { FAIL_POINTS, type FailPoint } from '../../src/observe/fail-points.ts'
import { KINDS, type Cluster, type Kind, type Role } from './cluster.ts'
import type { Luck } from './luck.ts'
import type { Order } from './orders.ts'
import { ENDINGS, type Ending, type Step } from './play.ts'
import { luckFor, played, type Round } from './rounds.ts'

/** Who passes a point, and in which steps. */
interface Place {
  readonly by: Role
  readonly steps: readonly Step[]
}

/** Steps in which each change is followed by a job. */
const CHANGES: readonly Step[] = [
  'register',
  'meet',
  'protect',
  'accept',
  'open',
  'compare',
  'approve',
  'quorum',
]
const api = (steps: readonly Step[] = CHANGES): Place => ({ by: 'api', steps })
const worker = (steps: readonly Step[] = CHANGES): Place => ({ by: 'worker', steps })

/** `key-file-written` belongs to the data folder: test/stories/kill-nine.test.ts. */
export type ClusterPoint = Exclude<FailPoint, 'key-file-written'>

const PLACES: Readonly<Record<ClusterPoint, readonly Place[]>> = {
  'keep-before': [api(['protect'])],
  'keep-after': [api(['protect'])],
  'commit-before': [api(), worker(['quorum'])],
  'commit-after': [api(), worker(['quorum'])],
  'answer-before': [api()],
  'hint-before': [api()],
  'hint-after': [api()],
  'settle-before': [worker(['quorum'])],
  'settle-after': [worker(['quorum'])],
  'relay-before': [worker()],
  'relay-after': [worker()],
  'notice-after': [worker()],
  'erase-before': [worker(['end'])],
  'erase-after': [worker(['end'])],
  'trim-before': [worker()],
  'trim-after': [worker()],
}

const isOfCluster = (point: FailPoint): point is ClusterPoint => point in PLACES
export const CLUSTER_POINTS = FAIL_POINTS.filter(isOfCluster)

/** `crash:commit-after:api`, for example. */
export const CRASH_CELLS = CLUSTER_POINTS.flatMap((point) => KINDS.map((kind) => `crash:${point}:${kind}`))

interface Death {
  readonly cell: string
  readonly point: ClusterPoint
  readonly kind: Kind
  /** Who passes the point. */
  readonly by: Role
  readonly at: Step
  /** Which of the two processes of a kind, where another one passes the point. */
  readonly index: number
}

/** Several deaths of one recovery. */
interface Hand {
  readonly name: string
  readonly ending: Ending
  readonly deaths: readonly Death[]
}

const MOST_DEATHS = 4
/** Ended by their time alone, nobody compares or answers. */
const LATE: readonly Step[] = ['compare', 'approve', 'quorum', 'end']

const deathOf = (cell: string, luck: Luck): Death => {
  const [, point, kind] = cell.split(':') as [string, ClusterPoint, Kind]
  const own = PLACES[point].filter(({ by }) => by === kind)
  const { by, steps } = luck.one(own.length > 0 ? own : PLACES[point])
  return { cell, point, kind, by, at: luck.one(steps), index: luck.number(2) }
}

const endingOf = (deaths: readonly Death[], luck: Luck): Ending => {
  const isAnswered = deaths.some(({ at }) => LATE.includes(at))
  return luck.one(isAnswered ? ENDINGS.filter((ending) => ending !== 'expired') : ENDINGS)
}

/** Deals `rounds` deaths of each cell to as few recoveries as hold them, in an order that follows from the seed. */
export const dealt = (
  seed: string,
  cells: readonly string[],
  rounds: number,
  title = 'crash',
): readonly Hand[] => {
  const luck = luckFor(seed, title)
  const deck = cells.flatMap((cell) => Array.from({ length: rounds }, () => deathOf(cell, luck)))
  for (let at = deck.length - 1; at > 0; at -= 1) {
    const other = luck.number(at + 1)
    const [one, two] = [deck[at] as Death, deck[other] as Death]
    ;[deck[at], deck[other]] = [two, one]
  }
  const hands: Death[][] = []
  for (const death of deck) {
    const fits = hands.find((hand) => hand.length < MOST_DEATHS && hand.every(({ at }) => at !== death.at))
    if (fits === undefined) hands.push([death])
    else fits.push(death)
  }
  return hands.map((deaths, index) => ({ name: `${title}#${index}`, ending: endingOf(deaths, luck), deaths }))
}

/** Cells whose process died, one entry for each death; and those whose point nobody passed in time. */
export interface Tally {
  readonly died: string[]
  readonly missed: string[]
}

export const crashRound = ({ name, ending, deaths }: Hand, tally: Tally): Round<Cluster> => ({
  name: `${name} (${[ending, ...deaths.map(({ cell, at }) => `${cell} in ${at}`)].join(', ')})`,
  async play(cluster) {
    const given: { readonly death: Death; readonly order: Order; readonly before: number }[] = []
    const died = (kind: Kind): number =>
      cluster.processes(kind).reduce((sum, process) => sum + process.deaths, 0)
    try {
      return [
        await played(cluster, {
          ending,
          before: async (step) => {
            for (const death of deaths.filter(({ at }) => at === step)) {
              const { by, kind, point, index } = death
              const all = cluster.processes(kind)
              const victim = by === kind ? null : (all[index % all.length] ?? null)
              given.push({ death, before: died(kind), order: await cluster.orders[by].give(point, victim) })
            }
          },
        }),
      ]
    } finally {
      for (const { death, order, before } of given) {
        const isDead = order.isTaken() && died(death.kind) > before
        tally[isDead ? 'died' : 'missed'].push(death.cell)
        order.withdraw()
      }
      await cluster.ready()
    }
  },
})
