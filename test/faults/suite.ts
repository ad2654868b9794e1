/**
 * What each part of the faults gets and gives.
 */
import type { Line } from '../bench/report.ts'
import type { Outcome } from './rounds.ts'

export interface Task {
  readonly seed: string
  /** How often each cell is played; null: as often as the suite means to. */
  readonly rounds: number | null
  /** Rounds at a time. */
  readonly lanes: number
  /** Whether a cell or round of this name is wanted. */
  isWanted(name: string): boolean
  /** Hears of each round as it ends. */
  onOutcome(outcome: Outcome): void
}

export interface Result {
  readonly outcomes: readonly Outcome[]
  /** Figures that only this suite has. */
  readonly more: readonly Line[]
  /** Why nothing, or not everything, could be done here; null if it was. */
  readonly skipped: string | null
}

export interface Suite {
  readonly name: string
  readonly title: string
  readonly about: string
  run(task: Task): Promise<Result>
}

export const skipped = (reason: string): Result => ({ outcomes: [], more: [], skipped: reason })
