/**
 * What the store holds, read past the service.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from 'mongoose'
import type { Account, LogEntry, Recovery } from '../../src/domain/account.ts'

export interface Rows {
  /** As stored now. Waits where the store is away. */
  account(id: string): Promise<Account>
  /** All lines of its log, those that are on their way there included, in order. */
  log(id: string): Promise<readonly LogEntry[]>
  recovery(account: string, id: string): Promise<Recovery>
}

const AGAIN_MS = 100
const GIVE_UP_MS = 60_000

interface AccountDocument {
  readonly _id: string
  readonly document: Account
  readonly leaving?: readonly LogEntry[]
}
interface LogDocument {
  readonly _id: string
  readonly account: string
  readonly sequence: number
  readonly entry: LogEntry
}

const patiently = async <T>(read: () => Promise<T>): Promise<T> => {
  for (const until = Date.now() + GIVE_UP_MS; ; await pause(AGAIN_MS)) {
    try {
      return await read()
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}

export const readRows = (connection: Connection): Rows => {
  const accounts = connection.collection<AccountDocument>('accounts')
  const lines = connection.collection<LogDocument>('log')
  const rowOf = async (id: string): Promise<AccountDocument> => {
    const row = await accounts.findOne({ _id: id })
    if (row === null) throw new Error('An account that was acknowledged is not in the store.')
    return row
  }
  const rows: Rows = {
    account: (id) => patiently(async () => (await rowOf(id)).document),
    log: (id) =>
      patiently(async () => {
        const { leaving = [], document } = await rowOf(id)
        const kept = await lines.find({ account: id }).toArray()
        const found = [...kept.map(({ entry }) => entry), ...leaving, ...document.outbox.entries]
        const known = new Map(found.map((entry) => [JSON.stringify(entry), entry]))
        return [...known.values()].toSorted((a, b) => a.sequence - b.sequence)
      }),
    async recovery(account, id) {
      const found = (await rows.account(account)).recoveries.find(({ recovery }) => recovery === id)
      if (found === undefined) throw new Error('A request that was acknowledged is not in the store.')
      return found
    },
  }
  return rows
}
