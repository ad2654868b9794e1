/** Shows an account's person where they are told, and what became of each notice; of their circle's contacts the states alone. */
import type { Account } from '../domain/account.ts'
import { indexOf } from '../domain/account-index.ts'
import { noticesOf, toldAbout } from '../domain/present-notices.ts'
import { reachOf } from '../domain/reach.ts'
import { CHANNEL_NAMES } from '@holdfast/client/protocol'
import { deviceOf } from './authorise.ts'
import { lastStatement } from './destinations-at-rest.ts'
import { readSettled } from './transact.ts'
import type { Deps, UseCase } from './use-cases.ts'

/** Contacts who hold a share by their own will: whoever merely names somebody learns nothing about them. */
const contactsOf = async (
  { records }: Pick<Deps, 'records'>,
  owner: Account,
): Promise<readonly Account[]> => {
  const loaded = await records.loadAll(indexOf(owner).contacts)
  return loaded.flatMap(({ account }) => (account.app === owner.app ? [account] : []))
}

export const readNotices: UseCase<'readNotices'> = async (deps, input) => {
  const caller = deviceOf(input.caller)
  const { account, now } = await readSettled(deps, { account: caller.account, caller })
  const { stated } = reachOf(account)
  const { channels, atRest } = deps
  const offered = channels.offered(account.app)
  return {
    now,
    sequence: stated?.sequence ?? 0,
    statement: lastStatement(atRest, account),
    offered: CHANNEL_NAMES.filter((name) => offered.has(name)),
    pushKey: channels.pushKey,
    notices: noticesOf(account),
    contacts: (await contactsOf(deps, account)).map((contact) => toldAbout(contact, account)),
  }
}
