/**
 * What an operator may set. The only reader of the process's environment: everything else gets a {@link Config}.
 *
 * Every mistake is found at once, and no message repeats a value, since values are secrets where one least expects it.
 */
import { resolve } from 'node:path'
import { Secret, fromBase64url } from '@holdfast/client/protocol'
import { z } from 'zod'
import { readApps, type App } from './config-apps.ts'
import { readEngines, type Engines } from './config-engines.ts'
import { ConfigError, ConfigReader, count, seconds, setting, whole } from './config-reader.ts'
import { readNotices, type NoticesConfig } from './config-notices.ts'
import { FAIL_POINTS, WHEN_TOLD, type FailPoint } from './observe/fail-points.ts'
import type { Bounds, Settings } from './use-cases/ports.ts'

/** How often something may be asked for, in each process. Each window is one minute, but `openings`: one hour. */
export interface Limits {
  /** Requests of one network address. */
  readonly address: number
  /** Requests of one account, and of one address about one account where nobody is signed in. */
  readonly account: number
  /** Steps of one contact in others' recoveries. */
  readonly contact: number
  /** Recoveries opened for one account with tickets of one subject; five times as many for the account. */
  readonly openings: number
}

export type AtRestKey = Secret | 'master'

export interface Config extends Engines {
  readonly mode: 'production' | 'development'
  /** Absolute path. */
  readonly dataFolder: string
  readonly host: string
  /** Names of variables whose secret lies in a file that any user of the machine may read. */
  readonly exposedSecrets: readonly string[]
  /** 0: any free port. */
  readonly port: number
  /** 32 bytes. Null in development: one is made and kept in the data folder. */
  readonly masterKey: Secret | null
  /** What seals at rest: the first one seals, all of them open. `master`: the key that follows from the master key. */
  readonly atRestKeys: readonly AtRestKey[]
  readonly apps: readonly App[]
  /** How people are reached who are not connected. */
  readonly notices: NoticesConfig
  /** Web origins that may call and connect, as browsers send them. */
  readonly origins: readonly string[]
  /** Number of reverse proxies in front, whose X-Forwarded-For entries are believed. */
  readonly trustedHops: number
  readonly sweepSeconds: number
  readonly settings: Settings
  readonly limits: Limits
  /** Where figures are given to Prometheus. Null: they are not counted. */
  readonly metrics: { readonly host: string; readonly port: number } | null
  /** How long a process that was asked to stop says so, and still serves, before it takes no more connections. */
  readonly drainSeconds: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Where a development service is to die; null in earnest. */
  readonly failPoint: FailPoint | typeof WHEN_TOLD | null
}

const HOUR = 3600
const DAY = 24 * HOUR
const CONTEST = 72 * HOUR
/**
 * One length for everybody: an owner's own choice would show in a request that there is a circle, where an unknown account
 * must look the same.
 */
const COLLECTING: Bounds = { min: 14 * DAY, max: 14 * DAY }

const base64url32 = z.string().transform((text, context) => {
  const bytes = fromBase64url(text.trim())
  if (bytes?.length === 32) return bytes
  context.addIssue('not 32 bytes')
  return z.NEVER
})

/** No random key has so few different bytes. */
const isPlaceholder = (bytes: Uint8Array): boolean => new Set(bytes).size < 8

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text
const origins = z
  .string()
  .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
  .refine((list) => list.every(isOrigin))

const readSettings = (reader: ConfigReader, development: boolean): Settings => {
  const lowest = development ? 1 : HOUR
  const bounds = (name: string, max: number): Bounds => reader.bounds(name, { min: lowest, max }, lowest)
  return {
    development,
    waitingSeconds: bounds('WAITING', 60 * DAY),
    coolingSeconds: bounds('COOLING', 60 * DAY),
    collectingSeconds: reader.bounds(
      'COLLECTING',
      development ? { min: 1, max: 90 * DAY } : COLLECTING,
      lowest,
    ),
    backOffSeconds: reader.read('HOLDFAST_BACK_OFF_SECONDS', seconds(development ? 0 : 60, DAY)) ?? HOUR,
    contestSeconds:
      reader.read('HOLDFAST_CONTEST_SECONDS', seconds(development ? 1 : CONTEST, 30 * DAY)) ?? CONTEST,
    delaySeconds: reader.read('HOLDFAST_DELAY_SECONDS', seconds(development ? 0 : HOUR, CONTEST)) ?? CONTEST,
    digestSeconds: reader.read('HOLDFAST_DIGEST_SECONDS', seconds(development ? 1 : 600, DAY)) ?? HOUR,
  }
}

const readMasterKey = (reader: ConfigReader, development: boolean): Secret | null => {
  const bytes = reader.read(
    'HOLDFAST_MASTER_KEY',
    setting(base64url32, '32 random bytes in base64url, 43 characters'),
  )
  if (bytes === undefined) {
    const given = reader.isSet('HOLDFAST_MASTER_KEY') || reader.isSet('HOLDFAST_MASTER_KEY_FILE')
    if (!development && !given)
      reader.problems.push(
        'HOLDFAST_MASTER_KEY_FILE (or HOLDFAST_MASTER_KEY) must be set. Make a key with: ' +
          `node -p "require('node:crypto').randomBytes(32).toString('base64url')"`,
      )
    return null
  }
  if (isPlaceholder(bytes)) reader.problems.push('HOLDFAST_MASTER_KEY is not random.')
  return Secret.of(bytes)
}

const MOST_AT_REST_KEYS = 8
const atRestKeys = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .refine((list) => list.length > 0 && list.length <= MOST_AT_REST_KEYS && new Set(list).size === list.length)
  .pipe(z.array(z.union([z.literal('master'), base64url32.refine((bytes) => !isPlaceholder(bytes))])))

const readAtRestKeys = (reader: ConfigReader): readonly AtRestKey[] => {
  const form = `1 to ${MOST_AT_REST_KEYS} different keys of 32 random bytes in base64url, or the word master, the one that seals first`
  const keys = reader.read('HOLDFAST_AT_REST_KEYS', setting(atRestKeys, form)) ?? ['master' as const]
  return keys.map((key) => (key === 'master' ? key : Secret.of(key)))
}

const readTrustedHops = (reader: ConfigReader): number =>
  reader.read(
    'HOLDFAST_TRUSTED_HOPS',
    setting(
      whole(0, 10),
      'the number of reverse proxies in front, 0 to 10 ("true" would believe any caller)',
    ),
  ) ?? 0

const readLimits = (reader: ConfigReader): Limits => {
  const limit = (name: string, otherwise: number): number =>
    reader.read(`HOLDFAST_LIMIT_${name}`, count(1, 1_000_000)) ?? otherwise
  return {
    address: limit('ADDRESS', 1200),
    account: limit('ACCOUNT', 300),
    contact: limit('CONTACT', 120),
    openings: limit('OPENINGS', 20),
  }
}

const HOST_FORM = setting(z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/), 'a host name or address')

const readMetrics = (reader: ConfigReader): Config['metrics'] => {
  const host = reader.read('HOLDFAST_METRICS_HOST', HOST_FORM) ?? '127.0.0.1'
  const port = reader.read('HOLDFAST_METRICS_PORT', count(0, 65_535))
  return port === undefined ? null : { host, port }
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/

/** Development has short waiting periods and a key beside the data: nothing that others should reach by mistake. */
const readHost = (reader: ConfigReader, development: boolean): string => {
  const host = reader.read('HOST', HOST_FORM) ?? '127.0.0.1'
  const yes = setting(z.literal('yes'), 'yes, or unset')
  const isAllowed = reader.read('HOLDFAST_DEVELOPMENT_EXPOSED', yes) === 'yes'
  if (development && !LOOPBACK.test(host) && !isAllowed)
    reader.problems.push(
      'HOST must be a loopback address in development. If others are to reach it, set HOLDFAST_DEVELOPMENT_EXPOSED=yes.',
    )
  return host
}

const ARMABLE = [...FAIL_POINTS, WHEN_TOLD] as const
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Reads `env` (usually process.env). Throws {@link ConfigError} with everything that is wrong. */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const reader = new ConfigReader(env)
  const modes = z.enum(['production', 'development'])
  const mode = reader.read('HOLDFAST_MODE', setting(modes, 'production or development')) ?? 'production'
  const development = mode === 'development'
  const config: Config = {
    mode,
    ...readEngines(reader),
    dataFolder: resolve(reader.read('HOLDFAST_DATA_DIR', setting(z.string().max(4096), 'a path')) ?? 'data'),
    host: readHost(reader, development),
    exposedSecrets: reader.exposed,
    port: reader.read('PORT', count(0, 65_535)) ?? 8080,
    masterKey: readMasterKey(reader, development),
    atRestKeys: readAtRestKeys(reader),
    apps: readApps(reader, development),
    notices: readNotices(reader, development),
    origins:
      reader.read(
        'HOLDFAST_ORIGINS',
        setting(origins, 'web origins like https://app.example, separated by commas; "*" is refused'),
      ) ?? [],
    trustedHops: readTrustedHops(reader),
    sweepSeconds: reader.read('HOLDFAST_SWEEP_SECONDS', seconds(1, 60)) ?? 30,
    settings: readSettings(reader, development),
    limits: readLimits(reader),
    metrics: readMetrics(reader),
    drainSeconds: reader.read('HOLDFAST_DRAIN_SECONDS', seconds(0, 60)) ?? 0,
    logLevel: reader.read('HOLDFAST_LOG_LEVEL', setting(z.enum(LOG_LEVELS), LOG_LEVELS.join(', '))) ?? 'info',
    failPoint: development
      ? (reader.read('HOLDFAST_FAIL_POINT', setting(z.enum(ARMABLE), ARMABLE.join(', '))) ?? null)
      : null,
  }
  if (
    !development &&
    config.apps.length === 0 &&
    !reader.problems.some((text) => text.includes('HOLDFAST_APPS'))
  )
    reader.problems.push('HOLDFAST_APPS or HOLDFAST_APPS_FILE must name at least one app.')
  reader.refuseUnknown()
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return config
}

/** Arguments that stand for a variable, so that a script of package.json can set it on every system. */
const ARGUMENTS: Readonly<Record<string, readonly [name: string, value: string]>> = {
  '--development': ['HOLDFAST_MODE', 'development'],
  '--api': ['HOLDFAST_ROLE', 'api'],
  '--worker': ['HOLDFAST_ROLE', 'worker'],
}

/** The configuration of this process: its environment, and the few arguments there are. Throws {@link ConfigError}. */
export const processConfig = (args: readonly string[]): Config => {
  const env = { ...process.env }
  for (const arg of args) {
    const known = Object.hasOwn(ARGUMENTS, arg) ? ARGUMENTS[arg] : undefined
    if (known === undefined)
      throw new ConfigError([
        `The only arguments are ${Object.keys(ARGUMENTS).join(', ')}. Everything else is set by environment variables.`,
      ])
    const [name, value] = known
    const given = env[name] ?? ''
    if (given !== '' && given !== value) throw new ConfigError([`${arg} contradicts ${name}.`])
    env[name] = value
  }
  return readConfig(env)
}
