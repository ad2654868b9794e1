/** Back-off as the model has it: worked out from the list of vetoes whenever it is asked for. */
interface Vetoed {
  readonly rules: { readonly backOff: number }
  readonly strikes: readonly { readonly at: number; readonly subject: string; readonly byKey: boolean }[]
}

const hour = 3_600_000
const day = 24 * hour

/** When the short hold for thefts ends: begun by a veto without the key, and not again for a day. */
export const shortHold = ({ strikes, rules }: Vetoed): number => {
  let until: number | null = null
  for (const { at } of strikes.filter(({ byKey }) => !byKey))
    if (until === null || at >= until + 23 * hour) until = at + Math.min(hour, rules.backOff)
  return until ?? 0
}

/** Until when nobody, or nobody with this subject, may open a request: by all vetoes, or those by the key alone. */
export const closedUntil = (model: Vetoed, subject: string | null, keyOnly = false): number => {
  const [first, most] = subject === null ? [model.rules.backOff, day] : [model.rules.backOff * 4, 30 * day]
  const counted = model.strikes.filter(
    (strike) => (subject === null || strike.subject === subject) && (strike.byKey || !keyOnly),
  )
  return Math.max(0, ...counted.map(({ at }, index) => at + Math.min(most, first * 2 ** index)))
}
