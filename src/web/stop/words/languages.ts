/**
 * Which languages the page speaks, and which one a browser asks for.
 */
import { en } from './en.ts'
import type { Words } from './words.ts'

export const LANGUAGES: readonly Words[] = [en]

const primary = (tag: string): string => tag.toLowerCase().split('-')[0] ?? ''

/** The first wish that can be met, else English. `wishes`: BCP 47, as navigator.languages. */
export const wordsFor = (wishes: readonly string[]): Words => {
  for (const wish of wishes) {
    const found = LANGUAGES.find(({ language }) => primary(language) === primary(wish))
    if (found !== undefined) return found
  }
  return en
}
