/**
 * Reads settings one by one and collects what is wrong with them, so that all of it can be said at once.
 */
import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import type { Bounds } from './use-cases/ports.ts'

/** Thrown with every mistake, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

export const YEAR_SECONDS = 366 * 24 * 3600

export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max)

export interface Setting<T> {
  readonly schema: z.ZodType<T, string>
  /** What a valid value looks like, completing "NAME must be …". */
  readonly form: string
}
export const setting = <T>(schema: z.ZodType<T, string>, form: string): Setting<T> => ({ schema, form })
export const seconds = (min: number, max: number): Setting<number> =>
  setting(whole(min, max), `a whole number of seconds from ${min} to ${max}`)
export const count = (min: number, max: number): Setting<number> =>
  setting(whole(min, max), `a whole number from ${min} to ${max}`)

/** Read for the project's own tests, or by other programs; not settings of the service. */
const FOREIGN = new Set(['HOLDFAST_TEST_ALL', 'HOLDFAST_TEST_ENGINE', 'HOLDFAST_OUTCOMES_FILE'])
const WITH_FILE = [
  'HOLDFAST_MASTER_KEY',
  'HOLDFAST_AT_REST_KEYS',
  'HOLDFAST_APPS',
  'HOLDFAST_SMTP_URL',
  'MONGODB_URL',
  'REDIS_URL',
] as const

/** Whose files hold a secret of the service's own. */
const SECRET = new Set(['HOLDFAST_MASTER_KEY', 'HOLDFAST_AT_REST_KEYS', 'HOLDFAST_SMTP_URL'])
const READ_BY_OTHERS = 0o007

export class ConfigReader {
  readonly problems: string[] = []
  /** Names of variables whose file any user of the machine may read. Container platforms mount secrets so: no reason to refuse. */
  readonly exposed: string[] = []
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #known = new Set<string>(FOREIGN)

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env
  }

  /** The variable's value, or undefined where it is unset, empty or wrong (which is then a problem). */
  read<T>(name: string, { schema, form }: Setting<T>): T | undefined {
    const text = this.#text(name)
    if (text === undefined) return undefined
    const parsed = schema.safeParse(text)
    if (parsed.success) return parsed.data
    this.problems.push(`${name} must be ${form}.`)
    return undefined
  }

  isSet(name: string): boolean {
    return this.#env[name] !== undefined && this.#env[name] !== ''
  }

  bounds(name: string, { min, max }: Bounds, lowest: number): Bounds {
    const read = {
      min: this.read(`HOLDFAST_${name}_MIN_SECONDS`, seconds(lowest, YEAR_SECONDS)) ?? min,
      max: this.read(`HOLDFAST_${name}_MAX_SECONDS`, seconds(lowest, YEAR_SECONDS)) ?? max,
    }
    if (read.min > read.max)
      this.problems.push(`HOLDFAST_${name}_MIN_SECONDS must not exceed HOLDFAST_${name}_MAX_SECONDS.`)
    return read
  }

  /** A misspelled name would silently leave a rule at its default. */
  refuseUnknown(): void {
    for (const name of Object.keys(this.#env))
      if (name.startsWith('HOLDFAST_') && !this.#known.has(name))
        this.problems.push(`${name.slice(0, 60)} is not a setting. Is it misspelled?`)
  }

  #text(name: string): string | undefined {
    this.#known.add(name)
    const direct = this.isSet(name) ? this.#env[name] : undefined
    if (!WITH_FILE.some((known) => known === name)) return direct
    const fileName = `${name}_FILE`
    this.#known.add(fileName)
    const path = this.isSet(fileName) ? this.#env[fileName] : undefined
    if (path === undefined) return direct
    if (direct !== undefined) {
      this.problems.push(`Set either ${name} or ${fileName}, not both.`)
      return undefined
    }
    try {
      if (SECRET.has(name) && (statSync(path).mode & READ_BY_OTHERS) !== 0) this.exposed.push(fileName)
      return readFileSync(path, 'utf8').trim()
    } catch {
      this.problems.push(`The file that ${fileName} names cannot be read.`)
      return undefined
    }
  }
}
