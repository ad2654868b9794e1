/**
 * Texts and periods as they go onto lines.
 */

/** Lines of at most `width` characters, broken at spaces; a longer word stays whole. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && longer.length > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** Whole seconds in words: `3 s`, `2 min 5 s`, `72 h`. */
export const period = (seconds: number): string => {
  const total = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  const parts = [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`, rest > 0 && `${rest} s`]
  return parts.filter(Boolean).join(' ') || '0 s'
}

/** What is left, in tenths at the end. */
export const remaining = (ms: number): string =>
  ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : period(Math.ceil(ms / 1000))

/** Without what a terminal would take for a command: texts name files of whoever watches. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?')
