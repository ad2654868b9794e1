/**
 * Instants in the store's terms. Time is the server's, taken by it inside the write or read that needs it: clocks of our
 * own processes have no say.
 */

/** The server's clock, Unix ms, as an expression. A number, for comparing dates is not the same on every engine. */
export const STORE_NOW = { $toLong: '$$NOW' } as const

/** The end of the year 9999: dates beyond are not understood by every engine. */
const LAST_DATE = 253_402_300_799_999

/** Throws RangeError for NaN, which MongoDB sorts below every number: each `notBefore` would hold. */
export const instantOf = (at: number): number => {
  if (Number.isNaN(at)) throw new RangeError('an instant must be a number')
  return at
}

/** A date, for what MongoDB deletes by itself. Throws RangeError for NaN: such a date would be deleted at once. */
export const dateOf = (at: number): Date =>
  new Date(Math.min(LAST_DATE, Math.max(0, Math.trunc(instantOf(at)))))
