/**
 * Tells the story on a terminal, or line by line where there is none.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { WriteStream } from 'node:tty'
import { printable, remaining, wrap } from './wording.ts'

/** Where it is told. On anything but a terminal: no colours, no line that is written twice, no pauses. */
export type Screen = Pick<NodeJS.WriteStream, 'write'> &
  Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>

const INDENT = '     '
const WIDEST = 80
/** A pause for the eye after each thing that happened, on a terminal only. */
const BEAT_MS = 60

type Tone = 'strong' | 'dim' | 'good' | 'bad'
const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  strong: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  bad: [31, 39],
}

export class Narrator {
  readonly #screen: Screen
  readonly #width: number
  readonly #colours: boolean
  readonly #live: boolean
  readonly #beatMs: number
  #chapter = 0
  #muted = false

  /** `unhurried`: with pauses, where it is a terminal. */
  constructor(screen: Screen, unhurried: boolean) {
    this.#screen = screen
    this.#live = screen.isTTY === true
    this.#beatMs = this.#live && unhurried ? BEAT_MS : 0
    // hasColors knows NO_COLOR and terminals that have none.
    this.#colours = this.#live && screen.hasColors?.() === true
    this.#width = Math.max(40, Math.min(WIDEST, (this.#live && screen.columns) || WIDEST))
  }

  title(name: string, about: string): void {
    this.line(`\n  ${this.#tint(name, 'strong')}`)
    for (const line of wrap(about, this.#width - 2)) this.line(`  ${line}`)
  }

  chapter(title: string): void {
    this.#chapter += 1
    this.line(`\n${String(this.#chapter).padStart(3)}  ${this.#tint(title, 'strong')}`)
  }

  /** A paragraph. */
  say(text: string): Promise<void> {
    return this.#paragraph('', text)
  }

  /** Something went as it should. */
  good(text: string): Promise<void> {
    return this.#paragraph('✓ ', text, 'good')
  }

  /** Something to take seriously. */
  bad(text: string): Promise<void> {
    return this.#paragraph('! ', text, 'bad')
  }

  /** In small print. */
  aside(text: string): Promise<void> {
    return this.#paragraph('', text, undefined, 'dim')
  }

  /** Who says or does it, and what; each line as it stands. */
  async row(who: string, lines: readonly string[]): Promise<void> {
    for (const [index, line] of lines.entries())
      this.line(`${INDENT}${this.#tint((index === 0 ? who : '').padEnd(8), 'strong')}${line}`)
    await sleep(this.#beatMs)
  }

  /** Time that a chapter took. */
  took(ms: number): void {
    this.line(INDENT + this.#tint(`${(ms / 1000).toFixed(2)} s`, 'dim'))
  }

  line(text: string): void {
    this.#write(`${text}\n`)
  }

  /** The story is over: what still comes from somewhere is not told. */
  mute(): void {
    this.#muted = true
  }

  /**
   * Counts down to `endsAt` (Unix ms, this machine's clock) in one line that changes, until told to stop. Elsewhere than on a
   * terminal it says once how long it will be. `name`: of the period.
   */
  countdown(name: string, endsAt: number): () => void {
    const text = (): string => {
      const ms = endsAt - Date.now()
      return `${INDENT}${name} ${ms > 0 ? `ends in ${remaining(ms)}` : 'is over.'}`
    }
    if (!this.#live) {
      this.line(text())
      return () => undefined
    }
    const show = (): void =>
      this.#write(
        `\r${text()
          .slice(0, this.#width - 1)
          .padEnd(this.#width - 1)}`,
      )
    show()
    const timer = setInterval(show, 100)
    return () => {
      clearInterval(timer)
      show()
      this.#write('\n')
    }
  }

  async #paragraph(mark: string, text: string, tone?: Tone, body?: Tone): Promise<void> {
    const lines = wrap(printable(text), this.#width - INDENT.length - mark.length)
    const hanging = ' '.repeat(mark.length)
    for (const [index, line] of lines.entries())
      this.line(INDENT + (index === 0 ? this.#tint(mark, tone) : hanging) + this.#tint(line, body))
    await sleep(this.#beatMs)
  }

  #write(text: string): void {
    if (!this.#muted) this.#screen.write(text)
  }

  #tint(text: string, tone: Tone | undefined): string {
    if (!this.#colours || tone === undefined || text === '') return text
    const [on, off] = CODES[tone]
    return `\u001B[${on}m${text}\u001B[${off}m`
  }
}
