/** The server's clock, for what is not itself a read or a write of the row that it is about. */
import { HoldfastError } from '@holdfast/client/protocol'
import { STORE_NOW } from './instants.ts'
import type { Collections } from './schemas.ts'

/** Unix ms. From the schema's mark, which every migrated database has: an expression needs a document to be seen from. */
export const nowOf = async ({ marks }: Collections): Promise<number> => {
  const [row] = await marks.aggregate<{ now: number }>([
    { $match: { _id: 'schema' } },
    { $project: { now: STORE_NOW } },
  ])
  if (row === undefined) throw new HoldfastError('unavailable')
  return row.now
}
