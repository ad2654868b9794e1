/**
 * Where records and jobs are, and what this process does with them: a part of config.ts.
 */
import { z } from 'zod'
import { setting, type ConfigReader } from './config-reader.ts'

/** What a process does: answer (`api`), do what happens by itself (`worker`), or both. */
export type ProcessRole = 'both' | 'api' | 'worker'

export interface Engines {
  readonly role: ProcessRole
  /** Jobs and live events go over it. Null: both stay in this process. May hold a password. */
  readonly redisUrl: string | null
  /** Records and keys lie there. Null: in the data folder, for this process alone. May hold a password. */
  readonly mongoUrl: string | null
}

/** The service sets these itself, and a URL that asks for less was made for something else. */
const MONGO_OPTIONS: Readonly<Record<string, RegExp>> = {
  w: /^majority$/,
  journal: /^true$/,
  j: /^true$/,
  readconcernlevel: /^(majority|linearizable)$/,
  readpreference: /^primary$/,
  retrywrites: /^true$/,
}

const weakens = (url: string): string | undefined =>
  [...new URLSearchParams(url.split('?')[1] ?? '')].find(
    ([name, value]) => MONGO_OPTIONS[name.toLowerCase()]?.test(value) === false,
  )?.[0]

const ROLES = ['both', 'api', 'worker'] as const

const isRedisUrl = (text: string): boolean =>
  URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol) && new URL(text).hostname !== ''

/** What more than one process needs, all of it said at once. */
export const readEngines = (reader: ConfigReader): Engines => {
  const role = reader.read('HOLDFAST_ROLE', setting(z.enum(ROLES), ROLES.join(', '))) ?? 'both'
  const form = 'a URL like redis://host:6379 or rediss://user:password@host:6380/0'
  const redisUrl = reader.read('REDIS_URL', setting(z.string().trim().refine(isRedisUrl), form)) ?? null
  const mongo = setting(
    z
      .string()
      .trim()
      .regex(/^mongodb(\+srv)?:\/\/[^\s/?]+(\/\S*)?$/),
    'a URL like mongodb://user:password@host:27017/holdfast?replicaSet=rs0',
  )
  const mongoUrl = reader.read('MONGODB_URL', mongo) ?? null
  const weak = weakens(mongoUrl ?? '')
  if (weak !== undefined)
    reader.problems.push(
      `MONGODB_URL must not weaken ${weak}: what was acknowledged could be lost. Leave it out, the service sets it.`,
    )
  const lacks = (name: string, value: string | null, why: string): void => {
    const isSaid = reader.problems.some((problem) => problem.startsWith(name))
    if (role !== 'both' && value === null && !isSaid)
      reader.problems.push(`${name} must be set where HOLDFAST_ROLE is ${role}: ${why}.`)
  }
  lacks('MONGODB_URL', mongoUrl, 'the records in a data folder are for one process alone')
  lacks('REDIS_URL', redisUrl, 'by it processes that answer and processes that work reach each other')
  return { role, redisUrl, mongoUrl }
}
