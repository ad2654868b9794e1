/**
 * Which languages the page speaks, and which one a browser asks for.
 */
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { it } from './it.ts'
import { ptBr } from './pt-br.ts'
import { tr } from './tr.ts'
import type { Words } from './words.ts'

export const LANGUAGES: readonly Words[] = [en, de, es, fr, it, ptBr, tr, ar]

const primary = (tag: string): string => tag.toLowerCase().split('-')[0] ?? ''

/** The first wish that can be met, else English. `wishes`: BCP 47, as navigator.languages. */
export const wordsFor = (wishes: readonly string[]): Words => {
  for (const wish of wishes) {
    const found = LANGUAGES.find(({ language }) => primary(language) === primary(wish))
    if (found !== undefined) return found
  }
  return en
}
