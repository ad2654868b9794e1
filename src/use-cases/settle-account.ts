/**
 * Writes down what time alone has brought: for wake-up jobs and the sweep. Running late, early, twice or never changes nothing
 * that anybody is told, since every other use case settles the account it reads before it decides.
 */
import { indexOf } from '../domain/account-index.ts'
import { isSpent } from '../domain/accounts.ts'
import { changed, unchanged } from '../domain/decision.ts'
import { readSettled, transact } from './transact.ts'
import { inTurn } from './turns.ts'
import type { Deps } from './use-cases.ts'

export type SettleAccountDeps = Pick<Deps, 'records' | 'keyStore' | 'jobs' | 'settings'>

type Outcome = 'spent' | 'as it was' | 'changed'

/** Throws HoldfastError `busy` or what the store throws. */
export const settleAccount =
  (deps: SettleAccountDeps) =>
  async (account: string): Promise<void> => {
    const {
      account: settled,
      now,
      value,
    } = await transact<Outcome>(deps, { account }, (due, at, stored) => {
      if (stored.revision > 0 && isSpent(due, at)) return unchanged('spent')
      return due === stored ? unchanged('as it was') : changed(due, 'changed')
    })
    if (value === 'spent') await forget(deps, account)
    const { dueAt } = indexOf(settled)
    // What is overdue and yet did not happen waits for somebody, not for time: only the sweep asks again.
    if (value === 'as it was' && dueAt !== null && dueAt > now) deps.jobs.wake(account, dueAt)
  }

/**
 * Forgets an account that nobody registered once its last decoy is over; whoever asks for it then is answered as before. In the
 * place of writing that down: afterwards nothing would fall due, and nobody come to forget it. `moved` by another process: that
 * one, or the next sweep, looks again.
 */
const forget = (deps: SettleAccountDeps, id: string): Promise<void> =>
  inTurn(deps.records, id, async () => {
    const { account, stored, now } = await readSettled(deps, { account: id })
    if (isSpent(account, now)) await deps.records.forget(id, stored.revision)
  })
