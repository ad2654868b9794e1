/**
 * What a backup consists of: one JSON object per line, the same for both engines. Ciphertexts and keys stay sealed as they lie in
 * the store.
 */
import type { Account, LogEntry } from '../../domain/account.ts'
import { statementsOf } from '../../domain/reach.ts'

export type RecordLine =
  | { readonly account: Account }
  /** `bytes`: base64. MongoDB also keeps whose it is, and the revision that brought it. */
  | { readonly blob: string; readonly bytes: string; readonly owner?: string; readonly revision?: number }
  | { readonly log: string; readonly entry: LogEntry }
  /** Numbers that the engine keeps about its records. */
  | { readonly mark: string; readonly value: number }

/** Of one account. */
export interface KeyLine {
  /** What the store finds it by: the account, or in a folder its hash. */
  readonly keys: string
  readonly highWater: number
  readonly sealed: readonly (readonly [epoch: number, sealed: string])[]
  readonly ended: readonly string[]
}

/** What shows which key has sealed the others. */
export interface CheckLine {
  readonly check: string
}

export type BackupLine = RecordLine | KeyLine | CheckLine
export type BackupPart = 'records' | 'keys'

const has = (line: object, name: string, kind: 'string' | 'number' | 'object'): boolean =>
  typeof Reflect.get(line, name) === kind && Reflect.get(line, name) !== null

const isRecordLine = (line: object): boolean =>
  (has(line, 'account', 'object') && has(Reflect.get(line, 'account') as object, 'id', 'string')) ||
  (has(line, 'blob', 'string') && has(line, 'bytes', 'string')) ||
  (has(line, 'log', 'string') && has(line, 'entry', 'object')) ||
  (has(line, 'mark', 'string') && has(line, 'value', 'number'))

const isKeyLine = (line: object): boolean =>
  has(line, 'check', 'string') ||
  (has(line, 'keys', 'string') &&
    has(line, 'highWater', 'number') &&
    Array.isArray(Reflect.get(line, 'sealed')) &&
    Array.isArray(Reflect.get(line, 'ended')))

/** Null for anything but a line of that part. What is inside was ours when it was written, and the hash shows that it still is. */
export const parseLine = (part: BackupPart, text: string): BackupLine | null => {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof line !== 'object' || line === null) return null
  const isOurs = part === 'records' ? isRecordLine(line) : isKeyLine(line)
  return isOurs ? (line as BackupLine) : null
}

/** What of a line is sealed at rest. */
export const sealedIn = (line: BackupLine): readonly string[] => {
  if ('account' in line) return statementsOf(line.account).map(({ sealed }) => sealed)
  if ('sealed' in line) return line.sealed.map(([, sealed]) => sealed)
  return 'check' in line ? [line.check] : []
}
