/**
 * The stop page's words: the same in every language, and in the languages that mails come in.
 */
import { describe, expect, it } from 'vitest'
import { LANGUAGES as NOTICE_LANGUAGES } from '../../src/notify/texts/languages.ts'
import { readLink } from '../../src/web/stop/link.ts'
import { LANGUAGES, wordsFor } from '../../src/web/stop/words/languages.ts'
import { en } from '../../src/web/stop/words/en.ts'
import { URGENCY } from '../support/urgency.ts'

const textsIn = (value: unknown, path: string): readonly (readonly [string, string])[] =>
  typeof value === 'string'
    ? [[path, value]]
    : Object.entries(value as object).flatMap(([key, inner]) => textsIn(inner, `${path}.${key}`))
const english = new Map(textsIn(en, 'words'))
const placesIn = (text: string): readonly string[] => (text.match(/\{\w*\}/g) ?? []).toSorted()

it('the page speaks every language that notices come in', () => {
  const tags = (list: readonly { readonly language: string; readonly dir: string }[]) =>
    list.map(({ language, dir }) => `${language} ${dir}`)
  expect(tags(LANGUAGES)).toEqual(tags(NOTICE_LANGUAGES))
})

describe.each(LANGUAGES.map((words) => [words.language, words] as const))(
  'the page in %s',
  (language, words) => {
    const own = new Map(textsIn(words, 'words'))
    it('says all there is to say, of bearable length, and hurries nobody', () => {
      expect([...own.keys()].toSorted()).toEqual([...english.keys()].toSorted())
      for (const [path, text] of own) {
        expect(placesIn(text), path).toEqual(placesIn(english.get(path) ?? ''))
        expect(text.length, path).toBeLessThanOrEqual(260)
        expect(text, path).not.toMatch(URGENCY[language] ?? /^/)
        expect(text, path).not.toMatch(/[<>!]/)
        if (language !== 'en' && path !== 'words.dir') expect(text, path).not.toBe(english.get(path))
      }
    })
  },
)

describe('a wish for a language', () => {
  it('is met by the first one that there is', () => {
    expect(wordsFor(['xx', 'pt-PT', 'de']).language).toBe('pt-BR')
    expect(wordsFor(['xx']).language).toBe('en')
    expect(wordsFor([]).language).toBe('en')
  })
})

describe('a link', () => {
  const [account, recovery] = ['a'.repeat(22), 'b'.repeat(22)]
  it('names an account and a request, and nothing else', () => {
    expect(readLink(`#${account}.${recovery}`)).toEqual({ account, recovery })
    for (const text of [
      '',
      '#',
      `#${account}`,
      `#${account}.`,
      `#${account}.${recovery}x`,
      `#<b>.${recovery}`,
    ])
      expect(readLink(text)).toBeNull()
  })
})
