/**
 * Processes whose clocks are wrong, on a store that keeps the time; and a data folder whose clock jumps while it is in use.
 */
import { openCluster, type Cluster, type Role } from './cluster.ts'
import { jumpRound, JUMPS } from './clock-jumps.ts'
import { faked, missingClock } from './faked-clock.ts'
import { found, playAll, playRound, type Outcome, type Round } from './rounds.ts'
import type { Judgement } from './judge.ts'
import { skipped, type Result, type Suite, type Task } from './suite.ts'
import { together } from './together.ts'

const ROUNDS = 2
const COUNT = 8
const HOUR_MS = 3_600_000
const TOLERANCE_MS = 10_000

/** Ms ahead of the store, for both processes of a role; or for each of the four. */
interface Skew {
  readonly name: string
  readonly aheadMs: Readonly<Record<Role, readonly [number, number]>>
}

const OFFSETS = { '+1h': HOUR_MS, '-1h': -HOUR_MS, '+40d': 960 * HOUR_MS, '-40d': -960 * HOUR_MS } as const

const SKEWS: readonly Skew[] = [
  ...Object.entries(OFFSETS).flatMap(([name, ms]) => [
    { name: `clock:${name}:api`, aheadMs: { api: [ms, ms], worker: [0, 0] } as const },
    { name: `clock:${name}:worker`, aheadMs: { api: [0, 0], worker: [ms, ms] } as const },
  ]),
  {
    name: 'clock:mixed',
    aheadMs: { api: [OFFSETS['+40d'], OFFSETS['-40d']], worker: [OFFSETS['-1h'], OFFSETS['+1h']] },
  },
]

/** Whether each process tells by how much its clock is off. */
const toldBy = async (cluster: Cluster, { aheadMs }: Skew): Promise<readonly Judgement[]> => {
  const processes = (['api', 'worker'] as const).flatMap((role) =>
    cluster.urls[role].map((url, index) => ({
      url,
      ahead: aheadMs[role][index] ?? 0,
      name: `${role} ${index + 1}`,
    })),
  )
  return Promise.all(
    processes.map(async ({ url, ahead, name }) => {
      const { parts } = (await (await fetch(`${url}/readyz`)).json()) as {
        readonly parts: { readonly clock: { readonly state: string; readonly differenceMs: number } }
      }
      const { state, differenceMs } = parts.clock
      const isTold =
        state === (ahead === 0 ? 'ok' : 'degraded') && Math.abs(differenceMs + ahead) < TOLERANCE_MS
      return isTold
        ? found()
        : found({
            fault: 'told',
            what: `${name}: ${state}, ${differenceMs} ms, where it is ${ahead} ms ahead`,
          })
    }),
  )
}

const skewRound = (skew: Skew, number: number, count: number): Round<Cluster> => ({
  name: `${skew.name}#${number}`,
  play: async (cluster) => [...(await toldBy(cluster, skew)), ...(await together(cluster, count))],
})

/** All rounds of one skew, on a cluster that has it. */
export const playSkew = async (
  skew: Skew,
  { rounds, count = COUNT }: { readonly rounds: readonly number[]; readonly count?: number },
  onOutcome: (outcome: Outcome) => void,
): Promise<void> => {
  const cluster = await openCluster({
    env: (role, index) => {
      const ms = skew.aheadMs[role][index] ?? 0
      return ms === 0 ? {} : faked(ms)
    },
  })
  const all = rounds.map((number) => skewRound(skew, number, count))
  await playAll(cluster, all, { lanes: 1, onOutcome })
  await cluster.close()
}

export const skewNamed = (name: string): Skew => {
  const skew = SKEWS.find((one) => one.name === name)
  if (skew === undefined) throw new Error(`There is no skew of that name: ${name}`)
  return skew
}

const run = async ({ rounds, isWanted, onOutcome }: Task): Promise<Result> => {
  const missing = missingClock()
  if (missing !== null) return skipped(missing)
  const outcomes: Outcome[] = []
  const hear = (outcome: Outcome): void => {
    outcomes.push(outcome)
    onOutcome(outcome)
  }
  const numbers = Array.from({ length: rounds ?? ROUNDS }, (_, number) => number)
  for (const skew of SKEWS) {
    const wanted = numbers.filter((number) => isWanted(`${skew.name}#${number}`))
    if (wanted.length > 0) await playSkew(skew, { rounds: wanted }, hear)
  }
  for (const jump of JUMPS)
    for (const number of numbers) {
      const round = jumpRound(jump, number)
      if (isWanted(round.name)) hear(await playRound(null, round))
    }
  return {
    outcomes,
    skipped: null,
    more: [
      { name: 'clocks that are wrong from the start', value: SKEWS.length, unit: '', note: 'on MongoDB' },
      { name: 'jumps while it runs', value: JUMPS.length, unit: '', note: 'in a data folder' },
    ],
  }
}

export const clockSuite: Suite = {
  name: 'clock',
  title: 'Clocks',
  about:
    `Processes that answer, that work, or all four, an hour or 40 days off, ${COUNT} recoveries at once; each must say so on /readyz.\n` +
    'In a data folder: the clock jumps in the middle of the waiting period.',
  run,
}
