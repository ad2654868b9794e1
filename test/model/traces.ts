/**
 * Random runs of the model, as it says them: what was done, what came of it, and how everything stood after that.
 */
import { type Model, type Sizes, simulate } from './spin.ts'

/** Numbers of record.pml, in its order. */
const STATES = [
  'nobody',
  'collecting',
  'waiting',
  'contested',
  'releasable',
  'released',
  'completed',
  'vetoed',
  'declined',
  'cancelled',
  'expired',
  'superseded',
] as const
const ANSWERS = ['silent', 'approve', 'approve stolen', 'decline', 'alarm', 'moved on'] as const

/** The model's `NOW`. */
const NOW = 160

/** An instant as ticks from now; null for none. */
type Ticks = number | null

export interface RequestShown {
  readonly state: (typeof STATES)[number]
  readonly epoch: number
  readonly quorumAt: Ticks
  readonly alarmed: boolean
  readonly overridden: boolean
  readonly contestedUntil: Ticks
  readonly releasableAt: Ticks
  readonly answers: readonly (typeof ANSWERS)[number][]
}

export interface Shown {
  readonly activeEpoch: number
  readonly highestEpoch: number
  readonly change: 'none' | 'epoch' | 'deletion'
  readonly coolsAt: Ticks
  readonly delayed: boolean
  readonly accepted: number
  readonly consents: number
  readonly requests: readonly RequestShown[]
}

export interface Step {
  readonly command: string
  readonly request: number
  /** From 1, as the service counts. */
  readonly slot: number
  readonly outcome: string
  readonly shown: Shown
}

/** The sizes that a replay needs, as the circle of the service has them. */
export const TRACE_SIZES = {
  REQUESTS: 4,
  CONTACTS: 3,
  THRESHOLD: 2,
  STOLEN: 3,
  EPOCHS: 9,
  COLLECTING_PERIOD: 5,
  STEPS: 30,
} as const satisfies Sizes

/** Traces in one run of spin, which the number of the run begins. */
const ROUNDS = 10

const ticks = (value: number | undefined): Ticks => (value ? value - NOW : null)

const requestFrom = (text: string): RequestShown => {
  const [state, epoch, quorumAt, alarmed, overriddenAt, contestedUntil, releasableAt, ...answers] = text
    .trim()
    .split(' ')
    .map(Number)
  return {
    state: STATES[state ?? 0] ?? 'nobody',
    epoch: epoch ?? 0,
    quorumAt: ticks(quorumAt),
    alarmed: alarmed !== 0,
    overridden: overriddenAt !== 0,
    contestedUntil: ticks(contestedUntil),
    releasableAt: ticks(releasableAt),
    answers: answers.map((answer) => ANSWERS[answer] ?? 'silent'),
  }
}

const stepFrom = (line: string): Step => {
  const [said = '', shown = ''] = line.slice(2).split(' # ')
  const [command = '', request, slot, outcome = ''] = said.split(' ')
  const [circle = '', ...requests] = shown.split(' | ')
  const [activeEpoch = 0, highestEpoch = 0, change = 0, coolsAt, delayed, accepted = 0, consents = 0] = circle
    .split(' ')
    .map(Number)
  return {
    command,
    request: Number(request),
    slot: Number(slot) + 1,
    outcome,
    shown: {
      activeEpoch,
      highestEpoch,
      change: (['none', 'epoch', 'deletion'] as const)[change] ?? 'none',
      coolsAt: ticks(coolsAt),
      delayed: delayed === 1,
      accepted,
      consents,
      requests: requests.map(requestFrom),
    },
  }
}

/** Trace number `number`, from 0; always the same. Throws where the run breaks a property of the model itself. */
export const tracesOf = async (
  model: Model,
  numbers: { readonly from: number; readonly to: number },
): Promise<readonly (readonly Step[])[]> => {
  const first = Math.floor(numbers.from / ROUNDS)
  const last = Math.floor((numbers.to - 1) / ROUNDS)
  const traces: (readonly Step[])[] = []
  for (let run = first; run <= last; run += 1) {
    const text = await simulate(model, { ...TRACE_SIZES, ROUNDS }, run + 1)
    const rounds = text.split('@@\n').slice(1)
    if (text.includes('Error') || rounds.length !== ROUNDS)
      throw new Error(`run ${run} of the model:\n${text}`)
    const lines = rounds.map((round) => round.split('\n').filter((line) => line.startsWith('@ ')))
    traces.push(...lines.map((round) => round.map(stepFrom)))
  }
  return traces.slice(numbers.from - first * ROUNDS, numbers.to - first * ROUNDS)
}
