/**
 * The reduced part of `npm run test:faults`: a few rounds of each kind, with the same checks.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildService } from '../support/process.ts'
import { playSkew, skewNamed } from './clock-suite.ts'
import { openCluster, type Cluster } from './cluster.ts'
import { CLUSTER_POINTS, CRASH_CELLS, crashRound, dealt, type Tally } from './crash.ts'
import { diskRound, missingDisk } from './disk-suite.ts'
import { troubleIn } from './figures.ts'
import { missingClock } from './faked-clock.ts'
import { judge } from './judge.ts'
import { networkRound } from './network-suite.ts'
import { missingParts } from './parts.ts'
import { playRecovery } from './play.ts'
import { queueRound } from './queue-suite.ts'
import { playRound, type Outcome, type Round } from './rounds.ts'

const SEED = 'reduced'
const COUNT = 4
const missing = missingParts()
const withoutDisk = missingDisk()

/** Without its parts a suite is named as skipped, with the reason; with everything demanded, that fails. */
const describeFaults = (title: string, lacks: string | null, tests: () => void): void => {
  if (lacks === null) describe(title, tests)
  else if (process.env['HOLDFAST_TEST_ALL'] === '1')
    it(title, () => {
      throw new Error(lacks)
    })
  else describe.skip(`${title} (skipped: ${lacks})`, () => it('is there', () => undefined))
}

/** What was found, and how to see it again. */
const expectSound = (outcomes: readonly Outcome[]): void => {
  const trouble = outcomes.map((outcome) => troubleIn(outcome)).filter((found) => found !== null)
  expect(trouble, `npm run test:faults -- --seed ${SEED} --rounds 1`).toEqual([])
}

describeFaults('faults, reduced: two that answer, two that work', missing, () => {
  let cluster: Cluster
  beforeAll(async () => {
    buildService()
    cluster = await openCluster({ links: true })
  }, 180_000)
  afterAll(() => cluster?.close())

  const sound = async (round: Round<Cluster>): Promise<void> => expectSound([await playRound(cluster, round)])

  it('kill -9 of each kind of process, each at a point of its own, in one recovery', async () => {
    const cells = [
      'crash:commit-after:api',
      'crash:relay-after:worker',
      'crash:hint-after:queue',
      'crash:settle-before:store',
    ]
    for (const cell of cells) expect(CRASH_CELLS).toContain(cell)
    const died: string[] = []
    // What nobody passed in time is dealt again, as in the whole matrix.
    for (let [tries, left] = [0, cells]; tries < 4 && left.length > 0; tries += 1) {
      const tally: Tally = { died, missed: [] }
      for (const hand of dealt(`${SEED}${tries === 0 ? '' : `/${tries}`}`, left, 1))
        await sound(crashRound(hand, tally))
      left = [...tally.missed]
    }
    expect(died.toSorted()).toEqual(cells.toSorted())
  }, 90_000)

  it(
    'FLUSHALL again and again',
    () => sound(queueRound('flushed', { seed: SEED, number: 0, count: COUNT })),
    90_000,
  )

  it.each(['people-api', 'api-store'] as const)(
    'answers lost after the request was carried out: %s',
    (way) => sound(networkRound('reply-lost', way, { seed: SEED, number: 0, count: COUNT })),
    90_000,
  )

  it('judges: what was acknowledged and is not there, came twice, came early or after a veto is found', async () => {
    const played = await playRecovery(cluster, { ending: 'released' })
    const faultsOf = async (changes: Partial<typeof played>) =>
      (await judge(cluster, { ...played, ...changes })).findings.map(({ fault }) => fault)
    const counted = (type: string, count: number) => new Map([...played.acknowledged, [type, count]])
    expect(await faultsOf({})).toEqual([])
    expect(await faultsOf({ acknowledged: counted('share-accepted', 3) })).toEqual(['lost'])
    expect(await faultsOf({ acknowledged: counted('share-accepted', 1) })).toEqual(['twice'])
    expect(await faultsOf({ proposals: 0 })).toEqual(['twice'])
    expect(await faultsOf({ openings: 0 })).toEqual(['twice'])
    expect(await faultsOf({ isWhole: false })).toEqual(['lost'])
    expect(await faultsOf({ quorumSentAt: (played.releases[0] ?? 0) - 500 })).toEqual(['early'])
    expect(await faultsOf({ vetoedAt: Date.now() })).toEqual(['after a veto', 'after a veto'])
    expect(await faultsOf({ late: { ms: 6_001, withOutagesMs: 9_000 } })).toEqual(['late'])
    expect(await faultsOf({ late: { ms: -1, withOutagesMs: -1 } })).toEqual(['early'])
  }, 60_000)
})

describeFaults('faults, reduced: clocks', missing ?? missingClock(), () => {
  it('workers 40 days ahead of the store', async () => {
    const outcomes: Outcome[] = []
    buildService()
    const options = { rounds: [0], count: COUNT }
    await playSkew(skewNamed('clock:+40d:worker'), options, (outcome) => outcomes.push(outcome))
    expect(outcomes).toHaveLength(1)
    expectSound(outcomes)
  }, 120_000)
})

// Who may mount is no part of a machine that one could be told to install.
it.skipIf(withoutDisk !== null)(
  `faults, reduced: a data folder on a disk that fills up, and has room again${withoutDisk === null ? '' : ` (skipped: ${withoutDisk})`}`,
  async () => {
    buildService()
    const codes = new Map<string, number>()
    expectSound([await playRound(null, diskRound(0, codes))])
    expect(codes.get('storage_full')).toBeGreaterThanOrEqual(5)
  },
  90_000,
)

it('the matrix has every kind of process at 12 named points or more, each as often as asked', () => {
  expect(CLUSTER_POINTS.length).toBeGreaterThanOrEqual(12)
  const cells = dealt(SEED, CRASH_CELLS, 20).flatMap(({ deaths }) => deaths.map(({ cell }) => cell))
  for (const cell of CRASH_CELLS) expect(cells.filter((one) => one === cell)).toHaveLength(20)
})
