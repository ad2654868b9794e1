/**
 * Which keys a part of a backup needs that this configuration has not, so that it is known before anything is changed: whatever is
 * sealed names its key, and nothing need be opened.
 */
import { readLines } from '../store/backup/folder.ts'
import { sealedIn, type BackupPart } from '../store/backup/lines.ts'
import type { KeyRing } from '../store/key-ring.ts'

export interface MissingKeys {
  /** Values that could not be opened. */
  readonly values: number
  /** Names of the keys that have sealed them. */
  readonly names: readonly string[]
}

const WHAT: Readonly<Record<BackupPart, string>> = {
  records: 'statements of where people want to be told',
  keys: 'keys of release factors',
}

/** Throws BackupUnusable as `readLines` does. */
export const missingKeys = async (folder: string, part: BackupPart, ring: KeyRing): Promise<MissingKeys> => {
  const names = new Set<string>()
  let values = 0
  for await (const line of readLines(folder, part))
    for (const sealed of sealedIn(line)) {
      const name = ring.missingFor(sealed)
      if (name === null) continue
      values += 1
      names.add(name)
    }
  return { values, names: [...names] }
}

/** Why such a part is not restored, and what to do: for BackupUnusable. */
export const whyMissing = (part: BackupPart, { values, names }: MissingKeys): string =>
  `${values} ${WHAT[part]} in it are sealed with a key that this configuration has not (${names.join(', ')}). Add it at the end of ` +
  'HOLDFAST_AT_REST_KEYS for the restore and for the services, and take it away again only once npm run rotate-keys says so. Where it ' +
  'is lost for good, add --despite-missing-keys: what it has sealed then stays closed'
