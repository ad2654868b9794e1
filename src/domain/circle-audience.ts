/**
 * Whom a change of a circle concerns.
 */
import type { Account, Epoch, Notice } from './account.ts'
import { toContact } from './journal.ts'

/** The contacts of these epochs, each once; null stands for no epoch. */
export const toContactsOf = (...epochs: readonly (Epoch | null)[]): readonly Notice['audience'][] => {
  const contacts = epochs.flatMap((epoch) => epoch?.slots.map(({ contact }) => contact) ?? [])
  return [...new Set(contacts)].map(toContact)
}

/** The account with some fields of its circle replaced. */
export const withCircle = (account: Account, fields: Partial<Account['circle']>): Account => ({
  ...account,
  circle: { ...account.circle, ...fields },
})
