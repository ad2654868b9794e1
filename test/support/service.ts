/**
 * A real service for tests: composed as in earnest, on a free port, with its data in a folder of its own; or scaled out, where
 * the run is (engine.ts).
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { account, createClient, memoryStorage, type Client, type Storage } from '@holdfast/client'
import { SignJWT } from 'jose'
import { composeService, type ComposeOptions, type Service } from '../../src/compose.ts'
import { readConfig, type Config } from '../../src/config.ts'
import { TICKET_AUDIENCE, TICKET_TYPE } from '../../src/http/tickets.ts'
import { openLog } from '../../src/observe/log.ts'
import { IS_SCALED } from './engine.ts'

export const TEST_APP = 'test-app'

const ticketKeys = generateKeyPairSync('ed25519')

export interface TicketClaimsInput {
  readonly purpose: 'register' | 'recover'
  readonly account: string
  readonly keys: string
  readonly sub?: string
  readonly iss?: string
  /** From now. */
  readonly lifetimeSeconds?: number
}

/** What the app's backend does once it has checked a phone number or a login. */
export const signTicket = (input: TicketClaimsInput): Promise<string> => {
  const now = Math.floor(Date.now() / 1000)
  const { purpose, account: about, keys, sub = 'a-person', iss = TEST_APP, lifetimeSeconds = 300 } = input
  return new SignJWT({ purpose, account: about, keys, jti: randomBytes(16).toString('base64url') })
    .setProtectedHeader({ alg: 'EdDSA', typ: TICKET_TYPE })
    .setIssuer(iss)
    .setAudience(TICKET_AUDIENCE)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(ticketKeys.privateKey)
}

export interface TestService {
  readonly url: string
  /** Where figures are, if the environment asks for them. */
  readonly metricsUrl: string | null
  readonly folder: string
  readonly service: Service
  /** Log lines so far. */
  readonly lines: readonly string[]
  /** An SDK client with a storage of its own. */
  client(storage?: Storage): Client
  /** A client whose account is registered. */
  person(): Promise<{ readonly client: Client; readonly account: string }>
  /** After the clock in its options was moved: a clock that is somewhere else follows. */
  clockMoved(): void
  /** Stops it; its data stays. */
  stop(): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
}

export interface StartOptions {
  /** Settings by their environment names. Development mode, and limits that no test reaches, unless set. */
  readonly env?: Readonly<Record<string, string>>
  /** A data folder to go on with. */
  readonly folder?: string
  readonly clock?: ComposeOptions['clock']
  /** `none` spares the seconds that the queue's database takes to start, where a test is not about jobs. */
  readonly queue?: ComposeOptions['queue']
  readonly stopPageFolder?: string
  /** Records and keys that several services share. */
  readonly stores?: ComposeOptions['stores']
  /** What the service is to do; both, unless given. */
  readonly role?: Config['role']
  /** How many processes answer where there are several: 1 where a test is about what each counts for itself. */
  readonly answering?: number
  /** False: only answers. */
  readonly works?: boolean
}

/** Apps that a test service knows, as its setting names them. */
export const TEST_APPS = JSON.stringify([
  { app: TEST_APP, ticketKey: ticketKeys.publicKey.export({ format: 'jwk' }).x },
  { app: 'other-app', ticketKey: generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x },
])

const GENEROUS = '1000000'

const environment = (folder: string, env: Readonly<Record<string, string>>): Record<string, string> => ({
  HOLDFAST_MODE: 'development',
  HOLDFAST_DATA_DIR: folder,
  PORT: '0',
  HOLDFAST_APPS: TEST_APPS,
  HOLDFAST_LIMIT_ADDRESS: GENEROUS,
  HOLDFAST_LIMIT_ACCOUNT: GENEROUS,
  HOLDFAST_LIMIT_CONTACT: GENEROUS,
  HOLDFAST_LIMIT_OPENINGS: GENEROUS,
  HOLDFAST_SWEEP_SECONDS: '1',
  ...env,
})

const peopleAt = (url: string): Pick<TestService, 'client' | 'person'> => {
  const client = (storage = memoryStorage()) => createClient({ url, app: TEST_APP, storage })
  return {
    client,
    async person() {
      const own = client()
      const ticket = await signTicket(await account.prepare(own))
      return { client: own, account: await account.register(own, { ticket }) }
    },
  }
}

export const startService = async (options: StartOptions = {}): Promise<TestService> => {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'holdfast-service-')))
  const env = environment(folder, options.env ?? {})
  // Parts of a service that a test puts together by itself are what they are in either run.
  if (IS_SCALED && options.stores === undefined && options.role === undefined) {
    const { answering = 2, works = true, clock } = options
    const aheadMs = (): number => (clock?.wall?.() ?? Date.now()) - Date.now()
    const { startScaled } = await import('./scaled-service.ts')
    const scaled = await startScaled({ env, folder, answering, working: works ? 2 : 0, aheadMs })
    return Object.assign(scaled, { folder, ...peopleAt(scaled.url) })
  }
  const lines: string[] = []
  const log = openLog('debug', { write: (line) => void lines.push(line) })
  const { role = options.works === false ? 'api' : 'both' } = options
  const config = { ...readConfig(env), role }
  const service = await composeService(config, {
    log,
    ...(options.clock !== undefined && { clock: options.clock }),
    ...(options.queue !== undefined && { queue: options.queue }),
    ...(options.stopPageFolder !== undefined && { stopPageFolder: options.stopPageFolder }),
    ...(options.stores !== undefined && { stores: options.stores }),
  })
  const { url, metricsUrl } = await service.start()
  return {
    url,
    metricsUrl,
    folder,
    service,
    lines,
    ...peopleAt(url),
    clockMoved: () => undefined,
    stop: () => service.close(),
    async close() {
      await service.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
