/**
 * Bytes that a circle and a recovery take in MongoDB, as BSON counts them, before the engine compresses anything; and the entries
 * that they have in indexes.
 */
import { createConnection, mongo } from 'mongoose'
import type { Account } from '../../src/domain/account.ts'
import type { ScaledSet } from './scaled-set.ts'
import type { Servers } from './servers.ts'

export interface StoredBytes {
  /** Of an account that is registered and has nothing else. */
  readonly account: number
  /** What a circle of five adds: document, sealed shares, payload, log, keys. */
  readonly circle: number
  /** What an open request adds: two comparisons of codes, and no answer yet. */
  readonly recovery: number
  /** Blobs among the above. */
  readonly circleBlobs: number
  readonly recoveryBlobs: number
  /** One entry of an account's log. */
  readonly logEntry: number
  /** One claim, of a challenge or a ticket: deleted within hours. */
  readonly claim: number
}

const bytesOf = (value: object): number => mongo.BSON.calculateObjectSize(value)
const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)

interface BlobRow {
  readonly _id: string
  readonly hash: string
  readonly account: string
}

export const measureBytes = async (servers: Servers, set: ScaledSet): Promise<StoredBytes> => {
  const connection = await createConnection(servers.mongoUrl).asPromise()
  try {
    const records = connection.useDb(set.database)
    const rows = await records
      .collection<{ _id: string; document: Account }>('accounts')
      .find({ revision: { $gt: 0 } })
      .toArray()
    const blobs = await records.collection<BlobRow>('blobs').find().toArray()
    const log = await records.collection<{ _id: string; account: string }>('log').find().limit(500).toArray()
    const keys = await connection.useDb(`${set.database}-keys`).collection('factor_keys').find().toArray()
    const owners = rows.filter(({ document }) => document.circle.active !== null)
    const others = rows.filter(({ document }) => document.circle.active === null)
    const account = mean(others.map(bytesOf))
    const logEntry = mean(log.map(bytesOf))
    const recoveries = owners.map(({ document }) => bytesOf({ recoveries: document.recoveries }))
    const shares = owners.flatMap(({ document }) =>
      document.recoveries.flatMap(({ answers }) => answers.flatMap(({ shareHash }) => shareHash ?? [])),
    )
    const isAnswer = ({ hash }: BlobRow): boolean => shares.some((share) => hash.endsWith(share))
    const perOwner = (some: readonly object[]): number =>
      Math.round(some.reduce((sum, row) => sum + bytesOf(row), 0) / owners.length)
    const recoveryBlobs = perOwner(blobs.filter(isAnswer))
    const circleBlobs = perOwner(blobs.filter((row) => !isAnswer(row)))
    const logBytes = mean(owners.map(({ document }) => document.log.sequence)) * logEntry
    const claims = await records.collection('claims').find().limit(200).toArray()
    return {
      account,
      circle:
        mean(owners.map(bytesOf)) -
        mean(recoveries) -
        account +
        circleBlobs +
        logBytes +
        mean(keys.map(bytesOf)),
      recovery: mean(recoveries) + recoveryBlobs,
      circleBlobs,
      recoveryBlobs,
      logEntry,
      claim: mean(claims.map(bytesOf)),
    }
  } finally {
    await connection.close()
  }
}
