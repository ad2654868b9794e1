/**
 * Durations and instants in a person's language.
 */
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** The two largest units that it has, for example "1 day, 12 hours". `seconds`: a whole number, at least 1. */
export const duration = (language: string, seconds: number): string => {
  let rest = seconds
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : [{ unit, count }]
  })
  const words = parts
    .slice(0, 2)
    .map(({ unit, count }) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
    )
  return new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(words)
}

/** `at`: Unix ms. The time zone is named, since nobody knows where a mail is read. */
export const instant = (language: string, at: number): string =>
  new Intl.DateTimeFormat(language, {
    calendar: 'gregory',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(at)
