/**
 * "Stop this recovery": opened from the owner's mail. Opening it changes nothing, since mail scanners open links too; it asks
 * once more, and signs with the key of this device or with the printed veto key. The key never leaves the page.
 */
import { createClient, indexedDbStorage, memoryStorage, owner } from '@holdfast/client'
import { element } from './element.ts'
import { readLink } from './link.ts'
import { afterLook, afterRefusal, afterVeto, askFor, resultOf, type Means, type State } from './state.ts'
import { drawn, type Actions, type AppLink } from './view.ts'
import { LANGUAGES, wordsFor } from './words/languages.ts'
import type { Words } from './words/words.ts'

const link = readLink(location.hash)
const { origin: url } = location

const meta = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
const app: AppLink | null = meta('app-url') === '' ? null : { name: meta('app-name'), url: meta('app-url') }

const place = document.querySelector('#place') as HTMLElement
const live = document.querySelector('#live') as HTMLElement
let words: Words = wordsFor(navigator.languages)
let state: State = { at: 'loading' }

/** Where the app runs at this service's own address, its key is here. */
const device = createClient({ url, app: 'stop', storage: indexedDbStorage(), retries: 1 })

const draw = (isNew: boolean): void => {
  document.documentElement.lang = words.language
  document.documentElement.dir = words.dir
  document.title = words.ask.title
  for (const one of document.querySelectorAll('[data-word="never"]')) one.textContent = words.never
  const typed = place.querySelector('textarea')?.value
  place.replaceChildren(...drawn(words, state, actions, app))
  place.dataset['state'] = state.at === 'result' ? state.result : state.at
  const field = place.querySelector('textarea')
  // Another language, or a slip of the finger: nobody should have to type 43 characters again.
  if (field !== null && typed !== undefined) field.value = typed
  live.textContent = state.at === 'sending' ? words.sending : ''
  const isWrong = state.at === 'ask' && state.isWrong
  if (isNew) (isWrong ? field : place.querySelector<HTMLElement>('[tabindex="-1"]'))?.focus()
}

const enter = (next: State): void => {
  // What was typed is gone from the page once it was used.
  if (next.at === 'sending') place.querySelector('textarea')?.remove()
  state = next
  draw(true)
}

const veto = (means: Means, typed: string): Promise<{ outcome: string; until: number | null }> => {
  const { account = '', recovery = '' } = link ?? {}
  if (means === 'device') return owner.veto(device, { recovery })
  const client = createClient({ url, app: 'stop', storage: memoryStorage(), retries: 1 })
  return owner.vetoWithKey(client, { account, recovery, vetoKey: typed })
}

const actions: Actions = {
  stop(means, typed) {
    const before = state
    const isWhole = means === 'device' || /^[\w-]{43}$/.test(typed.replaceAll(/\s/g, ''))
    if (!isWhole && before.at === 'ask') return enter({ ...before, isWrong: true })
    enter({ at: 'sending' })
    veto(means, typed).then(
      (answer) => enter(afterVeto(answer)),
      (error: unknown) => enter(afterRefusal(error, means)),
    )
  },
  leave: () => enter(resultOf('left', null)),
  ask: (means) => enter(askFor(means)),
}

/** Whether this device holds the account's key, and how the request stands. Whatever fails here, the printed key still works. */
const look = async (account: string, recovery: string): Promise<State> => {
  try {
    const view = await owner.status(device)
    const found = view.recoveries.find((one) => one.recovery === recovery)
    if (view.account !== account || found === undefined) return askFor('veto-key')
    return afterLook(found.state, found.releasableAt, found.overridden)
  } catch {
    return askFor('veto-key')
  }
}

const choice = document.querySelector('#language') as HTMLSelectElement
choice.append(
  ...LANGUAGES.map(({ language, name }) => element('option', { value: language, lang: language }, name)),
)
const labelChoice = (): void => {
  choice.value = words.language
  choice.setAttribute('aria-label', words.chooseLanguage)
}
choice.addEventListener('change', () => {
  words = wordsFor([choice.value])
  labelChoice()
  draw(false)
})
choice.hidden = false
labelChoice()

if (link === null) enter(resultOf('broken'))
else {
  draw(false)
  void look(link.account, link.recovery).then(enter)
}
// The same page, opened from another mail.
addEventListener('hashchange', () => location.reload())
