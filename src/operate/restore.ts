/**
 * `npm run restore`: puts a backup back, where no service runs. Everything is verified before anything is changed.
 */
import { Opened } from '../opened.ts'
import { developmentKey } from '../data-folder.ts'
import { deriveKeys } from '../service-keys.ts'
import { BackupUnusable, readLines, verifyBackup, type Manifest } from '../store/backup/folder.ts'
import type { BackupPart, CheckLine, KeyLine, RecordLine } from '../store/backup/lines.ts'
import { opensCheck } from '../store/embedded/restore.ts'
import type { KeyRing } from '../store/key-ring.ts'
import { openRing } from '../stores.ts'
import { readArguments } from './arguments.ts'
import { EXIT, configure, end, say } from './command.ts'
import { missingKeys, whyMissing } from './missing-keys.ts'
import { openTarget, type Target } from './restore-target.ts'

const USAGE = `Usage: npm run restore -- --records-from FOLDER [--keys-from FOLDER] [--replace] [--despite-missing-keys]

Stop every service first. Restore the records alone where the keys are still there: an older copy of the keys would bring back what
was erased. --replace puts records in the place of those that are there, and keys beside those that are there. --despite-missing-keys restores what is sealed with a key that is lost for good.`

const args = readArguments(process.argv.slice(2), {
  paths: ['--records-from', '--keys-from'],
  flags: ['--replace', '--despite-missing-keys'],
  usage: USAGE,
})
const [recordsFrom, keysFrom] = [args.path('--records-from'), args.path('--keys-from')]
if (recordsFrom === null && keysFrom === null) end(USAGE, EXIT.usage)

/** The check stands first in every backup of keys. */
const verifyKeys = async (folder: string, ring: KeyRing): Promise<void> => {
  for await (const line of readLines(folder, 'keys')) {
    if ('check' in line && opensCheck(ring, line)) return
    break
  }
  throw new BackupUnusable(
    folder,
    'no key in this configuration has sealed it. Add that one to HOLDFAST_AT_REST_KEYS',
  )
}

/** How many values of a part no key here opens: none, unless whoever restores it knows. */
const verifySeals = async (folder: string | null, part: BackupPart, ring: KeyRing): Promise<number> => {
  if (folder === null) return 0
  const missing = await missingKeys(folder, part, ring)
  if (missing.values > 0 && !args.has('--despite-missing-keys'))
    throw new BackupUnusable(folder, whyMissing(part, missing))
  return missing.values
}

const refuseOccupied = async (target: Target): Promise<void> => {
  const isOccupied =
    (recordsFrom !== null && (await target.holdsRecords())) ||
    (keysFrom !== null && (await target.holdsKeys()))
  if (isOccupied && !args.has('--replace'))
    end(
      'There is something where the backup is to go. To replace it, add --replace. Nothing was changed.',
      EXIT.failed,
    )
  if (keysFrom === null && !(await target.holdsKeys()))
    end(
      'There are no keys to these records. Restore them too, with --keys-from. Nothing was changed.',
      EXIT.failed,
    )
}

const run = async (opened: Opened): Promise<void> => {
  const config = configure([])
  const own = async () => deriveKeys(config.masterKey ?? (await developmentKey(config.dataFolder)))
  const target = await openTarget(config, opened)
  const ring = openRing(config.atRestKeys, (await own()).keyStore)
  const { engine } = target
  const records = recordsFrom === null ? null : await verifyBackup(recordsFrom, 'records', engine)
  const keys = keysFrom === null ? null : await verifyBackup(keysFrom, 'keys', engine)
  if (keysFrom !== null) await verifyKeys(keysFrom, ring)
  const closed = await verifySeals(recordsFrom, 'records', ring)
  await verifySeals(keysFrom, 'keys', ring)
  const isMixed = records !== null && keys !== null && records.set !== keys.set
  if (isMixed)
    say('These parts were taken at different times: circles that changed in between may lack their keys.')
  await refuseOccupied(target)

  // Keys first: records must never lie there without them.
  if (keysFrom !== null && keys !== null) {
    await target.restoreKeys(readLines(keysFrom, 'keys') as AsyncIterable<KeyLine | CheckLine>)
    say(`${keys.lines} lines of keys restored`)
  }
  if (recordsFrom !== null && records !== null) {
    await target.restoreRecords(linesOf(recordsFrom, records))
    say(`${records.lines} lines of records restored`)
  }
  say('Open requests wait anew from the next start of the service, and people are told.')
  if (closed > 0)
    say(
      `Nobody is told where one of ${closed} statements of where people want to be told cannot be opened, until those people state it ` +
        'again: the log names their accounts (destination_unreadable).',
    )
}

const linesOf = (folder: string, { generation }: Manifest) => ({
  generation,
  lines: readLines(folder, 'records') as AsyncIterable<RecordLine>,
})

const opened = new Opened()
try {
  await run(opened)
  await opened.close()
} catch (error) {
  await opened.close().catch(() => undefined)
  end(error instanceof Error ? error.message : 'The restore failed.', EXIT.failed)
}
