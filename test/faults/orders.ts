/**
 * Orders to die: files that the service finds when it passes a named point (src/observe/fail-points.ts).
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FailPoint } from '../../src/observe/fail-points.ts'
import type { KeptProcess } from './kept-process.ts'

export interface Order {
  /** Whether somebody passed the point and carried it out. */
  isTaken(): boolean
  /** Takes back what nobody carried out. */
  withdraw(): void
}

export interface Orders {
  /**
   * Whoever passes the point first kills `victim`; null: itself. Another order for the same point is waited for, and taken back
   * if nobody comes by. A victim that dies before is followed into its next life.
   */
  give(point: FailPoint, victim: KeptProcess | null): Promise<Order>
}

const LOOK_MS = 10
const WAIT_MS = 3_000

interface Standing {
  readonly victim: KeptProcess | null
  isMissed: boolean
}

/** `folder`: read by all processes of one kind. */
export const ordersIn = (folder: string): Orders => {
  mkdirSync(folder, { recursive: true })
  const standing = new Map<string, Standing>()
  const followed = new Set<KeptProcess>()
  const write = (file: string, victim: KeptProcess | null): void =>
    writeFileSync(file, victim === null ? '0' : String(victim.pid))
  const follow = (victim: KeptProcess): void => {
    if (followed.has(victim)) return
    followed.add(victim)
    victim.onBirth(() => {
      for (const [file, order] of standing)
        if (order.victim === victim && existsSync(file)) write(file, victim)
    })
  }
  /** Whether it was carried out; asked before the next one for the same point is given. */
  const end = (file: string): void => {
    const order = standing.get(file)
    standing.delete(file)
    if (order !== undefined) order.isMissed = existsSync(file)
    rmSync(file, { force: true })
  }
  return {
    async give(point, victim) {
      const file = join(folder, point)
      for (const until = Date.now() + WAIT_MS; existsSync(file) && Date.now() < until;) await pause(LOOK_MS)
      end(file)
      const own: Standing = { victim, isMissed: false }
      standing.set(file, own)
      if (victim !== null) follow(victim)
      write(file, victim)
      return {
        isTaken: () => (standing.get(file) === own ? !existsSync(file) : !own.isMissed),
        withdraw() {
          if (standing.get(file) === own) end(file)
        },
      }
    },
  }
}
