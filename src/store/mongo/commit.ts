/**
 * The one conditional write: of this revision in its filter, of time in its own expression, where the server judges by its own
 * clock. Whatever does not hold leaves the row as it is.
 */
import { indexOf } from '../../domain/account-index.ts'
import type { Account, LogEntry } from '../../domain/account.ts'
import type { CommitConditions, CommitOutcome } from '../../use-cases/ports.ts'
import { copiesOf, putBlobs, takeBack } from './blobs.ts'
import { finishForgetting } from './forget.ts'
import { STORE_NOW, instantOf } from './instants.ts'
import { settleLog } from './log.ts'
import { nowOf } from './now.ts'
import type { AccountRow, Collections } from './schemas.ts'
import { isDuplicate } from './store-error.ts'

/** As `commit` in ports.ts. */
export const commitAccount = async (
  collections: Collections,
  next: Account,
  conditions: CommitConditions,
): Promise<CommitOutcome> => {
  const { ifRevision, blobs = [], entries = [] } = conditions
  const notBefore = instantOf(conditions.notBefore ?? -Infinity)
  const notAfter = instantOf(conditions.notAfter ?? Infinity)
  const copies = copiesOf(next.id, ifRevision + 1, blobs)
  const row = rowOf({ ...next, revision: ifRevision + 1 })
  const leaving = asJson(entries)

  await putBlobs(collections, copies)
  if (ifRevision === 0) {
    const anyTime = notBefore <= 0 && notAfter === Infinity
    if (await insertFirst(collections, anyTime ? { ...row, leaving } : { _id: next.id, revision: 0 }))
      if (anyTime) return settled(collections, next.id, leaving)
  }
  const inTime = { $and: [{ $gte: [STORE_NOW, notBefore] }, { $lt: [STORE_NOW, notAfter] }] }
  // Absent rather than null is what does not apply any more, so that the sparse indexes hold only what is looked for.
  const written = {
    $mergeObjects: [
      { $literal: row },
      { leaving: { $concatArrays: [{ $ifNull: ['$leaving', []] }, { $literal: leaving }] } },
    ],
  }
  const { matchedCount, modifiedCount } = await collections.accounts.updateOne(
    { _id: next.id, revision: ifRevision },
    [{ $replaceWith: { $cond: [inTime, written, '$$ROOT'] } }],
    { updatePipeline: true },
  )
  if (modifiedCount === 1) return settled(collections, next.id, leaving)
  await takeBack(collections, copies)
  if (matchedCount === 1) return untimelyOf(collections, conditions)
  // What stood in the way may be what a crash left of an account that was being forgotten.
  if (ifRevision === 0) await finishForgetting(collections, next.id)
  return 'moved'
}

/** The commit stands whether or not this succeeds: see the note in log.ts. */
const settled = async (
  collections: Collections,
  account: string,
  entries: readonly LogEntry[],
): Promise<CommitOutcome> => {
  if (entries.length > 0) await settleLog(collections, account, entries).catch(() => undefined)
  return 'committed'
}

/** Plain JSON: what the embedded engine would give back, and nothing that BSON has and JSON has not. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** What is stored of a document, with the fields that it is found by. */
export const rowOf = (document: Account): AccountRow => {
  const { dueAt, unrelayed, contacts, offers } = indexOf(document)
  return {
    _id: document.id,
    revision: document.revision,
    document: asJson(document),
    ...(dueAt === null ? {} : { dueAt: instantOf(dueAt) }),
    ...(unrelayed ? { unrelayed: true as const } : {}),
    ...(contacts.length === 0 ? {} : { contacts }),
    ...(offers.length === 0 ? {} : { offers }),
  }
}

/**
 * The row of an account's first commit, or one of revision 0, which is no account to any reader: an insert cannot carry a
 * condition on the server's clock, so where there is one, the place is held and the same conditional write as ever follows.
 * False if a row was there already; the conditional write then decides.
 */
const insertFirst = async ({ accounts }: Collections, row: AccountRow): Promise<boolean> => {
  try {
    await accounts.insertMany([row], { lean: true })
    return true
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
}

/** Why a write that found its revision changed nothing. */
const untimelyOf = async (
  collections: Collections,
  { notBefore = -Infinity, notAfter = Infinity }: CommitConditions,
): Promise<CommitOutcome> => {
  const now = await nowOf(collections)
  // Neither any more: what was early at the write has come since.
  return now >= notAfter && now >= notBefore ? 'late' : 'early'
}
