/**
 * The whole crash matrix on one cluster: every kind of process at every named point, as often as asked.
 */
import { openCluster, type Cluster } from './cluster.ts'
import { CLUSTER_POINTS, CRASH_CELLS, crashRound, dealt, type Tally } from './crash.ts'
import { playAll, type Outcome } from './rounds.ts'
import type { Result, Suite, Task } from './suite.ts'

const ROUNDS = 20
/** What nobody passed in time is dealt again, so often. */
const TRIES = 12

const run = async ({ seed, rounds, lanes, isWanted, onOutcome }: Task): Promise<Result> => {
  const target = rounds ?? ROUNDS
  const cells = CRASH_CELLS.filter(isWanted)
  const tally: Tally = { died: [], missed: [] }
  const outcomes: Outcome[] = []
  const hear = (outcome: Outcome): void => {
    outcomes.push(outcome)
    onOutcome(outcome)
  }
  const cluster: Cluster = await openCluster()
  // A round by its number alone: the same deal, and the others are left out.
  const chosen = dealt(seed, CRASH_CELLS, target).filter(({ name }) => cells.length === 0 && isWanted(name))
  let hands = cells.length > 0 ? dealt(seed, cells, target) : chosen
  for (let tries = 0; tries < TRIES && hands.length > 0; tries += 1) {
    tally.missed.length = 0
    await playAll(
      cluster,
      hands.map((hand) => crashRound(hand, tally)),
      { lanes, onOutcome: hear },
    )
    hands = dealt(`${seed}/${tries}`, [...tally.missed], 1, `crash again ${tries + 1}`)
  }
  const unmeant = cluster.unmeant()
  await cluster.close()
  const perCell = cells.map((cell) => tally.died.filter((died) => died === cell).length)
  const short = cells.filter((_, at) => (perCell[at] ?? 0) < target)
  const kinds = (kind: string): number => tally.died.filter((cell) => cell.endsWith(`:${kind}`)).length
  const note = ['api', 'worker', 'queue', 'store'].map((kind) => `${kind} ${kinds(kind)}`).join(', ')
  return {
    outcomes,
    skipped: null,
    more: [
      { name: 'named points', value: CLUSTER_POINTS.length, unit: '', target: { least: 12 } },
      { name: 'kill -9 at them', value: tally.died.length, unit: '', note },
      {
        name: 'fewest at one point, of one kind',
        value: perCell.length === 0 ? null : Math.min(...perCell),
        unit: '',
        target: { least: target },
        ...(short.length > 0 && { note: `too few: ${short.join(', ')}` }),
      },
      { name: 'answers with status 500', value: unmeant, unit: '', target: { most: 0 } },
    ],
  }
}

export const crashSuite: Suite = {
  name: 'crash',
  title: 'Crash matrix',
  about:
    'On MongoDB and Redis, 2 processes that answer and 2 that work; each kind of process is killed at each named point,\n' +
    'in the middle of whole recoveries that end in a release, a veto, a race of both, or by their time.',
  run,
}
