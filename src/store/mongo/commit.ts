/**
 * The one conditional write. Every condition stands in its filter, and the server judges time by its own clock in that
 * very write.
 */
import { indexOf } from '../../domain/account-index.ts'
import type { Account, LogEntry } from '../../domain/account.ts'
import type { CommitConditions, CommitOutcome } from '../../use-cases/ports.ts'
import { copiesOf, putBlobs, takeBack } from './blobs.ts'
import { finishForgetting } from './forget.ts'
import { STORE_NOW, instantOf } from './instants.ts'
import { settleLog } from './log.ts'
import type { AccountRow, Collections } from './schemas.ts'
import { isDuplicate } from './store-error.ts'

/** As `commit` in ports.ts. */
export const commitAccount = async (
  collections: Collections,
  next: Account,
  conditions: CommitConditions,
): Promise<CommitOutcome> => {
  const { ifRevision, blobs = [], entries = [] } = conditions
  const [notBefore, notAfter] = [
    instantOf(conditions.notBefore ?? -Infinity),
    instantOf(conditions.notAfter ?? Infinity),
  ]
  const copies = copiesOf(next.id, ifRevision + 1, blobs)
  const change = changeOf({ ...next, revision: ifRevision + 1 }, entries)
  const inTime = { $and: [{ $gte: [STORE_NOW, notBefore] }, { $lt: [STORE_NOW, notAfter] }] }

  await putBlobs(collections, copies)
  if (ifRevision === 0) {
    const anyTime = notBefore <= 0 && notAfter === Infinity
    const leaving = change.$push?.leaving.$each ?? []
    const row: AccountRow = { _id: next.id, ...change.$set, leaving }
    if (await insertFirst(collections, anyTime ? row : { _id: next.id, revision: 0 }))
      if (anyTime) return settled(collections, next.id, leaving)
  }
  const written = await collections.accounts
    .findOneAndUpdate({ _id: next.id, revision: ifRevision, $expr: inTime }, change, {
      projection: { leaving: 1 },
      returnDocument: 'after',
    })
    .lean()
  if (written === null) {
    await takeBack(collections, copies)
    // What stood in the way may be what a crash left of an account that was being forgotten.
    if (ifRevision === 0) await finishForgetting(collections, next.id)
    return refusalOf(collections, next.id, conditions)
  }
  return settled(collections, next.id, entries.length > 0 ? (written.leaving ?? []) : [])
}

/** The commit stands whether or not this succeeds: see the note in log.ts. */
const settled = async (
  collections: Collections,
  account: string,
  leaving: readonly LogEntry[],
): Promise<CommitOutcome> => {
  await settleLog(collections, account, leaving).catch(() => undefined)
  return 'committed'
}

/** Plain JSON: what the embedded engine would give back, and nothing that BSON has and JSON has not. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const changeOf = (document: Account, entries: readonly LogEntry[]) => {
  const { dueAt, unrelayed, contacts, offers } = indexOf(document)
  const { revision } = document
  return {
    $set: {
      revision,
      document: asJson(document),
      ...(dueAt === null ? {} : { dueAt: instantOf(dueAt) }),
      ...(unrelayed ? { unrelayed: true as const } : {}),
      ...(contacts.length === 0 ? {} : { contacts }),
      ...(offers.length === 0 ? {} : { offers }),
    },
    // Absent rather than null, so that the sparse indexes hold only what is looked for.
    $unset: {
      ...(dueAt === null ? { dueAt: 1 as const } : {}),
      ...(unrelayed ? {} : { unrelayed: 1 as const }),
      ...(contacts.length === 0 ? { contacts: 1 as const } : {}),
      ...(offers.length === 0 ? { offers: 1 as const } : {}),
    },
    ...(entries.length === 0 ? {} : { $push: { leaving: { $each: asJson(entries) } } }),
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

/** Why the write matched nothing. Revisions only grow: one that still stands was not what refused it. */
const refusalOf = async (
  { accounts }: Collections,
  account: string,
  { ifRevision, notBefore = -Infinity, notAfter = Infinity }: CommitConditions,
): Promise<CommitOutcome> => {
  const [row] = await accounts.aggregate<{ revision: number; now: number }>([
    { $match: { _id: account } },
    { $project: { revision: 1, now: STORE_NOW } },
  ])
  if ((row?.revision ?? 0) !== ifRevision || row === undefined) return 'moved'
  // Neither any more: what was early at the write has come since.
  return row.now >= notAfter && row.now >= notBefore ? 'late' : 'early'
}
