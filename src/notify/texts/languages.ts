/**
 * Which languages there are words in.
 */
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { it } from './it.ts'
import { ptBr } from './pt-br.ts'
import { tr } from './tr.ts'
import type { Texts } from './texts.ts'

export const LANGUAGES: readonly Texts[] = [en, de, es, fr, it, ptBr, tr, ar]

const primary = (tag: string): string => tag.toLowerCase().split('-')[0] ?? ''

/** The words for a BCP 47 tag: of that very language, else of its family, else English. */
export const textsFor = (language: string): Texts =>
  LANGUAGES.find((texts) => texts.language.toLowerCase() === language.toLowerCase()) ??
  LANGUAGES.find((texts) => primary(texts.language) === primary(language)) ??
  en
