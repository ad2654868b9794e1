/** docker-compose.yml as compose reads it, and the configuration that a service of it gets. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { parse } from 'yaml'
import { processConfig, type Config } from '../../src/config.ts'
import { readDocument } from './named-tests.ts'

export interface ComposeService {
  readonly image: string
  readonly build?: { readonly dockerfile_inline: string }
  readonly command?: readonly string[]
  readonly user?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly restart?: string
  readonly profiles?: readonly string[]
  readonly ports?: readonly string[]
  readonly networks?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly secrets?: readonly { readonly source: string; readonly target: string }[]
  readonly volumes?: readonly string[]
  readonly stop_grace_period?: string
  readonly depends_on?: Readonly<Record<string, unknown>>
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
  readonly volumes: Readonly<Record<string, null>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly configs: { readonly proxy: { readonly content: string } }
}

export const compose = parse(readDocument('docker-compose.yml'), { merge: true }) as Compose

export const serviceOf = (name: string): ComposeService =>
  compose.services[name] ?? expect.fail(`no service ${name}`)

/** The compose specification's `${NAME:-default}` and `${NAME:+instead}`, innermost first. */
const interpolated = (text: string, shell: Readonly<Record<string, string>>): string => {
  const next = text.replace(/\$\{(\w+):([-+])([^${}]*)\}/, (_, name: string, sign: string, other: string) => {
    const value = shell[name] ?? ''
    return (sign === '-') === (value === '') ? other : sign === '-' ? value : ''
  })
  return next === text ? text : interpolated(next, shell)
}

/** Where its volumes are mounted, by what is mounted there. */
export const volumesOf = (
  { volumes = [] }: ComposeService,
  shell: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> =>
  new Map(
    volumes.map((text) => {
      const volume = interpolated(text, shell)
      const colon = volume.indexOf(':')
      return colon < 0 ? ['', volume] : [volume.slice(0, colon), volume.slice(colon + 1)]
    }),
  )

const someApp = (): string => {
  const ticketKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x
  return JSON.stringify([{ app: 'my-app', ticketKey }])
}

/** Secrets as an operator makes them, in a folder that stands for /run/secrets. */
export const secretsFolder = (apps = someApp()) => {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-compose-'))
  const files: Readonly<Record<string, string>> = {
    'at-rest-keys': 'master',
    'master-key': randomBytes(32).toString('base64url'),
    apps,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text, { mode: 0o600 })
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** The environment of a container of it: defaults for what the shell does not set, secrets in the folder. */
export const environmentOf = (
  { environment = {} }: ComposeService,
  secrets: string,
  shell: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      interpolated(String(value), shell).replace(/^\/run\/secrets/, secrets),
    ]),
  )

/** As the process would read it. */
export const configOf = (
  service: ComposeService,
  secrets: string,
  shell: Readonly<Record<string, string>> = {},
): Config => {
  // A container has none of what is set where the tests run.
  for (const name of Object.keys(process.env))
    if (/^(HOLDFAST_|MONGODB_|REDIS_|HOST$|PORT$)/.test(name)) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(environmentOf(service, secrets, shell))) vi.stubEnv(name, value)
  try {
    return processConfig((service.command ?? []).filter((arg) => arg.startsWith('--')))
  } finally {
    vi.unstubAllEnvs()
  }
}
