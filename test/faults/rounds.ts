/**
 * What a suite of faults is made of: cells, each with a name and rounds that follow from a seed.
 */
import { judge, type Finding, type Judgement } from './judge.ts'
import { luckOf, type Luck } from './luck.ts'
import { playRecovery, type PlayOptions, type Scene } from './play.ts'

/** Something that is to be played once. */
export interface Round<C> {
  /** `network:cut:api-store#3`, for example. */
  readonly name: string
  /** Several recoveries at once, or one. */
  readonly play: (cluster: C) => Promise<readonly Judgement[]>
}

export interface Outcome {
  readonly name: string
  readonly judgements: readonly Judgement[]
  /** It could not be played to its end: nothing is known of it, which counts as a failure. */
  readonly error: string | null
  readonly tookMs: number
}

/** All that a round decides by chance follows from the seed and its name. */
export const luckFor = (seed: string, name: string): Luck => luckOf(`${seed}/${name}`)

export const played = async (scene: Scene, options: PlayOptions): Promise<Judgement> =>
  judge(scene, await playRecovery(scene, options))

/** A judgement on something else than a recovery. */
export const found = (...findings: readonly Finding[]): Judgement => ({
  isRecovery: false,
  findings,
  late: null,
})

export const playRound = async <C>(cluster: C, { name, play }: Round<C>): Promise<Outcome> => {
  const from = performance.now()
  const outcome = await play(cluster).then(
    (judgements) => ({ judgements, error: null }),
    (error: unknown) => ({
      judgements: [],
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  )
  return { name, ...outcome, tookMs: performance.now() - from }
}

/** Several rounds at once, each lane taking the next. `onOutcome` hears of each as it ends. */
export const playAll = async <C>(
  cluster: C,
  rounds: readonly Round<C>[],
  { lanes, onOutcome }: { readonly lanes: number; readonly onOutcome: (outcome: Outcome) => void },
): Promise<void> => {
  const left = rounds.values()
  const lane = async (): Promise<void> => {
    for (const round of left) onOutcome(await playRound(cluster, round))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
