/**
 * Claims and remembered answers: what is kept until an instant of the server's clock and then no longer counts.
 */
import { createHash } from 'node:crypto'
import type { Model } from 'mongoose'
import { STORE_NOW, dateOf } from './instants.ts'
import type { KeptRow } from './schemas.ts'
import { isDuplicate } from './store-error.ts'

/** How often a row may vanish between two looks at it: MongoDB deletes expired ones when it likes. */
const TRIES = 3

const idOf = (key: string): string => createHash('sha256').update(key).digest('base64url')

const HAS_EXPIRED = { $lte: [{ $toLong: '$expiresAt' }, STORE_NOW] }

/** True if nothing that still counts was kept under this key before. The unique `_id` lets one of many at once win. */
export const keepFirst = async (
  model: Model<KeptRow>,
  key: string,
  expiresAt: number,
  value?: string,
): Promise<boolean> => {
  const _id = idOf(key)
  const fields = { expiresAt: dateOf(expiresAt), ...(value === undefined ? {} : { value }) }
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      await model.insertMany([{ _id, ...fields }], { lean: true })
      return true
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
    // One write again: of two that both see it expired, the second finds the first one's new end.
    const { matchedCount } = await model.updateOne({ _id, $expr: HAS_EXPIRED }, { $set: fields })
    if (matchedCount === 1) return true
    if ((await model.exists({ _id })) !== null) return false
  }
  return false
}

export const recallKept = async (model: Model<KeptRow>, key: string): Promise<string | null> => {
  const [found] = await model.aggregate<{ value?: string; expired: boolean }>([
    { $match: { _id: idOf(key) } },
    { $project: { value: 1, expired: HAS_EXPIRED } },
  ])
  return found === undefined || found.expired ? null : (found.value ?? null)
}
