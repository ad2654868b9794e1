/** What the tests of jobs share: a real queue in a folder of its own, and a small store to be due in. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Incident } from '../../src/jobs/incident.ts'
import type { Records } from '../../src/use-cases/ports.ts'

/** 16 bytes as base64url: a well-formed account id that names its number. */
export const accountId = (number: number): string => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(number, 0)
  return bytes.toString('base64url')
}

export const makeFolder = () => {
  const parent = mkdtempSync(join(tmpdir(), 'holdfast-jobs-'))
  return {
    parent,
    queue: join(parent, 'queue'),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  }
}

export const makeReport = () => {
  const incidents: Incident[] = []
  const report = (incident: Incident) => void incidents.push(incident)
  return {
    incidents,
    report,
    of: (event: Incident['event']) => incidents.filter((each) => each.event === event),
  }
}

/** Resolves when `holds` does; rejects after `withinMs`, naming what did not happen. */
export const until = async (what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000) => {
  const end = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`did not happen in ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** The part of Records that jobs need, in memory, with a clock that a test can set against this process's. */
export class DueList implements Pick<Records, 'now' | 'due' | 'upcoming' | 'unrelayed'> {
  offsetMs = 0
  readonly dueAt = new Map<string, number>()
  readonly outbox = new Set<string>()
  readonly settled: { account: string; at: number; lateMs: number }[] = []
  readonly relayed: string[] = []
  readonly clock = () => Date.now() + this.offsetMs

  now = async () => this.clock()
  private readonly sorted = () =>
    [...this.dueAt].map(([account, dueAt]) => ({ account, dueAt })).toSorted((a, b) => a.dueAt - b.dueAt)
  due = async (limit: number) =>
    this.sorted()
      .filter(({ dueAt }) => dueAt <= this.clock())
      .slice(0, limit)
      .map(({ account }) => account)
  upcoming = async (until: number, limit: number) =>
    this.sorted()
      .filter(({ dueAt }) => dueAt > this.clock() && dueAt <= until)
      .slice(0, limit)
  unrelayed = async (limit: number) => [...this.outbox].slice(0, limit)

  /** As the use case does it: acts if something is due by the store's clock, else changes nothing. */
  settleAccount = async (account: string) => {
    const dueAt = this.dueAt.get(account)
    const at = this.clock()
    if (dueAt === undefined || at < dueAt) return
    this.dueAt.delete(account)
    this.settled.push({ account, at, lateMs: at - dueAt })
  }
  relayAccount = async (account: string) => {
    if (this.outbox.delete(account)) this.relayed.push(account)
  }
}
