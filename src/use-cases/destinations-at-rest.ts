/**
 * Statements of destinations, sealed: what the records hold of them, and what they mean.
 */
import {
  type DestinationsBody,
  type Signed,
  destinationsBody,
  parseBody,
  signed,
  utf8,
} from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import { reachOf, type Stated } from '../domain/reach.ts'
import type { Destination } from './channels.ts'
import type { AtRest } from './ports.ts'

/** A statement's seal opens in its own account alone. */
const placeOf = (account: string): string => `destinations ${account}`

export const sealStatement = (atRest: AtRest, account: string, { body, signature }: Signed): string =>
  atRest.seal(placeOf(account), utf8(JSON.stringify({ body, signature })))

/** Throws HoldfastError `internal` if it was not sealed here for this account. */
export const openStatement = (atRest: AtRest, account: string, { sealed }: Stated): Signed => {
  const text = new TextDecoder().decode(atRest.open(placeOf(account), sealed))
  return signed.parse(JSON.parse(text))
}

/** The last statement; null if there is none, or it cannot be opened any more: that must keep nobody from making the next. */
export const lastStatement = (atRest: AtRest, account: Account): Signed | null => {
  const { stated } = reachOf(account)
  try {
    return stated && openStatement(atRest, account.id, stated)
  } catch {
    return null
  }
}

/** A statement's destinations, in the order of {@link Stated.ways}. */
export const destinationsOf = ({ mail, push, webhook }: DestinationsBody): readonly Destination[] => [
  ...(mail === null ? [] : [{ channel: 'mail', address: mail } as const]),
  ...push.map((subscription) => ({ channel: 'push', ...subscription }) as const),
  ...(webhook ? [{ channel: 'webhook' } as const] : []),
]

/** A statement that was verified when it was taken. */
export const bodyOf = (statement: Signed): DestinationsBody => parseBody(statement.body, destinationsBody)
