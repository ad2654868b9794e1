/**
 * Notices that records were restored from a backup, as the data folder's guard does: a number that only grows stands in the records
 * and beside the keys, which are never restored. Here any number of processes raise it at once.
 *
 * [Note: Any number may raise it] Each raises the number in the records to one above what it knows stands beside the keys, and only
 * then that one; neither is ever lowered. So at every moment the records are equal or one ahead, whoever stops where. Two reads are no
 * moment: the records are read before and after, and one of the comparisons then holds for records that ran here.
 */
import type { Connection } from 'mongoose'
import { restarted } from '../../domain/restart.ts'
import { RecordsMissing } from '../embedded/restore-guard.ts'
import { forgetResealed, type KeyModels } from './key-rows.ts'
import { nowOf } from './now.ts'
import type { Collections } from './schemas.ts'
import { isDuplicate, orStoreError } from './store-error.ts'

/** What happened less than this before a backup and its restore is not noticed by the number. */
const EVERY_MS = 30_000
const AT_ONCE = 200
/** By how much waking raises a revision. Counting anew from a backup, an account must not come by one that was read before. */
const REVISIONS = 1_000_000

/** Thrown at boot: a restore was broken off after it had decided. */
export class RestoreUnfinished extends Error {
  override readonly name = 'RestoreUnfinished'
  constructor(database: string) {
    super(`A restore of the database "${database}" has not finished. Run it again before the service.`)
  }
}

export interface MongoGuard {
  /** Whether this process found the records to come from a backup. */
  readonly restored: boolean
  /** When that was last found, by any process; null if never. Store's clock, Unix ms. */
  restoredAt(): number | null
  close(): Promise<void>
}

interface Numbers {
  readonly before: number
  readonly beside: number
  readonly after: number
}

/** Whether records that ran here can have been read so. */
export const fits = ({ before, beside, after }: Numbers): boolean => before <= beside + 1 && beside <= after

interface Options {
  readonly connection: Connection
  readonly collections: Collections
  readonly keys: KeyModels
  readonly everyMs?: number
}

/** One that somebody else put there in the same moment is as good. */
const raised = (
  model: { updateOne: Collections['marks']['updateOne'] },
  _id: string,
  to: number,
): Promise<unknown> =>
  model.updateOne({ _id }, { $max: { version: to } }, { upsert: true }).catch((error: unknown) => {
    if (!isDuplicate(error)) throw error
    return model.updateOne({ _id }, { $max: { version: to } })
  })

/**
 * Lets everything that starts anew fall due at `restoredAt`: else nobody would look at a releasable request until its time is over.
 * Under a new revision, so that whoever has read one before, and knows of no restore, writes nothing over it. Gives how many were
 * written by somebody else meanwhile, and are to be looked at again: `isAgain`, which leaves what another process has woken, or the
 * two would keep each other busy for ever.
 */
const wakeAll = async ({ accounts }: Collections, restoredAt: number, isAgain: boolean): Promise<number> => {
  let missed = 0
  let due: { readonly _id: string; readonly revision: number }[] = []
  const write = async (): Promise<void> => {
    const rows = due
    due = []
    if (rows.length === 0) return
    const { matchedCount } = await accounts.bulkWrite(
      rows.map((filter) => ({
        updateOne: {
          filter,
          update: {
            $set: { dueAt: restoredAt },
            $inc: { revision: REVISIONS, 'document.revision': REVISIONS },
          },
        },
      })),
      { ordered: false },
    )
    missed += rows.length - matchedCount
  }
  for await (const { _id, revision, dueAt, document } of accounts.find({}).lean().cursor()) {
    if (document === undefined || restarted(document, restoredAt) === document) continue
    if (isAgain && dueAt === restoredAt) continue
    due.push({ _id, revision })
    if (due.length === AT_ONCE) await write()
  }
  await write()
  return missed
}

const numberIn = async ({ marks }: Collections): Promise<number> =>
  (await marks.findOne({ _id: 'generation' }).lean())?.version ?? 0

/** 0 where no process has ever run on these records. Throws HoldfastError `unavailable`. */
export const generationOf = (collections: Collections): Promise<number> =>
  orStoreError(() => numberIn(collections))

/** Compares, marks what was restored before anybody reads it, and raises the number from there on. */
export const openMongoGuard = async (options: Options): Promise<MongoGuard> => {
  const { connection, collections, keys, everyMs = EVERY_MS } = options
  const { marks } = collections
  const read = async (): Promise<Numbers> => {
    const before = await numberIn(collections)
    const beside = (await keys.numbers.findOne({ _id: 'generation' }).lean())?.version ?? 0
    return { before, beside, after: await numberIn(collections) }
  }
  let restoredAt: number | null = null
  let wokenFor: number | null = null
  let isRunning = false
  const learn = async (): Promise<number | null> =>
    (restoredAt = (await marks.findOne({ _id: 'restored' }).lean())?.version ?? null)
  /** Learns of it first: what this process reads from then on, it reads knowing it. */
  const wake = async (): Promise<void> => {
    for (let isAgain = false; ; isAgain = true) {
      const at = await learn()
      if (at !== null && (await wakeAll(collections, at, isAgain)) > 0) continue
      wokenFor = at
      return
    }
  }

  /** Whether the records turned out to be restored. Throws where that cannot be found out, or not be marked. */
  const look = async (): Promise<boolean> => {
    const numbers = await read()
    const isRestored = !fits(numbers)
    const { beside } = numbers
    if (isRestored) {
      await forgetResealed(keys)
      await raised(marks, 'restored', await nowOf(collections))
      await wake()
    }
    const next = isRestored ? Math.max(numbers.after, beside) + 1 : beside + 1
    await raised(marks, 'generation', next)
    await raised(keys.numbers as never, 'generation', next)
    // Read after the comparison: whoever marked them before has raised the number after that.
    await learn()
    // Until now it may have written, in ignorance, over what was woken by whoever marked them.
    if (isRunning && restoredAt !== wokenFor) await wake()
    wokenFor = restoredAt
    return isRestored
  }

  if ((await orStoreError(() => marks.exists({ _id: 'restoring' }))) !== null)
    throw new RestoreUnfinished(connection.name)
  const first = await orStoreError(read)
  if (first.after === 0 && first.beside > 0)
    throw new RecordsMissing(`the database "${connection.name}-keys"`)
  const restored = await orStoreError(look)
  isRunning = true
  let looking: Promise<unknown> = Promise.resolve()
  const lookNext = (): Promise<unknown> => {
    // What fails now, the next look finds: the numbers still fit, or still do not.
    looking = looking.then(look).catch(() => undefined)
    return looking
  }
  const timer = setInterval(() => void lookNext(), everyMs)
  timer.unref()
  return {
    restored,
    restoredAt: () => restoredAt,
    async close() {
      clearInterval(timer)
      await lookNext()
    },
  }
}
