/**
 * Draws the page's state. Everything that a person can do is handed in.
 */
import { drawing, element } from './element.ts'
import type { Means, State } from './state.ts'
import type { Result, Words } from './words/words.ts'

export interface Actions {
  /** `typed`: the veto key, where it is what signs. */
  stop(means: Means, typed: string): void
  leave(): void
  ask(means: Means): void
}

/** The app that this service is for, where it is for one. */
export interface AppLink {
  readonly name: string
  readonly url: string
}

const SHIELD = 'M12 3 5 5.5v5.6c0 4.4 2.9 8 7 9.9 4.1-1.9 7-5.5 7-9.9V5.5Z'
const CHECK = 'm8.8 12 2.3 2.3 4.3-4.6'
const PAUSE = 'M10 9.5v5M14 9.5v5'
const DOTS = 'M12 8.6v4.2M12 15.6v.1'
const MARKS: Partial<Record<Result, string>> = { stopped: CHECK, contested: PAUSE, ended: CHECK, left: CHECK }

const whenIn = (language: string, at: number): string =>
  new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at)

const paragraph = (text: string, className = ''): HTMLElement =>
  element('p', className === '' ? {} : { class: className }, text)

const button = (label: string, className: string, onClick: () => void): HTMLButtonElement => {
  const made = element('button', { type: 'button', class: className }, label)
  made.addEventListener('click', onClick)
  return made
}

const head = (mark: string, title: string): readonly Node[] => [
  element('div', { class: 'mark' }, drawing(SHIELD, mark)),
  // Focus goes here with every new state, so that it is read out.
  element('h1', { tabindex: '-1' }, title),
]

const openApp = ({ open }: Words, app: AppLink | null): Node | null =>
  app === null
    ? null
    : element('a', { class: 'secondary', href: app.url, rel: 'noreferrer' }, open.replace('{app}', app.name))

const keyField = ({ key }: Words, isWrong: boolean): readonly Node[] => [
  element('label', { for: 'key' }, key.label),
  element('textarea', {
    id: 'key',
    rows: '3',
    dir: 'ltr',
    maxlength: '200',
    autocomplete: 'off',
    autocapitalize: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
    'aria-describedby': isWrong ? 'wrong hint' : 'hint',
    ...(isWrong ? { 'aria-invalid': 'true' } : {}),
  }),
  ...(isWrong ? [element('p', { id: 'wrong', class: 'wrong' }, key.wrong)] : []),
  element('p', { id: 'hint', class: 'hint' }, `${key.hint} ${key.stays}`),
]

const asking = (
  words: Words,
  { means, releasableAt, isWrong }: Extract<State, { at: 'ask' }>,
  actions: Actions,
  app: AppLink | null,
): readonly Node[] => {
  const { ask, key, language } = words
  const isTyped = means === 'veto-key'
  const form = element(
    'form',
    { novalidate: '' },
    ...(isTyped ? keyField(words, isWrong) : []),
    element(
      'div',
      { class: 'actions' },
      element('button', { type: 'submit', class: 'primary' }, ask.stop),
      button(ask.leave, 'secondary', actions.leave),
    ),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const field = form.querySelector('textarea')
    const typed = field?.value ?? ''
    actions.stop(means, typed)
  })
  const without = element(
    'details',
    {},
    element('summary', {}, key.without),
    paragraph(key.elsewhere),
    openApp(words, app),
  )
  return [
    ...head(PAUSE, ask.title),
    paragraph(ask.what),
    paragraph(ask.after),
    ...(releasableAt === null
      ? []
      : [paragraph(ask.until.replace('{until}', whenIn(language, releasableAt)), 'when')]),
    paragraph(isTyped ? key.text : ask.byDevice),
    form,
    ...(isTyped ? [without] : []),
  ]
}

const ended = (
  words: Words,
  { result, until, askAgain }: Extract<State, { at: 'result' }>,
  actions: Actions,
  app: AppLink | null,
): readonly Node[] => {
  const [title, ...paragraphs] = words.results[result]
  const isSame = result === 'failed' || result === 'notYours'
  return [
    ...head(MARKS[result] ?? DOTS, title),
    ...paragraphs.map((text) => paragraph(text)),
    ...(until === null
      ? []
      : [paragraph(words.contestedUntil.replace('{until}', whenIn(words.language, until)), 'when')]),
    element(
      'div',
      { class: 'actions' },
      askAgain === null
        ? null
        : button(isSame ? words.again : words.byKey, 'primary', () => actions.ask(askAgain)),
      openApp(words, app),
    ),
  ]
}

/** What stands in the page for a state. */
export const drawn = (words: Words, state: State, actions: Actions, app: AppLink | null): readonly Node[] => {
  if (state.at === 'ask') return asking(words, state, actions, app)
  if (state.at === 'result') return ended(words, state, actions, app)
  const text = state.at === 'loading' ? words.loading : words.sending
  return [
    element('div', { class: 'mark waits' }, drawing(SHIELD)),
    element('h1', { tabindex: '-1' }, words.ask.title),
    paragraph(text),
  ]
}
