/**
 * When what is due could not be done by anybody, since a part that it needs was away.
 */
export interface Outages {
  /** `what` is away from now on. */
  begin(what: string): void
  end(what: string): void
  /** How much of the time from `from` to `to`, ms of our clock, something was away. */
  msWithin(from: number, to: number): number
}

interface Span {
  readonly from: number
  to: number
}

export const noteOutages = (now: () => number): Outages => {
  const away = new Set<string>()
  /** One after the other, none of them touching; the last is open while something is away. */
  const spans: Span[] = []
  return {
    begin(what) {
      if (away.size === 0) spans.push({ from: now(), to: Infinity })
      away.add(what)
    },
    end(what) {
      if (!away.delete(what) || away.size > 0) return
      const last = spans.at(-1)
      if (last !== undefined) last.to = now()
    },
    msWithin: (from, to) =>
      spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0),
  }
}
