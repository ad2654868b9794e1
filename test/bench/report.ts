/**
 * Figures with their targets, and how they are shown: one calm table per section.
 */

/** One figure that is held to a target. */
export interface Line {
  readonly name: string
  /** The name of the line that this one says more about. */
  readonly of?: string
  readonly value: number | null
  readonly unit: string
  /** At most, or at least, this; left out where the figure is only told. */
  readonly target?: { readonly most: number } | { readonly least: number }
  /** What stands beside it. */
  readonly note?: string
}

export interface Section {
  readonly title: string
  /** What was warm, what was compared with what. */
  readonly about: string
  readonly lines: readonly Line[]
}

/** True, false, or null where there is no target or no figure. */
export const isMet = ({ value, target }: Line): boolean | null => {
  if (target === undefined || value === null) return null
  return 'most' in target ? value <= target.most : value >= target.least
}

const digits = (value: number): string => {
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(value >= 10 ? 1 : 2)
}
const shown = (value: number, unit: string): string =>
  // A ratio is read against its target, to the same digits.
  unit === '×' ? `${value.toFixed(2)}×` : `${digits(value)} ${unit}`.trim()

const targetOf = ({ target, unit }: Line): string => {
  if (target === undefined) return ''
  return 'most' in target ? `≤ ${shown(target.most, unit)}` : `≥ ${shown(target.least, unit)}`
}

const VERDICTS = new Map([
  [true, 'ok'],
  [false, 'missed'],
])

/** Columns as wide as their widest cell; all but the first and the last flush right. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 || at === row.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n')
}

export const sectionText = ({ title, about, lines }: Section): string => {
  const rows = lines.map((line) => [
    line.of === undefined ? line.name : `  ${line.name}`,
    line.value === null ? 'not told here' : shown(line.value, line.unit),
    targetOf(line),
    VERDICTS.get(isMet(line) ?? (null as never)) ?? '',
    line.note ?? '',
  ])
  return `${title}\n${about.replaceAll(/^/gm, '  ')}\n\n${table(rows)}\n`
}

/** How many of the targets were met. */
export const tally = (
  sections: readonly Section[],
): { readonly met: number; readonly missed: readonly string[] } => {
  const judged = sections.flatMap(({ title, lines }) =>
    lines.map((line) => ({ title, line, met: isMet(line) })),
  )
  return {
    met: judged.filter(({ met }) => met === true).length,
    missed: judged
      .filter(({ met }) => met === false)
      .map(({ title, line }) => [title, line.of, line.name].filter(Boolean).join(': ')),
  }
}
