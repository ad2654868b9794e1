/**
 * The embedded store's clock: the process's own, with two refusals. It does not run behind an instant that the records have
 * already seen, and it does not let time pass that the monotonic clock did not see pass: a waiting period that somebody
 * skips by setting the clock forward would release a secret early.
 *
 * It cannot notice a jump that happened while the process was off: docs/SECURITY.md says so.
 */
import { HoldfastError } from '@holdfast/client/protocol'

/** Where time comes from; tests drive both. */
export interface TimeSources {
  /** Unix ms; may jump. */
  readonly wall?: () => number
  /** Ms since any fixed moment; never goes back or jumps. */
  readonly monotonic?: () => number
  /** Called once, when the wall clock ran ahead of the monotonic one by this many ms more than is tolerated. */
  readonly onJump?: (aheadMs: number) => void
}

/** How far the wall clock may step, either way, without consequences: corrections by NTP are smaller. */
export const TOLERANCE_MS = 2_000
/** What a quartz may gain on the other, honestly, per ms. Refills the tolerance, which otherwise ends a long run. */
const DRIFT = 0.0002

export class ProcessClock {
  readonly #wall: () => number
  readonly #monotonic: () => number
  readonly #onJump: (aheadMs: number) => void
  /** Highest instant ever given out, in this process or before it. */
  #mark: number
  /** The last reading that was believed, and the monotonic clock then; null until one was. */
  #believed: { readonly at: number; readonly monotonic: number } | null = null
  #tolerance = TOLERANCE_MS
  #jumped = false

  /** `mark`: the highest instant that the records have seen, Unix ms; 0 for new records. */
  constructor(mark: number, sources: TimeSources = {}) {
    this.#mark = mark
    this.#wall = sources.wall ?? Date.now
    this.#monotonic = sources.monotonic ?? (() => performance.now())
    this.#onJump = sources.onJump ?? (() => undefined)
  }

  /** Unix ms, a whole number, never less than before. Throws `clock_behind` until the wall clock has caught up. */
  now(): number {
    const wall = this.#wall()
    const monotonic = this.#monotonic()
    if (!Number.isFinite(wall) || wall < this.#mark - TOLERANCE_MS) throw new HoldfastError('clock_behind')
    const at = this.#believe(wall, monotonic)
    this.#believed = { at, monotonic }
    this.#mark = Math.max(this.#mark, Math.floor(at))
    return this.#mark
  }

  /** The wall clock where it agrees with the monotonic one; otherwise, until a restart, what the latter counted. */
  #believe(wall: number, monotonic: number): number {
    // A process that began behind its records has believed nothing yet: its clock being mended is like a restart.
    if (this.#believed === null) return wall
    const passed = Math.max(0, monotonic - this.#believed.monotonic)
    const expected = this.#believed.at + passed
    if (this.#jumped) return expected
    const ahead = wall - expected
    const tolerance = Math.min(TOLERANCE_MS, this.#tolerance + passed * DRIFT)
    if (ahead > tolerance) {
      this.#jumped = true
      this.#onJump(ahead)
      return expected
    }
    // Spending it on every step keeps many small jumps from adding up to a large one.
    this.#tolerance = Math.min(TOLERANCE_MS, tolerance - ahead)
    return wall
  }
}
