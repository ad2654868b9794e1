/**
 * A telling in words: what a person reads, before it is laid out.
 */
import type { Telling, TellingItem } from '../use-cases/channels.ts'
import { duration, instant } from './amounts.ts'
import { contactAdvice, contactSubject, ownerAdvice, ownerSubject, type Advice } from './subjects.ts'
import { textsFor } from './texts/languages.ts'
import type { Texts, Words } from './texts/texts.ts'

export interface Message {
  readonly language: string
  readonly dir: Texts['dir']
  readonly title: string
  readonly paragraphs: readonly string[]
  /** Of a digest, one line each. */
  readonly items: readonly string[]
  /** The only one there is. */
  readonly link: { readonly label: string; readonly href: string } | null
  /** What follows the link. */
  readonly closing: readonly string[]
}

/** What a message says of the app and the service that it comes from. */
export interface Sender {
  readonly name: string
  /** Where people open the app. */
  readonly appUrl: string | null
  /** Where this service's own pages are. */
  readonly publicUrl: string | null
}

type Values = Readonly<Record<string, string | null>>

/** Null where one of its places has no value. Values are put in as they are and not read again. */
const filled = (text: string, values: Values): string | null => {
  let isWhole = true
  const result = text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? null
    isWhole &&= value !== null
    return value ?? ''
  })
  return isWhole ? result : null
}

const valuesOf = (item: TellingItem, { language }: Texts, { name }: Sender): Values => {
  const { waitingSeconds, coolingSeconds, releasableAt } = item
  return {
    app: name,
    at: instant(language, item.at),
    wait: waitingSeconds === null ? null : duration(language, waitingSeconds),
    cool: coolingSeconds === null ? null : duration(language, coolingSeconds),
    until: releasableAt === null ? null : instant(language, releasableAt),
  }
}

const wordsFor = (texts: Texts, role: Telling['role'], item: TellingItem): Words =>
  role === 'owner' ? texts.owner[ownerSubject(item)] : texts.contact[contactSubject(item)]

const adviceFor = (role: Telling['role'], item: TellingItem, { publicUrl }: Sender): Advice | null =>
  role === 'owner' ? ownerAdvice(item, publicUrl !== null) : contactAdvice(item)

/** The page that stops a request. The fragment stays in the browser: no server, log or referrer sees it. */
const stopPage = (publicUrl: string, { account, recovery }: TellingItem): string =>
  `${publicUrl}/stop#${account}.${recovery}`

const linkFor = (
  { link }: Texts,
  sender: Sender,
  stopped: TellingItem | undefined,
): { readonly label: string; readonly href: string } | null => {
  if (stopped !== undefined && sender.publicUrl !== null)
    return { label: link.stop, href: stopPage(sender.publicUrl, stopped) }
  const label = filled(link.app, { app: sender.name })
  return sender.appUrl === null || label === null ? null : { label, href: sender.appUrl }
}

/** Each advice once, in the order of what it is about. */
const adviceOf = (texts: Texts, telling: Telling, sender: Sender): readonly string[] => {
  const all = telling.items.flatMap((item) => adviceFor(telling.role, item, sender) ?? [])
  return [...new Set(all)].flatMap((advice) => texts.advice[advice])
}

/** The words for one thing that happened, or for several. */
export const messageOf = (telling: Telling, sender: Sender): Message => {
  const { role, items, more } = telling
  const texts = textsFor(telling.language)
  const told = items.map((item) => ({
    item,
    words: wordsFor(texts, role, item),
    values: valuesOf(item, texts, sender),
  }))
  const common: Values = {
    app: sender.name,
    count: new Intl.NumberFormat(texts.language).format(items.length),
  }
  const lines = (list: readonly string[], values: Values): readonly string[] =>
    list.flatMap((text) => filled(text, values) ?? [])
  const [only] = told
  const isOne = told.length === 1 && only !== undefined
  // The last one that can be stopped: its reminder says most.
  const stopped = items.findLast((item) => adviceFor(role, item, sender) === 'stop')
  return {
    language: texts.language,
    dir: texts.dir,
    title: isOne ? only.words[0] : (filled(texts.digest[role], common) ?? ''),
    paragraphs: [
      ...(isOne ? lines([...only.words.slice(1), texts.happened], only.values) : []),
      ...lines(adviceOf(texts, telling, sender), common),
    ],
    items: isOne ? [] : told.map(({ words: [title], values }) => `${title} (${values['at']})`),
    link: linkFor(texts, sender, stopped),
    closing: [...lines([...(more ? [texts.more] : []), texts.never, texts.why], common)],
  }
}
