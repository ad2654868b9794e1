/**
 * The fields that records are looked up by, derived from the document alone, so that they can never disagree with it.
 */
import { OPEN_STATES } from './account.ts'
import type { Account, AccountIndex, Recovery } from './account.ts'
import { changeDueAt } from './circle-change.ts'
import { isDone } from './journal.ts'
import { forgottenAt } from './recovery-ending.ts'
import { owedNow, tellingInstants } from './told.ts'
import { completableUntil, pullableUntil, releasableAtOf, remindersOf } from './reminders.ts'

const isOpen = (recovery: Recovery): boolean => OPEN_STATES.some((state) => state === recovery.state)

/** Instants at which time alone changes this recovery, or owes its owner a reminder. */
const instantsOfRecovery = (recovery: Recovery): readonly (number | null)[] => {
  switch (recovery.state) {
    case 'collecting':
      return [recovery.expiresAt]
    case 'waiting':
      return [releasableAtOf(recovery), ...remindersOf(recovery).map(({ at }) => at)]
    case 'contested':
      return [recovery.contestedUntil]
    case 'releasable':
      return [pullableUntil(recovery)]
    case 'released':
      return [completableUntil(recovery)]
    default:
      return [forgottenAt(recovery)]
  }
}

const dueAtOf = (account: Account): number | null =>
  [
    changeDueAt(account),
    ...account.recoveries.flatMap(instantsOfRecovery),
    ...tellingInstants(account),
  ].reduce<number | null>(
    (earliest, at) => (at === null ? earliest : earliest === null ? at : Math.min(earliest, at)),
    null,
  )

const contactsOf = ({ circle, recoveries }: Account): readonly string[] => {
  const slots = [...(circle.active?.slots ?? []), ...(circle.pending?.slots ?? [])]
  const holders = slots.filter(({ state }) => state === 'accepted')
  const answers = recoveries.filter(isOpen).flatMap(({ answers }) => answers)
  return [...new Set([...holders, ...answers].map(({ contact }) => contact))].toSorted()
}

/** The newest of each: the pending epoch's before the active one's. */
const offersOf = ({ circle }: Account, contacts: readonly string[]): AccountIndex['offers'] => {
  const offers = [circle.active, circle.pending].flatMap((epoch) =>
    epoch === null ? [] : epoch.slots.map(({ contact }) => [contact, epoch.proposedAt] as const),
  )
  return [...new Map(offers)]
    .filter(([contact]) => !contacts.includes(contact))
    .map(([contact, at]) => ({ contact, at }))
    .toSorted((a, b) => (a.contact < b.contact ? -1 : 1))
}

/** Contacts and offers are sorted and distinct, and nobody is in both. Invitations are never due: an expired one is refused when it is used. */
export const indexOf = (account: Account): AccountIndex => {
  const contacts = contactsOf(account)
  return {
    dueAt: dueAtOf(account),
    unrelayed: !isDone(account.outbox) || owedNow(account).length > 0,
    contacts,
    offers: offersOf(account, contacts),
  }
}
