/**
 * Seals everything anew that another key has sealed than the one that seals now, while the service runs. Safe to stop at any
 * moment, to repeat, and to run in several processes at once: what is sealed already is only looked at.
 */
import type { Account } from '../domain/account.ts'
import { changed, unchanged } from '../domain/decision.ts'
import { transact } from './transact.ts'
import type { Deps } from './use-cases.ts'

/** Accounts read in one step, between which others are let through. */
const STEP = 50
/** What others seal under an older key while this goes on is found by going round again. */
const ROUNDS = 3

export interface ResealDeps extends Pick<Deps, 'records' | 'keyStore' | 'jobs' | 'settings'> {
  /** The very same account where nothing in it is stale. */
  readonly resealed: (account: Account) => Account
  /** How much in it another key has sealed than the one that seals now. */
  readonly staleIn: (account: Account) => number
}

/** What another key has sealed than the one that seals now. */
export interface ResealLeft {
  /** Sealed so while this went on, or keys of accounts that the records do not know. */
  readonly stale: number
  /** In documents, and no key here opens it. */
  readonly unreadable: number
}

export interface ResealFigures {
  /** Accounts looked at in this round. */
  readonly accounts: number
  /** Keys and documents sealed anew so far. */
  readonly resealed: number
}

export interface ResealOptions {
  /** Told after each step. */
  readonly onStep?: (figures: ResealFigures) => void
  /** Waited for after each step. False: stop here. */
  readonly goOn?: () => Promise<boolean>
}

/** What is left when it ends. Where that is nothing, it was noted. Null where it was stopped. */
export const resealAll = async (
  deps: ResealDeps,
  { onStep = () => undefined, goOn = async () => true }: ResealOptions = {},
): Promise<ResealLeft | null> => {
  let resealed = 0
  for (let round = 1; ; round += 1) {
    let [accounts, after]: [number, string | null] = [0, null]
    let [found, unreadable] = [0, 0]
    for (;;) {
      const ids: readonly string[] = await deps.records.accounts(after, STEP)
      for (const id of ids) {
        const document = await resealDocument(deps, id)
        found += (await deps.keyStore.reseal(id)) + document.resealed
        unreadable += document.unreadable
      }
      accounts += ids.length
      onStep({ accounts, resealed: resealed + found })
      after = ids.at(-1) ?? null
      if (after === null) break
      if (!(await goOn())) return null
    }
    resealed += found
    const stale = await deps.keyStore.stale()
    // Documents are known to be done only by a round that found all of them so. What cannot be opened, no further round opens.
    if (stale === 0 && found === 0) {
      if (unreadable === 0) await deps.keyStore.noteResealed()
      return { stale, unreadable }
    }
    if (round === ROUNDS) return { stale: Math.max(stale, found), unreadable }
  }
}

/** `resealed`: 1 if it was sealed anew. As any other change, so that what time or a restore brings comes with it. */
const resealDocument = async (
  deps: ResealDeps,
  id: string,
): Promise<{ readonly resealed: number; readonly unreadable: number }> => {
  const { value, account } = await transact(deps, { account: id }, (before) => {
    const next = deps.resealed(before)
    return next === before ? unchanged(0) : changed(next, 1)
  })
  return { resealed: value, unreadable: deps.staleIn(account) }
}
