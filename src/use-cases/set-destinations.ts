/**
 * Takes an account's statement of where its person wants to be told. PROTOCOL.md, "Notices". A session alone could silence an
 * owner: hence the identity key.
 */
import { type DestinationsBody, readDestinations, type Signed } from '@holdfast/client/protocol'
import type { Account } from '../domain/account.ts'
import { stateDestinations } from '../domain/destinations.ts'
import { reachOf } from '../domain/reach.ts'
import { deviceOf } from './authorise.ts'
import { bodyOf, destinationsOf, lastStatement, sealStatement } from './destinations-at-rest.ts'
import { signingKeyOf } from './signers.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

/** For each destination of `body`, the way that leads there already; null for a new one. */
const knownWays = (account: Account, last: Signed | null, body: DestinationsBody) => {
  const ways = reachOf(account).stated?.ways ?? []
  const before = last === null ? [] : destinationsOf(bodyOf(last)).map((one) => JSON.stringify(one))
  return destinationsOf(body).map((destination) => {
    const known = ways[before.indexOf(JSON.stringify(destination))]
    return { channel: destination.channel, way: known?.gone === false ? known.way : null }
  })
}

export const setDestinations: UseCase<'setDestinations'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { message } = input.body
  const { atRest } = deps
  const { account } = await transact(deps, { account: caller.account, caller }, async (own, now) => {
    const body = await readDestinations(message, signingKeyOf(own))
    const last = lastStatement(atRest, own)
    const statement = {
      body,
      sealed: sealStatement(atRest, own.id, message),
      isRepeat: last?.body === message.body && last.signature === message.signature,
      ways: knownWays(own, last, body),
    }
    return stateDestinations(own, statement, now)
  })
  return { revision: account.revision }
}
