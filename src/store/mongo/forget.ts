/**
 * Forgetting an account.
 *
 * [Note: First no account, then no log] One conditional write makes the row no account to any reader; only then do its log entries
 * go, and the row last. Were the row gone first, a crash could leave entries that a new account of that id would take for its own.
 */
import { FORGETTING } from './schemas.ts'
import type { Collections } from './schemas.ts'

/** Does the rest for a row that somebody began to forget, perhaps before a crash; nothing for any other. */
export const finishForgetting = async ({ accounts, log }: Collections, account: string): Promise<void> => {
  const row = await accounts.findOne({ _id: account }, { revision: 1 }).lean()
  if (row?.revision !== FORGETTING) return
  await log.deleteMany({ account })
  await accounts.deleteOne({ _id: account, revision: FORGETTING })
}

/** As `forget` in ports.ts. */
export const forgetAccount = async (
  collections: Collections,
  account: string,
  ifRevision: number,
): Promise<'committed' | 'moved'> => {
  // 0 is a place that is held, and no account.
  if (ifRevision <= 0) return 'moved'
  const { matchedCount } = await collections.accounts.updateOne(
    { _id: account, revision: ifRevision },
    {
      $set: { revision: FORGETTING },
      $unset: { document: 1, dueAt: 1, unrelayed: 1, contacts: 1, offers: 1, leaving: 1 },
    },
  )
  if (matchedCount === 0) return 'moved'
  await finishForgetting(collections, account)
  return 'committed'
}
