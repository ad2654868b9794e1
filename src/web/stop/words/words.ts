/**
 * The form that the stop page's words have in every language. {until}: an instant. {app}: the app's name.
 */
/** What there can be to say at the end. */
export const RESULTS = [
  'stopped',
  'contested',
  'goesOn',
  'overruled',
  'late',
  'ended',
  'notYours',
  'left',
  'broken',
  'failed',
] as const
export type Result = (typeof RESULTS)[number]

export interface Words {
  /** BCP 47. */
  readonly language: string
  /** The language's own name for itself. */
  readonly name: string
  readonly dir: 'ltr' | 'rtl'
  readonly chooseLanguage: string
  readonly loading: string
  readonly ask: {
    readonly title: string
    readonly what: string
    readonly after: string
    readonly until: string
    readonly byDevice: string
    readonly stop: string
    readonly leave: string
  }
  readonly key: {
    readonly text: string
    readonly label: string
    readonly hint: string
    readonly wrong: string
    readonly stays: string
    /** For whoever has none at hand. */
    readonly without: string
    readonly elsewhere: string
  }
  readonly sending: string
  readonly results: Readonly<Record<Result, readonly [title: string, ...paragraphs: string[]]>>
  /** Of a contest: until when the contacts may state the theft. */
  readonly contestedUntil: string
  /** To sign with the veto key where this device's key is not enough. */
  readonly byKey: string
  readonly again: string
  readonly open: string
  readonly never: string
}
