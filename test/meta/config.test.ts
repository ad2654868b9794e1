import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config-reader.ts'
import { readConfig } from '../../src/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const key = randomBytes(32).toString('base64url')
const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const apps = JSON.stringify([{ app: 'my-app', ticketKey: jwk.x }])
const production = { HOLDFAST_MASTER_KEY: key, HOLDFAST_APPS: apps }

/** What is wrong with an environment; empty if nothing. */
const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems
  }
}

describe('configuration', () => {
  it('takes a production environment with a key and an app, and nothing more', () => {
    const config = readConfig(production)
    expect(config).toMatchObject({
      mode: 'production',
      host: '127.0.0.1',
      port: 8080,
      trustedHops: 0,
      origins: [],
    })
    expect(config.settings).toMatchObject({
      development: false,
      contestSeconds: 72 * 3600,
      delaySeconds: 72 * 3600,
    })
    expect(config.settings.waitingSeconds.min).toBe(3600)
    expect(Buffer.from(config.masterKey?.expose() ?? []).toString('base64url')).toBe(key)
    expect(config.apps).toEqual([{ app: 'my-app', ticketKey: jwk.x }])
  })

  it('starts in development without anything else', () => {
    const config = readConfig({ HOLDFAST_MODE: 'development' })
    expect(config).toMatchObject({ mode: 'development', masterKey: null, apps: [] })
    expect(config.settings.waitingSeconds.min).toBe(1)
  })

  it('says in one go what production still needs', () => {
    const problems = problemsOf({})
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain('HOLDFAST_MASTER_KEY_FILE')
    expect(problems[1]).toContain('HOLDFAST_APPS')
  })

  it('finds every mistake at once', () => {
    const problems = problemsOf({
      HOLDFAST_MODE: 'test',
      PORT: '70000',
      HOLDFAST_MASTER_KEY: 'short',
      HOLDFAST_APPS: '{}',
      HOLDFAST_ORIGINS: '*',
      HOLDFAST_TRUSTED_HOPS: 'true',
      HOLDFAST_WAITING_MIN_SECONDS: '60',
      HOLDFAST_SWEEP_SECONDS: '61',
      HOLDFAST_CONTEST_SECONDS: '10',
      HOLDFAST_WATING_MAX_SECONDS: '1',
    })
    for (const name of [
      'HOLDFAST_MODE',
      'PORT',
      'HOLDFAST_MASTER_KEY',
      'HOLDFAST_APPS',
      'HOLDFAST_ORIGINS',
      'HOLDFAST_TRUSTED_HOPS',
      'HOLDFAST_WAITING_MIN_SECONDS',
      'HOLDFAST_SWEEP_SECONDS',
      'HOLDFAST_CONTEST_SECONDS',
      'HOLDFAST_WATING_MAX_SECONDS',
    ])
      expect(problems.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1)
    expect(problems).toHaveLength(10)
  })

  it('never repeats a value', () => {
    const planted = 'PLANTED-VALUE-4711'
    const names = [
      'HOLDFAST_MASTER_KEY',
      'HOLDFAST_APPS',
      'HOLDFAST_ORIGINS',
      'HOLDFAST_MODE',
      'PORT',
      'HOST_',
      'HOLDFAST_X',
    ]
    const problems = problemsOf(Object.fromEntries(names.map((name) => [name, `${planted}!`])))
    expect(problems.length).toBeGreaterThanOrEqual(6)
    expect(problems.join('\n')).not.toContain(planted)
  })

  it('reads secrets from files, and refuses both forms at once', () => {
    const file = join(folder, 'key')
    writeFileSync(file, `${key}\n`)
    const { HOLDFAST_APPS } = production
    const config = readConfig({ HOLDFAST_APPS, HOLDFAST_MASTER_KEY_FILE: file })
    expect(Buffer.from(config.masterKey?.expose() ?? []).toString('base64url')).toBe(key)
    expect(problemsOf({ ...production, HOLDFAST_MASTER_KEY_FILE: file })).toEqual([
      'Set either HOLDFAST_MASTER_KEY or HOLDFAST_MASTER_KEY_FILE, not both.',
    ])
    expect(problemsOf({ HOLDFAST_APPS, HOLDFAST_MASTER_KEY_FILE: join(folder, 'none') })).toEqual([
      'The file that HOLDFAST_MASTER_KEY_FILE names cannot be read.',
    ])
  })

  it.each([
    ['a key of zeros', { HOLDFAST_MASTER_KEY: Buffer.alloc(32).toString('base64url') }],
    ['a key in another alphabet', { HOLDFAST_MASTER_KEY: randomBytes(32).toString('hex') }],
    ['waiting periods under one hour', { HOLDFAST_WAITING_MIN_SECONDS: '3599' }],
    ['bounds that cross', { HOLDFAST_COOLING_MIN_SECONDS: '90000', HOLDFAST_COOLING_MAX_SECONDS: '80000' }],
    ['delays over 72 h', { HOLDFAST_DELAY_SECONDS: '259201' }],
    ['believing every proxy', { HOLDFAST_TRUSTED_HOPS: 'true' }],
    ['an origin with a path', { HOLDFAST_ORIGINS: 'https://app.example/' }],
    ['the same app twice', { HOLDFAST_APPS: JSON.stringify([...JSON.parse(apps), ...JSON.parse(apps)]) }],
    [
      'a ticket key of small order',
      { HOLDFAST_APPS: JSON.stringify([{ app: 'a', ticketKey: 'A'.repeat(43) }]) },
    ],
    [
      'a private ticket key',
      {
        HOLDFAST_APPS: JSON.stringify([
          { app: 'a', ticketKey: generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) },
        ]),
      },
    ],
  ])('refuses %s', (_, env) => {
    expect(problemsOf({ ...production, ...env })).toHaveLength(1)
  })

  it('takes the URL of a Redis, also from a file, and keeps to itself what is in it', () => {
    expect(readConfig(production)).toMatchObject({ role: 'both', redisUrl: null, mongoUrl: null })
    for (const url of [
      'redis://localhost',
      'redis://10.0.0.1:6379/3',
      'rediss://user:word@redis.example:6380',
    ])
      expect(readConfig({ ...production, REDIS_URL: url }).redisUrl).toBe(url)
    const file = join(folder, 'redis')
    writeFileSync(file, 'rediss://:a-password@redis.example\n')
    expect(readConfig({ ...production, REDIS_URL_FILE: file }).redisUrl).toBe(
      'rediss://:a-password@redis.example',
    )
    for (const url of ['localhost:6379', 'http://:planted@redis.example', 'redis://', 'redis:planted']) {
      const problems = problemsOf({ ...production, REDIS_URL: url })
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(/^REDIS_URL must be a URL like /)
      expect(problems[0]).not.toContain('planted')
    }
  })

  it('takes the URL of a MongoDB, of one host or of several', () => {
    for (const url of [
      'mongodb://localhost',
      'mongodb://user:word@one.example:27017,two.example:27017/holdfast?replicaSet=rs0',
      'mongodb+srv://cluster.example/holdfast',
    ])
      expect(readConfig({ ...production, MONGODB_URL: url }).mongoUrl).toBe(url)
    for (const url of ['localhost', 'mongodb://', 'mongodb:///planted', 'http://planted', 'mongodb://a b']) {
      const problems = problemsOf({ ...production, MONGODB_URL: url })
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(/^MONGODB_URL must be a URL like /)
      expect(problems[0]).not.toContain('planted')
    }
  })

  it('refuses a MongoDB URL that asks for less than what was acknowledged to last', () => {
    const at = (options: string) => ({
      ...production,
      MONGODB_URL: `mongodb://planted@one.example/x?${options}`,
    })
    for (const options of ['w=1', 'w=0', 'replicaSet=rs0&W=2', 'journal=false', 'readPreference=secondary']) {
      const problems = problemsOf(at(options))
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(/^MONGODB_URL must not weaken (w|W|journal|readPreference): /)
      expect(problems[0]).not.toContain('planted')
    }
    expect(problemsOf(at('w=majority&journal=true&retryWrites=true&directConnection=true'))).toEqual([])
  })

  it('lets nobody else reach a development service by mistake', () => {
    const development = { HOLDFAST_MODE: 'development' }
    for (const HOST of ['0.0.0.0', '::', '10.0.0.7', 'holdfast.example', '127.0.0.1.example']) {
      expect(problemsOf({ ...development, HOST })).toEqual([
        expect.stringMatching(/^HOST must be a loopback address in development\./),
      ])
      expect(problemsOf({ ...development, HOST, HOLDFAST_DEVELOPMENT_EXPOSED: 'yes' })).toEqual([])
      expect(problemsOf({ ...production, HOST })).toEqual([])
    }
    for (const HOST of ['localhost', '127.0.0.2', '::1'])
      expect(problemsOf({ ...development, HOST })).toEqual([])
    expect(
      problemsOf({ ...development, HOST: '0.0.0.0', HOLDFAST_DEVELOPMENT_EXPOSED: 'true' }),
    ).toHaveLength(2)
  })

  it('names the secrets that any user of the machine may read', () => {
    const file = join(folder, 'open-key')
    writeFileSync(file, key)
    const { HOLDFAST_APPS } = production
    const exposed = (mode: number) => {
      chmodSync(file, mode)
      return readConfig({ HOLDFAST_APPS, HOLDFAST_MASTER_KEY_FILE: file }).exposedSecrets
    }
    expect([exposed(0o644), exposed(0o640), exposed(0o400)]).toEqual([['HOLDFAST_MASTER_KEY_FILE'], [], []])
    expect(readConfig(production).exposedSecrets).toEqual([])
  })

  it('reads the keys that seal at rest, the first one first, and refuses what is no list of them', () => {
    const other = randomBytes(32).toString('base64url')
    expect(readConfig(production).atRestKeys).toEqual(['master'])
    const keys = readConfig({ ...production, HOLDFAST_AT_REST_KEYS: `${other},master\n${key}` }).atRestKeys
    expect(
      keys.map((one) => (one === 'master' ? one : Buffer.from(one.expose()).toString('base64url'))),
    ).toEqual([other, 'master', key])
    for (const list of [
      ',',
      `${key},${key}`,
      'master,master',
      `${key},short`,
      'A'.repeat(43),
      `${key} mastr`,
    ]) {
      const problems = problemsOf({ ...production, HOLDFAST_AT_REST_KEYS: list })
      expect(problems).toEqual([expect.stringMatching(/^HOLDFAST_AT_REST_KEYS must be /)])
      expect(problems[0]).not.toContain(key)
    }
  })

  it('reads where figures are to be had, and how long to say that the process is going', () => {
    expect(readConfig(production)).toMatchObject({ metrics: null, drainSeconds: 0 })
    const env = { HOLDFAST_METRICS_PORT: '9464', HOLDFAST_DRAIN_SECONDS: '10' }
    expect(readConfig({ ...production, ...env })).toMatchObject({
      metrics: { host: '127.0.0.1', port: 9464 },
      drainSeconds: 10,
    })
    expect(
      problemsOf({ ...production, HOLDFAST_METRICS_PORT: 'x', HOLDFAST_DRAIN_SECONDS: '61' }),
    ).toHaveLength(2)
  })

  it('divides the service only where its parts reach the same records, and each other', () => {
    const [MONGODB_URL, REDIS_URL] = ['mongodb://localhost', 'redis://localhost']
    for (const role of ['api', 'worker']) {
      const env = { ...production, HOLDFAST_ROLE: role }
      expect(readConfig({ ...env, MONGODB_URL, REDIS_URL }).role).toBe(role)
      expect(problemsOf({ ...env, MONGODB_URL })).toEqual([expect.stringMatching(/^REDIS_URL must be set/)])
      expect(problemsOf({ ...env, REDIS_URL })).toEqual([expect.stringMatching(/^MONGODB_URL must be set/)])
      expect(problemsOf(env)).toHaveLength(2)
      expect(problemsOf({ ...env, MONGODB_URL, REDIS_URL: 'wrong' })).toHaveLength(1)
    }
    expect(problemsOf({ ...production, HOLDFAST_ROLE: 'sweeper' })).toHaveLength(1)
  })

  it('takes a ticket key as a JWK too, and several origins', () => {
    const config = readConfig({
      ...production,
      HOLDFAST_APPS: JSON.stringify([{ app: 'my-app', ticketKey: jwk }]),
      HOLDFAST_ORIGINS: 'https://app.example, http://localhost:5173',
    })
    expect(config.apps[0]?.ticketKey).toBe(jwk.x)
    expect(config.origins).toEqual(['https://app.example', 'http://localhost:5173'])
  })
})
