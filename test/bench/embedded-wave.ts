/**
 * Many recoveries that fall due within one second on the embedded engine, in a service that has no job for any of them.
 */
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Account } from '../../src/domain/account.ts'
import { openEmbeddedRecords } from './built-service.ts'
import { waitingCopy } from './copies.ts'
import { newSettings, startService } from './service-process.ts'

export interface EmbeddedWave {
  readonly count: number
  /** From the first that fell due until every owner had been told. */
  readonly drainedMs: number
  /** Told before it was due. */
  readonly early: number
}

/** From the start of writing to the instant of the first. */
const UNTIL_FIRST_MS = 15_000
const GIVEN_UP_MS = 120_000
const LOOK_EVERY_MS = 20
const AT_ONCE = 1_000
const CHUNK = 4 * 1024 * 1024

interface Line {
  readonly event: string
  readonly audience: { readonly role: string; readonly account: string }
}

/** Lines that were added to a growing file since the last look. */
const newLines = async (file: FileHandle, state: { at: number; rest: string }): Promise<readonly Line[]> => {
  const buffer = Buffer.alloc(CHUNK)
  const { bytesRead } = await file.read(buffer, 0, CHUNK, state.at)
  state.at += bytesRead
  const parts = (state.rest + buffer.toString('utf8', 0, bytesRead)).split('\n')
  state.rest = parts.pop() ?? ''
  return parts.map((line) => JSON.parse(line) as Line)
}

export const measureEmbeddedWave = async (model: Account, count: number): Promise<EmbeddedWave> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  const settings = newSettings()
  const env = { ...settings.env, HOLDFAST_SWEEP_SECONDS: '1' }
  // An empty service first, so that keys and records belong together.
  await (await startService({ ...settings, env }, folder)).stop()
  const records = await openEmbeddedRecords({ folder: join(folder, 'records') })
  const first = Date.now() + UNTIL_FIRST_MS
  const dueAt = new Map<string, number>()
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => {
      const due = Math.floor(first + ((from + at) * 1000) / count)
      const account = waitingCopy(model, due)
      dueAt.set(account.id, due)
      return account
    })
    await Promise.all(some.map((account) => records.commit(account, { ifRevision: 0 })))
  }
  await records.close()
  const service = await startService({ ...settings, env }, folder)
  const told = new Map<string, number>()
  const file = await open(join(folder, 'notices.jsonl'), 'a+')
  try {
    if (Date.now() > first) throw new Error('Too slow to write all of them before they fall due.')
    const state = { at: 0, rest: '' }
    while (told.size < count && Date.now() < first + GIVEN_UP_MS) {
      for (const { event, audience } of await newLines(file, state))
        if (event === 'recovery-releasable' && audience.role === 'owner' && !told.has(audience.account))
          told.set(audience.account, Date.now())
      await pause(LOOK_EVERY_MS)
    }
    return {
      count,
      drainedMs: told.size < count ? Infinity : Math.max(...told.values()) - first,
      early: [...told].filter(([account, at]) => at < (dueAt.get(account) ?? 0)).length,
    }
  } finally {
    await file.close()
    await service.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
