/**
 * The form that every language's words have. One file per language; test/notify/texts.test.ts holds them together.
 *
 * {app}: the app's name. {wait}, {cool}: a duration from the record's own policy. {until}: when the wait is over. {at}: when it
 * happened. {count}: how many. A sentence is left out where its record says nothing for one of these. Words hurry nobody.
 */
import type { Advice, ContactSubject, OwnerSubject } from '../subjects.ts'

/** A title, which also stands as a line of a digest, and sentences that follow it. */
export type Words = readonly [title: string, ...sentences: string[]]

export interface Texts {
  /** BCP 47. */
  readonly language: string
  readonly dir: 'ltr' | 'rtl'
  readonly owner: Readonly<Record<OwnerSubject, Words>>
  readonly contact: Readonly<Record<ContactSubject, Words>>
  readonly advice: Readonly<Record<Advice, readonly string[]>>
  /** Where several things are told in one. */
  readonly digest: Readonly<Record<'owner' | 'contact', string>>
  /** A digest had no room for everything. */
  readonly more: string
  readonly happened: string
  /** What nobody will ever ask for. */
  readonly never: string
  /** Why this was sent. */
  readonly why: string
  /** Labels of the one link. */
  readonly link: Readonly<Record<'stop' | 'app', string>>
}
