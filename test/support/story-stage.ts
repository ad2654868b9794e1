/**
 * Where stories play: a real service on a real port, an app whose backend signs tickets, people with SDK clients, and a clock
 * that the story can move on, as if everyone had waited.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { account, createClient, memoryStorage, type Client, type Storage } from '@holdfast/client'
import type { TicketClaims } from '@holdfast/client/protocol'
import { type TestService, startService, type StartOptions } from './service.ts'
import { type TestApp, newApp } from './test-app.ts'

/** What `account.prepare` and `requester.prepare` say that a ticket must name. */
export interface TicketWish {
  readonly purpose: TicketClaims['purpose']
  readonly account: string
  readonly keys: string
}

/** Somebody with an account. `storage` is what lies on the device: whoever has a copy has the device. */
export interface StoryPerson {
  readonly client: Client
  readonly account: string
  readonly storage: Storage
}

/** What people and their devices need: an app's backend, and a service at an address. */
export interface Town {
  /** A client of this service, or of whoever stands in front of it at `url`. */
  client(options?: { readonly storage?: Storage; readonly url?: string; readonly app?: string }): Client
  ticket(wish: TicketWish, changes?: Partial<TicketClaims>): Promise<string>
  /** A client with a registered account. */
  person(options?: { readonly url?: string; readonly app?: TestApp }): Promise<StoryPerson>
  people(count: number): Promise<readonly StoryPerson[]>
}

export interface Stage extends Town {
  readonly url: string
  readonly folder: string
  /** The service as it runs now; another one after each start. */
  service(): TestService
  readonly app: TestApp
  readonly otherApp: TestApp
  now(): number
  /** Lets time pass for everyone. */
  advance(seconds: number): void
  /** Stops the service, lets `meanwhile` touch its folder, and starts it again on the same port. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface StageOptions {
  readonly env?: Readonly<Record<string, string>>
  /** With the job queue; without it the sweep alone does everything. */
  readonly queue?: StartOptions['queue']
  /** False: requests are answered, and nothing happens by itself. */
  readonly works?: boolean
}

const NO_KEYS = { signing: 'A'.repeat(43), sealing: 'A'.repeat(43) }
const PRODUCTION_LIKE = { HOLDFAST_BACK_OFF_SECONDS: '3600' }

export interface TownOptions {
  readonly url: string
  /** The first is the one that people belong to unless said. */
  readonly apps: readonly [TestApp, ...TestApp[]]
  /** How often their devices try again. */
  readonly retries?: number
  readonly fetch?: typeof fetch
}

export const townAt = ({ url, apps, retries, fetch: send }: TownOptions): Town => {
  const [app] = apps
  const town: Town = {
    client: (options = {}) =>
      createClient({
        url: options.url ?? url,
        app: options.app ?? app.app,
        storage: options.storage ?? memoryStorage(),
        ...(retries !== undefined && { retries }),
        ...(send !== undefined && { fetch: send }),
      }),
    ticket: ({ purpose, account: about, keys }, changes = {}) =>
      (apps.find((one) => one.app === changes.iss) ?? app).ticket(
        purpose,
        about,
        // The claim is set to what the device said; this only stands in its place.
        NO_KEYS,
        { keys, ...changes },
      ),
    async person(options = {}) {
      const storage = memoryStorage()
      const own = options.app ?? app
      const client = town.client({ ...options, app: own.app, storage })
      const ticket = await town.ticket(await account.prepare(client), { iss: own.app })
      return { client, storage, account: await account.register(client, { ticket }) }
    },
    people: (count) => Promise.all(Array.from({ length: count }, () => town.person())),
  }
  return town
}

/** Two apps as the configuration names them. */
export const appsSetting = (apps: readonly TestApp[]): string =>
  JSON.stringify(apps.map(({ app, ticketKey }) => ({ app, ticketKey })))

export const openStage = async (options: StageOptions = {}): Promise<Stage> => {
  const { env = {}, queue = 'none', works = true } = options
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-story-'))
  let passed = 0
  const now = (): number => Date.now() + passed
  const clock = { wall: now, monotonic: () => performance.now() + passed }
  const [app, otherApp] = [newApp('letters', now), newApp('parcels', now)]
  const settings = { ...PRODUCTION_LIKE, HOLDFAST_APPS: appsSetting([app, otherApp]), ...env }
  const start = (port: string) =>
    startService({ folder, clock, queue, works, env: { ...settings, PORT: port } })
  let running = await start('0')
  const { url } = running
  return {
    ...townAt({ url, apps: [app, otherApp] }),
    url,
    folder,
    service: () => running,
    app,
    otherApp,
    now,
    advance(seconds) {
      passed += seconds * 1000
      running.clockMoved()
    },
    async restart(meanwhile) {
      await running.stop()
      await meanwhile?.()
      running = await start(new URL(url).port)
    },
    close: () => running.close(),
  }
}
