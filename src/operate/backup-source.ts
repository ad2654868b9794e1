/** What is backed up, of whichever engine. */
import type { DataPaths } from '../data-folder.ts'
import type { BackupEngine } from '../store/backup/folder.ts'
import type { CheckLine, KeyLine, RecordLine } from '../store/backup/lines.ts'
import { copyRecords, keyLines } from '../store/embedded/backup.ts'

export interface Source {
  readonly engine: BackupEngine
  /** As they were when it was opened. */
  readonly records: { readonly generation: number; readonly lines: AsyncIterable<RecordLine> }
  /** As they are when this is called: after the records were read. */
  keys(): AsyncIterable<KeyLine | CheckLine>
  close(): Promise<void>
}

export const openSource = async (mongoUrl: string | null, paths: DataPaths): Promise<Source> => {
  if (mongoUrl !== null) {
    const { copyMongo } = await import('../store/mongo/backup.ts')
    return { engine: 'mongodb', ...(await copyMongo(mongoUrl)) }
  }
  const copy = await copyRecords(paths.records)
  return { engine: 'embedded', records: copy, keys: () => keyLines(paths.keys), close: () => copy.close() }
}
