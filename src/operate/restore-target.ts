/** Where a backup is restored to, of whichever engine. */
import type { Config } from '../config.ts'
import { dataPaths } from '../data-folder.ts'
import type { Opened } from '../opened.ts'
import type { BackupEngine } from '../store/backup/folder.ts'
import type { CheckLine, KeyLine, RecordLine } from '../store/backup/lines.ts'
import { lockFolder } from '../store/embedded/lock.ts'
import {
  finishRestore,
  holdsKeys,
  holdsRecords,
  restoreKeys,
  restoreRecords,
} from '../store/embedded/restore.ts'

export interface RecordsBackup {
  readonly generation: number
  readonly lines: AsyncIterable<RecordLine>
}

export interface Target {
  readonly engine: BackupEngine
  holdsRecords(): Promise<boolean>
  holdsKeys(): Promise<boolean>
  /** All or nothing. They are noticed as restored at the next start. */
  restoreRecords(backup: RecordsBackup): Promise<void>
  /** Beside those that are there; repeated after a crash it does the rest. */
  restoreKeys(lines: AsyncIterable<KeyLine | CheckLine>): Promise<void>
}

/** Throws FolderInUse while a service runs on the folder. */
export const openTarget = async (config: Config, opened: Opened): Promise<Target> => {
  if (config.mongoUrl !== null) {
    const { openMongoTarget } = await import('../store/mongo/restore.ts')
    const target = await openMongoTarget(config.mongoUrl)
    opened.push(() => target.close())
    return { engine: 'mongodb', ...target }
  }
  const paths = dataPaths(config.dataFolder)
  const lock = await lockFolder(config.dataFolder)
  opened.push(() => lock.release())
  await finishRestore(paths.records)
  return {
    engine: 'embedded',
    holdsRecords: () => holdsRecords(paths.records),
    holdsKeys: () => holdsKeys(paths.keys),
    restoreRecords: (backup) => restoreRecords(paths, backup),
    restoreKeys: (lines) => restoreKeys(paths.keys, lines),
  }
}
