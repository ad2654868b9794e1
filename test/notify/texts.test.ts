/**
 * The words in every language: all there, with the same places to fill in, of bearable length, and hurrying nobody.
 */
import { describe, expect, it } from 'vitest'
import { TELLING_RULES } from '../../src/domain/telling-rules.ts'
import { duration, instant } from '../../src/notify/amounts.ts'
import { html, plainText } from '../../src/notify/mail-layout.ts'
import { messageOf } from '../../src/notify/message.ts'
import { CONTACT_SUBJECTS, OWNER_SUBJECTS } from '../../src/notify/subjects.ts'
import { en } from '../../src/notify/texts/en.ts'
import { LANGUAGES, textsFor } from '../../src/notify/texts/languages.ts'
import { URGENCY } from '../support/urgency.ts'
import { item, telling } from '../support/tellings.ts'

/** Every text under its path. */
const textsIn = (value: unknown, path: string): readonly (readonly [string, string])[] => {
  if (typeof value === 'string') return [[path, value]]
  return Object.entries(value as object).flatMap(([key, inner]) => textsIn(inner, `${path}.${key}`))
}
const placesIn = (text: string): readonly string[] => (text.match(/\{\w*\}/g) ?? []).toSorted()

const english = new Map(textsIn(en, 'texts'))
const PLACES = new Set(['{app}', '{wait}', '{cool}', '{until}', '{at}', '{count}'])

describe.each(LANGUAGES.map((texts) => [texts.language, texts] as const))(
  'the words in %s',
  (language, texts) => {
    const own = new Map(textsIn(texts, 'texts'))

    it('are all there, each with the places to fill in that English has', () => {
      expect([...own.keys()].toSorted()).toEqual([...english.keys()].toSorted())
      for (const [path, text] of own) {
        expect(text.trim(), path).toBe(text)
        expect(text.length, path).toBeGreaterThan(1)
        expect(placesIn(text), path).toEqual(placesIn(english.get(path) ?? ''))
        for (const place of placesIn(text)) expect(PLACES, path).toContain(place)
        expect(text.replaceAll(/\{\w+\}/g, ''), path).not.toMatch(/[{}<>]|\bundefined\b|!|！/)
        expect(text.length, path).toBeLessThanOrEqual(/(owner|contact)\.[a-z-]+\.0$/.test(path) ? 90 : 330)
      }
    })

    it('are translated', () => {
      if (language === 'en') return
      const same = [...own].filter(([path, text]) => path !== 'texts.dir' && english.get(path) === text)
      expect(same).toEqual([])
    })

    it('hurry nobody', () => {
      const words = URGENCY[language]
      expect(words).toBeDefined()
      for (const [path, text] of own) expect(text, path).not.toMatch(words ?? /^/)
    })

    it('make whole messages of everything that can be told', () => {
      const sender = {
        name: 'Example & Co',
        appUrl: 'https://app.example/',
        publicUrl: 'https://holdfast.example',
      }
      const subjects = [
        ...OWNER_SUBJECTS.map((subject) => ['owner', subject] as const),
        ...CONTACT_SUBJECTS.map((subject) => ['contact', subject] as const),
      ]
      for (const [role, subject] of subjects) {
        const isVeto = subject === 'recovery-vetoed'
        const event = (isVeto ? 'recovery-ended' : subject === 'other' ? 'session-started' : subject) as never
        for (const releasableAt of [null, Date.UTC(2026, 11, 2)]) {
          const items = [item({ event, releasableAt, state: isVeto ? 'vetoed' : 'waiting' })]
          const message = messageOf(telling({ language, role, items }), sender)
          expect(message.title).toBe(texts[role][subject as 'other'][0])
          for (const body of [plainText(message), html(message).replace(/<style>[^]*<\/style>/, '')]) {
            // Ids are any letters, these among them.
            expect(body.replaceAll(/stop#[\w.-]+/g, '')).not.toMatch(/[{}]|\bundefined\b|\bnull\b|NaN/)
            expect(body.match(/https:\/\//g)).toHaveLength(1)
            expect(body).toContain(
              plainText(message).includes('Example & Co') && !body.startsWith('<') ? '&' : '&amp;',
            )
          }
          expect(html(message)).toContain(`<html lang="${texts.language}" dir="${texts.dir}">`)
        }
      }
    })

    it('name durations and instants in that language, with their time zone', () => {
      expect(duration(language, 7 * 86_400)).not.toBe('')
      expect(instant(language, Date.UTC(2026, 10, 25, 9, 30))).toMatch(/UTC|غرينتش|GMT/)
      if (language === 'en') return
      expect(duration(language, 7 * 86_400)).not.toBe(duration('en', 7 * 86_400))
      expect(instant(language, 0)).not.toBe(instant('en', 0))
    })
  },
)

it('there are words for everything that the schedule tells', () => {
  const told = (role: 'owner' | 'contact') =>
    Object.entries(TELLING_RULES)
      .filter(([, rule]) => (role === 'owner' ? rule.owner : rule.contact) !== 'never')
      .map(([event]) => event)
  // Its one difference is between this and other ways to end.
  const own = (subjects: readonly string[]) =>
    subjects.filter((name) => name !== 'recovery-vetoed' && name !== 'other').toSorted()
  expect(own(OWNER_SUBJECTS)).toEqual(told('owner').toSorted())
  expect(own(CONTACT_SUBJECTS)).toEqual(told('contact').toSorted())
})

describe('a language', () => {
  it('is found by its tag, by its family, and is English otherwise', () => {
    expect(textsFor('en-GB').language).toBe('en')
    expect(textsFor('xx').language).toBe('en')
    expect(textsFor('').language).toBe('en')
  })
})

describe('a duration', () => {
  it.each([
    [7 * 86_400, '7 days'],
    [86_400, '1 day'],
    [129_600, '1 day, 12 hours'],
    [3661, '1 hour, 1 minute'],
    [5, '5 seconds'],
  ])('of %i s is %s', (seconds, text) => {
    expect(duration('en', seconds)).toBe(text)
  })
})
