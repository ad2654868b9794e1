/**
 * What docs/OPERATIONS.md has operators type where the service runs in containers, played from the first line to the last. Docker is
 * not here: each service is a process with the environment that the compose file gives it, and /backup and /run/secrets are folders.
 */
import { account, createClient, memoryStorage } from '@holdfast/client'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { connectMongo } from '../../src/store/mongo/connection.ts'
import { mongoPlaces } from '../../src/store/mongo/stores.ts'
import { environmentOf, secretsFolder, serviceOf, volumesOf } from '../support/compose.ts'
import { freePort } from '../support/free-port.ts'
import { MONGODB_URL, newDatabase, onMongo } from '../support/mongo.ts'
import { readDocument, sectionOf } from '../support/named-tests.ts'
import { buildService, startProcess, type Started } from '../support/process.ts'
import { TEST_APP, TEST_APPS, signTicket } from '../support/service.ts'
import { newFolder } from '../support/store.ts'

const run = promisify(execFile)

/** The lines of the section's blocks, whole: what is typed, without remarks. */
const blocks = [
  ...sectionOf(readDocument('docs/OPERATIONS.md'), '## In containers').matchAll(/```sh\n(.*?)```/gs),
].map(([, text = '']) =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
    .filter((line) => line !== '' && !line.startsWith('#')),
)

type Environment = Readonly<Record<string, string>>

beforeAll(buildService, 180_000)

let root: Awaited<ReturnType<typeof newFolder>>
let secrets: ReturnType<typeof secretsFolder>
let running: Map<string, Started>
beforeEach(async () => {
  root = await newFolder()
  secrets = secretsFolder(TEST_APPS)
  running = new Map()
})
afterEach(async () => {
  for (const { child } of running.values()) child.kill('SIGKILL')
  secrets.remove()
  await root.remove()
})

const environment = (name: string, more: Environment): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  ...environmentOf(serviceOf(name), secrets.path),
  ...{ HOST: '127.0.0.1', HOLDFAST_DATA_DIR: join(root.path, name), HOLDFAST_DRAIN_SECONDS: '0' },
  ...more,
})

/** What is typed behind a service's name, in a place of its own. Rejects unless it ends well. */
const type = async (name: string, typed: string, more: Environment): Promise<string> => {
  const mounted = [...volumesOf(serviceOf(name)).values()]
  for (const [path] of typed.matchAll(/(?<= )\/\S+/g))
    expect(
      mounted.some((at) => path.startsWith(`${at}/`)),
      `${path} is kept`,
    ).toBe(true)
  const here = typed.replaceAll('/backup/', `${root.path}/backup/`)
  return (await run('sh', ['-c', here], { env: environment(name, more) })).stdout
}

const start = async (name: string, more: Environment): Promise<string> => {
  const args = (serviceOf(name).command ?? []).filter((arg) => arg.startsWith('--'))
  const started = startProcess(environment(name, more), args)
  running.set(name, started)
  return (await started.says('service_listening')).url ?? ''
}

const stop = async (name: string): Promise<void> => {
  running.get(name)?.child.kill('SIGTERM')
  expect(await running.get(name)?.exited).toBe(0)
  running.delete(name)
}

/** Plays one line; resolves with what it said. */
const play = async (line: string, more: Environment): Promise<string> => {
  const [, verb = '', rest = ''] = /^docker compose (\w+) (.*)$/.exec(line) ?? expect.fail(line)
  if (verb === 'run' || verb === 'exec') {
    const form = verb === 'run' ? /^--rm (?:--no-deps )?(\w+) (node .*)$/ : /^(\w+) (node .*)$/
    const [, name = '', typed = ''] = form.exec(rest) ?? expect.fail(line)
    if (verb === 'exec') expect([...running.keys()]).toContain(name)
    return type(name, typed, more)
  }
  expect(['stop', 'start', 'restart']).toContain(verb)
  const names = rest.split(' ')
  if (verb !== 'start') await Promise.all(names.map(stop))
  if (verb !== 'stop') await Promise.all(names.map((name) => start(name, more)))
  return ''
}

const register = async (url: string): Promise<void> => {
  const client = createClient({ url, app: TEST_APP, storage: memoryStorage() })
  await account.register(client, { ticket: await signTicket(await account.prepare(client)) })
}

/** Plays a block on services that run; `more`: what is where the tests run and not where compose has it. */
const playAll = async (
  lines: readonly string[],
  names: readonly string[],
  more: Environment,
): Promise<void> => {
  let made = randomBytes(32).toString('base64url')
  for (const line of lines) {
    if (line.includes(' restart ')) writeFileSync(join(secrets.path, 'at-rest-keys'), `${made},master`)
    const said = await play(line, more)
    if (line.includes('randomBytes')) made = said.trim()
    if (line.includes('backup.js')) expect(said).toMatch(/^records: [1-9].*\nkeys: [1-9]/)
    if (line.includes('restore.js')) expect(said).toMatch(/^[1-9]\d* lines of records restored$/m)
    if (line.includes(' start '))
      expect(names.flatMap((name) => running.get(name)?.lines.map(({ msg }) => msg) ?? [])).toContain(
        'records_restored',
      )
    if (line.includes('rotate-keys.js')) expect(said).toMatch(/^Everything is sealed with the key /m)
  }
  const commands = ['backup', 'restore', 'rotate-keys'].map((name) => `node dist/src/operate/${name}.js`)
  for (const command of commands)
    expect(
      lines.some((line) => line.includes(command)),
      command,
    ).toBe(true)
  expect(existsSync(join(root.path, 'backup/keys'))).toBe(true)
}

it('all in one container: backup, restore and exchange of a key, as OPERATIONS has them typed', async () => {
  const more = { PORT: String(await freePort()) }
  await register(await start('holdfast', more))
  await playAll(blocks[1] ?? [], ['holdfast'], more)
}, 120_000)

onMongo('scaled out', () => {
  it('backup, restore and exchange of a key, as OPERATIONS has them typed', async () => {
    const { database } = newDatabase().place
    const url = (MONGODB_URL ?? '').replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?/, `$1/${database}`)
    // No Redis answers there, which commands do without.
    const more = { PORT: '0', MONGODB_URL: url, REDIS_URL: 'redis://127.0.0.1:1' }
    try {
      expect(await type('migrate', (serviceOf('migrate').command ?? []).join(' '), more)).toContain('ready')
      const [api] = await Promise.all(['api', 'worker'].map((name) => start(name, more)))
      await register(api ?? '')
      await playAll(blocks[0] ?? [], ['api', 'worker'], more)
    } finally {
      const connection = await connectMongo(mongoPlaces(url).records)
      for (const place of Object.values(mongoPlaces(url)))
        await connection.useDb(place.database ?? '').dropDatabase()
      await connection.close()
    }
  }, 120_000)
})
