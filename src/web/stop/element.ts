/**
 * Elements with text and children. Text is only ever text: nothing here is read as markup.
 */
type Child = Node | string | null

export const element = <N extends keyof HTMLElementTagNameMap>(
  name: N,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[N] => {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children.filter((child) => child !== null))
  return made
}

const SVG = 'http://www.w3.org/2000/svg'

/** A line drawing, 24 by 24. Says nothing to a screen reader: the heading beside it does. */
export const drawing = (...paths: readonly string[]): SVGElement => {
  const made = document.createElementNS(SVG, 'svg')
  made.setAttribute('viewBox', '0 0 24 24')
  made.setAttribute('aria-hidden', 'true')
  for (const d of paths) {
    const line = document.createElementNS(SVG, 'path')
    line.setAttribute('d', d)
    made.append(line)
  }
  return made
}
