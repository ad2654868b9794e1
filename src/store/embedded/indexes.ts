/**
 * Index tables of the documents. A head says which entries stand for a document, so that they are found again even where
 * a later version derives others.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { indexOf } from '../../domain/account-index.ts'
import type { Account } from '../../domain/account.ts'
import { PRESENT } from './databases.ts'
import type { Databases, Head } from './databases.ts'

/** Keys read in one go; what comes after waits for the next turn of the event loop. */
const CHUNK = 1_000

/** Null for an account never stored. */
export const readHead = ({ heads }: Databases, account: string): Head | null => {
  const text = heads.get(account)
  return text === undefined ? null : (JSON.parse(text) as Head)
}

export const headOf = (account: Account): Head => ({ revision: account.revision, ...indexOf(account) })

/** Call inside a write transaction. Replaces one head and its entries by another. */
export const replaceHead = (
  databases: Databases,
  account: string,
  before: Head | null,
  after: Head,
): void => {
  const { heads, due, unrelayed, contacts, offers } = databases
  if (before !== null && before.dueAt !== null) void due.remove([before.dueAt, account])
  if (after.dueAt !== null) void due.put([after.dueAt, account], PRESENT)
  if (before?.unrelayed === true && !after.unrelayed) void unrelayed.remove(account)
  if (after.unrelayed) void unrelayed.put(account, PRESENT)
  for (const contact of before?.contacts ?? []) {
    if (!after.contacts.includes(contact)) void contacts.remove([contact, account])
  }
  for (const contact of after.contacts) {
    if (before?.contacts.includes(contact) !== true) void contacts.put([contact, account], PRESENT)
  }
  for (const { contact, at } of before?.offers ?? []) void offers.remove([contact, -at, account])
  for (const { contact, at } of after.offers) void offers.put([contact, -at, account], PRESENT)
  void heads.put(account, JSON.stringify(after))
}

/** Call inside a write transaction. Removes a head and its entries. */
export const removeHead = (databases: Databases, account: string, before: Head): void => {
  replaceHead(databases, account, before, {
    revision: 0,
    dueAt: null,
    unrelayed: false,
    contacts: [],
    offers: [],
  })
  void databases.heads.remove(account)
}

/** Owners that offer `contact` a share, the newest proposal first. */
export const offersTo = ({ offers }: Databases, contact: string, limit: number): readonly string[] => {
  const range = { start: [contact, -Infinity, ''], end: [contact, Infinity, ''], limit }
  return [...offers.getKeys(range as never)].map(([, , owner]) => owner)
}

/** Owners whose share `contact` holds, or whose open request it answered, sorted; any number of them. */
export const ownersWith = async ({ contacts }: Databases, contact: string): Promise<readonly string[]> => {
  const owners: string[] = []
  let last: [string, string] = [contact, '']
  for (;;) {
    const keys = [...contacts.getKeys({ start: last, exclusiveStart: true, limit: CHUNK })]
    const own = keys.filter(([key]) => key === contact)
    owners.push(...own.map(([, owner]) => owner))
    const next = own.at(-1)
    if (next === undefined || own.length < CHUNK) return owners
    last = next
    await nextTurn()
  }
}
