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

/** Throws HoldfastError `busy` or what the store throws. */
export const settleAccount =
  (deps: SettleAccountDeps) =>
  async (account: string): Promise<void> => {
    if (await forgotten(deps, account)) return
    const {
      account: settled,
      now,
      value,
    } = await transact(deps, { account }, (due, _, stored) =>
      due === stored ? unchanged(false) : changed(due, true),
    )
    const { dueAt } = indexOf(settled)
    // What is overdue and yet did not happen waits for somebody, not for time: only the sweep asks again.
    if (!value && dueAt !== null && dueAt > now) deps.jobs.wake(account, dueAt)
  }

/**
 * Forgets an account that nobody registered once its last decoy is over; whoever asks for it then is answered as before. In the
 * place of writing that down: afterwards nothing would fall due, and nobody come to forget it. `moved` by another process: that
 * one, or the next sweep, looks again.
 */
const forgotten = (deps: SettleAccountDeps, id: string): Promise<boolean> =>
  inTurn(deps.records, id, async () => {
    const { account, stored, now } = await readSettled(deps, { account: id })
    if (stored.revision === 0 || !isSpent(account, now)) return false
    return (await deps.records.forget(id, stored.revision)) === 'committed'
  })
