/**
 * An account whose statements of destinations are sealed by the key that seals now. The very same where they are, or cannot be
 * opened: what is lost already must not stop the others. {@link staleStatements} counts them.
 */
import type { Account } from '../domain/account.ts'
import { reachOf, statementsOf, type Stated, withReach } from '../domain/reach.ts'
import { openStatement, sealStatement } from './destinations-at-rest.ts'
import type { AtRest } from './ports.ts'

export const resealedDestinations =
  (atRest: AtRest) =>
  (account: Account): Account => {
    const { stated, former } = reachOf(account)
    const resealed = (statement: Stated): Stated => {
      if (atRest.isCurrent(statement.sealed)) return statement
      try {
        return {
          ...statement,
          sealed: sealStatement(atRest, account.id, openStatement(atRest, account.id, statement)),
        }
      } catch {
        return statement
      }
    }
    const next = { stated: stated && resealed(stated), former: former.map(resealed) }
    const isSame = next.stated === stated && next.former.every((one, index) => one === former[index])
    return isSame ? account : withReach(account, next)
  }

/** How many of an account's statements another key has sealed than the one that seals now. */
export const staleStatements =
  (atRest: AtRest) =>
  (account: Account): number =>
    statementsOf(account).filter(({ sealed }) => !atRest.isCurrent(sealed)).length
