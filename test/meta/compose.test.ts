/**
 * docker-compose.yml held against the code: what it starts exists, what it sets is known, and nothing in it is root, writable or open to
 * others than this machine.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { CLOSES_WITHIN_MS, CLOSING } from '../../src/closing.ts'
import { mongoPlaces } from '../../src/store/mongo/stores.ts'
import {
  compose,
  configOf as composedConfig,
  secretsFolder,
  serviceOf,
  volumesOf,
  type ComposeService,
} from '../support/compose.ts'
import { readDocument } from '../support/named-tests.ts'

const services = Object.entries(compose.services)
/** Those that run this project's image. */
const own = services.filter(([, { image }]) => image.startsWith('holdfast:'))
/** Those of them that run on. */
const running = own.filter(([, { restart }]) => restart !== 'no')

const secrets = secretsFolder()
afterAll(secrets.remove)
const configOf = (service: ComposeService, shell?: Readonly<Record<string, string>>) =>
  composedConfig(service, secrets.path, shell)

describe('the compose file', () => {
  it('has processes that answer, processes that work, a migration, commands, MongoDB, Redis, a mail catcher and one address', () => {
    expect(Object.keys(compose.services).toSorted()).toEqual(
      ['api', 'holdfast', 'mail', 'migrate', 'mongo', 'operate', 'proxy', 'redis', 'worker'].toSorted(),
    )
    expect(own.map(([name]) => name).toSorted()).toEqual(['api', 'holdfast', 'migrate', 'operate', 'worker'])
  })

  it('has a place of its own for backups of records and of keys, each where it is asked for, and for its user alone', () => {
    const image = serviceOf('operate').build?.dockerfile_inline ?? ''
    const [, made = '', owned = '', closed = ''] =
      /RUN mkdir -p (.*) && chown -R node:node (.*) && chmod -R 700 (.*)$/m.exec(image) ?? []
    for (const name of ['operate', 'holdfast']) {
      const given = volumesOf(serviceOf(name))
      expect(given.get('backup-records')).toBe('/backup/records')
      expect(given.get('backup-keys')).toBe('/backup/keys')
      for (const [volume, at] of given) {
        expect(Object.keys(compose.volumes)).toContain(volume)
        expect(made.split(' ')).toContain(at)
        for (const tree of [owned, closed])
          expect(tree.split(' ').some((folder) => at === folder || at.startsWith(`${folder}/`))).toBe(true)
      }
      const elsewhere = volumesOf(serviceOf(name), { BACKUP_RECORDS: '/mnt/a', BACKUP_KEYS: '/mnt/b' })
      expect(elsewhere.get('/mnt/a')).toBe('/backup/records')
      expect(elsewhere.get('/mnt/b')).toBe('/backup/keys')
    }
  })

  it('runs commands where the database is and nobody else, when they are asked for', () => {
    const { profiles, networks, depends_on } = serviceOf('operate')
    expect(profiles).toEqual(['operate'])
    expect(networks).toEqual(['inside'])
    expect(depends_on).toEqual({ mongo: { condition: 'service_healthy' } })
  })

  it.each(services)(
    '%s is not root, has no capability, writes nowhere but where it must, and says how it is',
    (...[, service]) => {
      expect(service.user).toMatch(/^(?!root$|0(:|$))[\w:]+$/)
      expect(service.read_only).toBe(true)
      expect(service.cap_drop).toEqual(['ALL'])
      expect(service.security_opt).toEqual(['no-new-privileges:true'])
      if (service.restart === 'no') expect(service.healthcheck).toEqual({ disable: true })
      else expect(service.healthcheck?.test?.[0]).toBe('CMD')
    },
  )

  it('opens ports to this machine alone, and keeps records and queue where nobody else is', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    expect(compose.networks['inside']?.internal).toBe(true)
    for (const name of ['mongo', 'redis']) {
      expect(serviceOf(name).networks).toEqual(['inside'])
      expect(serviceOf(name).ports).toBeUndefined()
    }
  })

  it.each(own)(
    '%s is configured by settings that exist, for production, and starts what is built',
    (name, service) => {
      const config = configOf(service)
      expect(config.mode).toBe('production')
      expect(config.role).toBe({ api: 'api', worker: 'worker' }[name] ?? 'both')
      expect(config.apps.map(({ app }) => app)).toEqual(['my-app'])
      expect(config.masterKey).not.toBeNull()
      expect(config.mongoUrl === null).toBe(name === 'holdfast')
      expect(config.notices.mail).toMatchObject({ host: 'mail', port: 1025, tls: 'none' })
      for (const { source, target } of service.secrets ?? []) {
        expect(compose.secrets[source]?.file).toMatch(/^\.\/secrets\//)
        expect(Object.values(service.environment ?? {})).toContain(`/run/secrets/${target}`)
      }
      const image = service.build?.dockerfile_inline ?? ''
      const started = service.command ?? (JSON.parse(/CMD (\[.*\])/.exec(image)?.[1] ?? '[]') as string[])
      expect(started[0]).toBe('node')
      expect(existsSync(started[1]?.replace(/^dist\//, '').replace(/\.js$/, '.ts') ?? '')).toBe(true)
      expect(
        image
          .trim()
          .split('\n')
          .findLast((line) => line.startsWith('USER ')),
      ).toBe('USER node')
    },
  )

  it.each(own)('%s sends no mail to people with a link that leads nowhere', (...[, service]) => {
    const real = { HOLDFAST_SMTP_URL: 'smtps://mail.example', HOLDFAST_MAIL_FROM: 'notices@app.example' }
    expect(() => configOf(service, real)).toThrow('HOLDFAST_PUBLIC_URL')
    const config = configOf(service, {
      ...real,
      HOLDFAST_PUBLIC_URL: 'https://holdfast.example',
      HOLDFAST_VAPID_SUBJECT: 'mailto:push@app.example',
    })
    expect(config.notices).toMatchObject({
      publicUrl: 'https://holdfast.example',
      mail: { host: 'mail.example' },
      push: { subject: 'mailto:push@app.example' },
    })
  })

  it('names the MongoDB and the Redis that it starts, as they must be', () => {
    const { mongoUrl, redisUrl, port } = configOf(serviceOf('api'))
    const [mongo, redis] = [serviceOf('mongo'), serviceOf('redis')]
    const set = mongo.command?.[mongo.command.indexOf('--replSet') + 1]
    expect(mongoUrl).toBe(`mongodb://mongo:27017/holdfast?replicaSet=${set}`)
    expect(mongoPlaces(mongoUrl ?? '').keys.database).toBe('holdfast-keys')
    const initiate = mongo.healthcheck?.test?.at(-1) ?? ''
    expect(initiate).toContain(`_id: '${set}'`)
    expect(initiate).toContain("host: 'mongo:27017'")
    expect(redisUrl).toBe('redis://redis:6379')
    expect(redis.command).toEqual(['redis-server', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'])
    for (const [name, at] of [
      ['mongo', '/data/db'],
      ['redis', '/data'],
    ] as const)
      expect(serviceOf(name).volumes).toEqual([`${name}:${at}`])

    const { content } = compose.configs.proxy
    expect(content).toContain(`server-template api 10 api:${port} check`)
    expect(content).toContain('option httpchk GET /readyz')
    expect(serviceOf('proxy').ports).toEqual([`127.0.0.1:8080:${/bind :(\d+)/.exec(content)?.[1]}`])
    expect(configOf(serviceOf('api')).trustedHops).toBe(1)
  })

  it('starts nothing before the database is migrated, and that not before there is a primary', () => {
    for (const name of ['api', 'worker'])
      expect(serviceOf(name).depends_on).toMatchObject({
        migrate: { condition: 'service_completed_successfully' },
        redis: { condition: 'service_healthy' },
      })
    expect(serviceOf('migrate').depends_on).toEqual({ mongo: { condition: 'service_healthy' } })
  })

  it.each(running)('%s is given the time to end that it may take', (...[, service]) => {
    const seconds = Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1])
    // And five for what has no bound of its own: closing files and connections.
    expect(seconds).toBeGreaterThanOrEqual(configOf(service).drainSeconds + CLOSES_WITHIN_MS / 1000 + 5)
  })

  it('OPERATIONS says how long that is, part by part', () => {
    const { requestsMs, resealMs, openingMs, jobsMs, hintsMs, queueMs, mailroomMs } = CLOSING
    const parts = {
      requests: requestsMs,
      'the step of sealing anew that is under way': resealMs,
      'a queue that is just being opened': openingMs,
      'jobs and the sweep': jobsMs,
      'the queue': hintsMs + queueMs,
      'notices that are being sent': mailroomMs,
    }
    const text = readDocument('docs/OPERATIONS.md').replaceAll(/\s+/g, ' ')
    for (const [part, ms] of Object.entries(parts)) expect(text).toContain(`${part} (${ms / 1000} s)`)
    expect(text).toContain(`\`HOLDFAST_DRAIN_SECONDS\` and ${CLOSES_WITHIN_MS / 1000} s`)
  })

  it.each(running)(
    '%s is well while it is ready, and not when it is not or is gone',
    async (...[, service]) => {
      let status = 200
      const asked: (string | undefined)[] = []
      const server = createServer(({ url }, response) => {
        asked.push(url)
        response.writeHead(status).end('{}')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const [, program = '', ...args] = service.healthcheck?.test ?? []
      const check = async (): Promise<unknown> => {
        const at = args.map((arg) => arg.replace(`:${configOf(service).port}/`, `:${port}/`))
        const [code] = (await once(spawn(program, at, { stdio: 'ignore' }), 'close')) as [number]
        return code
      }
      expect(await check()).toBe(0)
      status = 503
      expect(await check()).toBe(1)
      server.close()
      await once(server, 'close')
      expect(await check()).toBe(1)
      expect(new Set(asked)).toEqual(new Set(['/readyz']))
    },
  )
})
