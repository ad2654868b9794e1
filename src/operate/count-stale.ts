/**
 * What in a data folder another key has sealed than the one that seals now, counted beside the service that has the folder: whatever
 * was noted there may have been noted of other records.
 */
import type { DataPaths } from '../data-folder.ts'
import { copyRecords, keyLines } from '../store/embedded/backup.ts'
import { sealedIn } from '../store/backup/lines.ts'
import { atRestOf, type KeyRing } from '../store/key-ring.ts'
import type { ResealLeft } from '../use-cases/reseal-all.ts'
import { resealedDestinations, staleStatements } from '../use-cases/reseal-destinations.ts'

/** Throws what `copyRecords` throws. */
export const countStale = async (
  paths: Pick<DataPaths, 'records' | 'keys'>,
  ring: KeyRing,
): Promise<ResealLeft> => {
  const atRest = atRestOf(ring)
  const [staleIn, resealed] = [staleStatements(atRest), resealedDestinations(atRest)]
  let [stale, unreadable] = [0, 0]
  const copy = await copyRecords(paths.records)
  try {
    for await (const account of copy.accounts()) {
      // What would still be so once it was sealed anew cannot be.
      const closed = staleIn(resealed(account))
      unreadable += closed
      stale += staleIn(account) - closed
    }
  } finally {
    await copy.close()
  }
  for await (const line of keyLines(paths.keys))
    stale += sealedIn(line).filter((sealed) => !ring.isCurrent(sealed)).length
  return { stale, unreadable }
}
