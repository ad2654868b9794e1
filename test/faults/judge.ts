/**
 * Whether a recovery went as it must, whatever happened around it: by the records, and by what the service acknowledged.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { owner } from '@holdfast/client'
import { verifyLog } from '@holdfast/client/protocol'
import type { Account, LogEntry } from '../../src/domain/account.ts'
import { isDone } from '../../src/domain/journal.ts'
import { releasableAtOf } from '../../src/domain/reminders.ts'
import { carryingOn, isOver, type Late, type Played, type Scene, WAITING_MS } from './play.ts'

export const FAULTS = [
  'early',
  'after a veto',
  'lost',
  'twice',
  'not ended',
  'late',
  'broken',
  /** Something that people or operators must be told was not said. */
  'told',
] as const
export type Fault = (typeof FAULTS)[number]

export interface Finding {
  readonly fault: Fault
  readonly what: string
}

export interface Judgement {
  /** False where it is about something else than one recovery. */
  readonly isRecovery: boolean
  readonly findings: readonly Finding[]
  readonly late: Late | null
}

/** One sweep and five seconds. */
export const LATEST_MS = 6_000
const ENDS_WITHIN_MS = 30_000
const LOOK_MS = 50

/** Waits until the request is over and everything that follows from it is done; false if that never comes. */
const ends = async ({ rows }: Scene, { phone }: Played): Promise<boolean> => {
  for (const until = Date.now() + ENDS_WITHIN_MS; Date.now() < until; await pause(LOOK_MS)) {
    const account = await rows.account(phone.account)
    const recovery = account.recoveries.find((one) => one.recovery === phone.recovery)
    if (recovery !== undefined && isOver(recovery) && isDone(account.outbox)) return true
  }
  return false
}

const counted = (entries: readonly LogEntry[], type: string): number =>
  entries.filter((entry) => entry.type === type).length

/** Lines that say the same: a step was taken twice. */
const repeated = (entries: readonly LogEntry[]): readonly string[] => {
  const said = entries.map(({ type, details }) => `${type} ${JSON.stringify(details)}`)
  return said.filter((line, at) => said.indexOf(line) !== at)
}

const isChained = (entries: readonly LogEntry[], { log }: Account): boolean => {
  try {
    const head = verifyLog(entries, null)
    return head?.sequence === log.sequence && head.hash === log.hash
  } catch {
    return false
  }
}

/** How often it may be there: as often as it was acknowledged, and where a whole act was begun anew, as often as that. */
const mostOf = ({ proposals, openings }: Played, type: string, count: number): number => {
  if (type === 'epoch-proposed') return proposals
  return type === 'recovery-opened' || type === 'recovery-ended' ? count + openings - 1 : count
}

export const judge = async (scene: Scene, played: Played): Promise<Judgement> => {
  const { phone, holder, releases, vetoedAt, quorumSentAt, late, acknowledged } = played
  const findings: Finding[] = []
  const find = (fault: Fault, what: string): void => void findings.push({ fault, what })

  if (!(await ends(scene, played))) find('not ended', `${ENDS_WITHIN_MS} ms after the last step`)
  const account = await scene.rows.account(phone.account)
  const recovery = await scene.rows.recovery(phone.account, phone.recovery)
  const entries = await scene.rows.log(phone.account)

  const [first] = releases
  if (first !== undefined && (quorumSentAt === null || first < quorumSentAt + WAITING_MS))
    find('early', `acknowledged ${first - (quorumSentAt ?? 0)} ms after the quorum was sent`)
  const { releasedAt } = recovery
  if (releasedAt !== null && releasedAt < (releasableAtOf(recovery) ?? Infinity))
    find('early', 'by the record')

  const hasReleased = releasedAt !== null || counted(entries, 'recovery-released') > 0
  if (vetoedAt !== null && (hasReleased || releases.length > 0)) find('after a veto', 'released')
  if (vetoedAt !== null && recovery.state !== 'vetoed') find('after a veto', `it is ${recovery.state}`)

  for (const [type, count] of acknowledged)
    if (counted(entries, type) < count) find('lost', `${type}: ${counted(entries, type)} of ${count}`)
  if (played.isWhole === false) find('lost', 'what came back is not what was protected')
  for (const [type, count] of acknowledged) {
    const most = mostOf(played, type, count)
    if (counted(entries, type) > most) find('twice', `${type}: ${counted(entries, type)} for ${most}`)
  }
  for (const line of repeated(entries)) find('twice', line)

  if (!isChained(entries, account)) find('broken', 'the log in the store')
  const reader = played.isWhole === null ? holder : phone
  // From the first line, whatever this device has seen of it.
  await reader.storage.delete('log')
  const seen = await carryingOn(() => owner.readLog(reader.client)).catch((error: unknown) => String(error))
  if (typeof seen === 'string') find('broken', `the log as it is shown: ${seen}`)
  else if (seen.length < entries.length) find('lost', 'lines of the log that nobody is shown')

  if (late !== null && late.withOutagesMs < 0)
    find('early', `known ${-late.withOutagesMs} ms before it was due`)
  if (late !== null && late.ms > LATEST_MS)
    find('late', `${late.ms} ms, and ${late.withOutagesMs - late.ms} ms in which nobody could work`)
  return { isRecovery: true, findings, late }
}
