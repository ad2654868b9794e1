/**
 * Tests that documents name: `test/…` “title”. The file must exist and hold a test of exactly that title.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const REFERENCE = /`(test\/[\w./-]+\.ts)` “([^”]+)”/g
/** A title is the first argument of `it` or `test`, also after `.each(…)` and the like. */
const BEFORE_TITLE = /(?:\b(?:it|test|describe)(?:\.\w+)*|\))\s*\(\s*$/

export const readDocument = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const hasTest = (source: string, title: string): boolean =>
  ["'", '"', '`'].some((quote) => {
    const literal = `${quote}${title}${quote}`
    for (let at = source.indexOf(literal); at >= 0; at = source.indexOf(literal, at + 1))
      if (BEFORE_TITLE.test(source.slice(Math.max(0, at - 200), at))) return true
    return false
  })

/** The tests that a text names, as they stand there. */
export const namedIn = (text: string): readonly { readonly file: string; readonly title: string }[] =>
  [...text.matchAll(REFERENCE)].map(([, file = '', title = '']) => ({ file, title }))

/** Those of them that do not exist, in words. */
export const missingTests = (text: string): readonly string[] =>
  namedIn(text).flatMap(({ file, title }) => {
    if (!existsSync(join(ROOT, file))) return [`${file} does not exist`]
    return hasTest(readDocument(file), title) ? [] : [`${file} has no test “${title}”`]
  })

/** The part of a Markdown document below this heading, to the next one of the same rank. */
export const sectionOf = (document: string, heading: string): string => {
  const from = document.indexOf(`\n${heading}\n`)
  if (from < 0) throw new Error(`There is no heading ${heading}.`)
  const rank = heading.slice(0, heading.indexOf(' ') + 1)
  const body = document.slice(from + heading.length + 2)
  const next = body.search(new RegExp(`^${rank}`, 'm'))
  return next < 0 ? body : body.slice(0, next)
}

/** Cells of a Markdown table's rows, without the head. */
export const rowsOf = (section: string): readonly (readonly string[])[] =>
  section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
