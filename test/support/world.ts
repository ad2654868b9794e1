/**
 * The service's use cases over the real store, key store, tokens and tickets, in a folder of its own, with a clock that only
 * the test moves. Nothing is imitated but the clock, the queue (whose hints are written down) and the post.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnswerOf,
  type BodyOf,
  OPERATIONS,
  type Operation,
  type OperationName,
  type ParamsOf,
  type QueryOf,
  Secret,
  randomBytes,
} from '@holdfast/client/protocol'
import type { Notice } from '../../src/domain/account.ts'
import { appTickets } from '../../src/http/tickets.ts'
import { sessionTokens } from '../../src/http/tokens.ts'
import { deriveKeys } from '../../src/service-keys.ts'
import { openFolderKeyStore } from '../../src/store/embedded/key-store.ts'
import { atRestOf, ringOf } from '../../src/store/key-ring.ts'
import { openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import { allUseCases } from '../../src/use-cases/all-use-cases.ts'
import type { Channels, Destination, SendOutcome, Telling } from '../../src/use-cases/channels.ts'
import type { Caller, Records, Settings } from '../../src/use-cases/ports.ts'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { settleAccount } from '../../src/use-cases/settle-account.ts'
import { tellPeople } from '../../src/use-cases/tell-people.ts'
import type { Deps, Input, UseCase } from '../../src/use-cases/use-cases.ts'
import { type TestApp, newApp } from './test-app.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 5, 12)

export const SETTINGS: Settings = {
  development: false,
  waitingSeconds: { min: 3600, max: 60 * 86_400 },
  coolingSeconds: { min: 3600, max: 60 * 86_400 },
  collectingSeconds: { min: 3600, max: 90 * 86_400 },
  backOffSeconds: 3600,
  contestSeconds: 72 * 3600,
  delaySeconds: 72 * 3600,
  digestSeconds: 3600,
}

/** An operation's input as far as it has any. */
export interface Given<N extends OperationName> {
  readonly caller?: Caller
  readonly params?: ParamsOf<N>
  readonly query?: QueryOf<N>
  readonly body?: BodyOf<N>
}

export interface Posted {
  readonly to: Destination
  readonly telling: Telling
}

/** Stands in for mail, push and webhook: what they are given is written down. */
const postOffice = () => {
  const posted: Posted[] = []
  let answer = (_posted: Posted): SendOutcome => ({ state: 'sent' })
  const channels: Channels = {
    pushKey: null,
    offered: () => new Set(['mail', 'push', 'webhook']),
    async send(to, telling) {
      posted.push({ to, telling })
      return answer({ to, telling })
    },
  }
  return { posted, channels, answerPosts: (outcome: typeof answer) => void (answer = outcome) }
}

export interface World {
  readonly deps: Deps
  /** Two apps, both registered. */
  readonly app: TestApp
  readonly otherApp: TestApp
  /** Every notice that was delivered, in order. */
  readonly delivered: readonly { readonly notice: Notice; readonly revision: number }[]
  /** What channels were asked to send, in order. */
  readonly posted: readonly Posted[]
  /** What channels answer from now on; `sent` until told otherwise. */
  answerPosts(outcome: (posted: Posted) => SendOutcome): void
  /** Hints given to the queue. */
  readonly hints: {
    readonly relays: readonly string[]
    readonly wakes: readonly { account: string; at: number }[]
  }
  now(): number
  /** Lets time pass. Nothing happens by itself. */
  advance(ms: number): void
  /** Calls an operation. Input and answer are held against its schemas. */
  call<N extends OperationName>(name: N, given?: Given<N>): Promise<AnswerOf<N>>
  /** What workers do: all that is due, then all that is in an outbox, until nothing is. */
  work(): Promise<void>
  /** As if the records had been put back from a backup that was taken just now. */
  restore(): Promise<void>
  close(): Promise<void>
}

/** What actors need of a world, or of a running service that they reach over HTTP. */
export type Ground = Pick<World, 'deps' | 'app' | 'now' | 'call'>

export interface WorldOptions {
  readonly settings?: Partial<Settings>
}

/** What fits the operation's schema. Anything else is a mistake of the test, or of the service. */
const fitting = (schema: Operation['answer'] | null, value: unknown): unknown => {
  const parsed = schema?.safeParse(value)
  if (parsed?.success === false) throw new TypeError(`not in the form of the table: ${JSON.stringify(value)}`)
  return parsed?.data
}

/** The same records, but for some methods. */
export const withRecords = (deps: Deps, changes: Partial<Records>): Deps => {
  const records = new Proxy(deps.records, {
    get: (target, name) => {
      const changed = changes[name as keyof Records]
      if (changed !== undefined) return changed
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...deps, records }
}

/** Runs an operation with other parts than the world's own, for example with a store that fails. */
export const callWith = async <N extends OperationName>(
  deps: Deps,
  name: N,
  given: Given<N> = {},
): Promise<AnswerOf<N>> => {
  const operation: Operation = OPERATIONS[name]
  const input = {
    caller: given.caller ?? null,
    params: fitting(operation.params, given.params),
    query: fitting(operation.query, given.query ?? {}),
    body: fitting(operation.body, given.body),
  } as Input<N>
  const useCase: UseCase<N> = allUseCases[name]
  return fitting(operation.answer, await useCase(deps, input)) as AnswerOf<N>
}

export const openWorld = async (options: WorldOptions = {}): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-world-'))
  let at = START
  const clock = { wall: () => at, monotonic: () => at - START }
  const keys = await deriveKeys(Secret.random(32))
  const records = await openEmbeddedRecords({ folder: join(folder, 'records'), clock })
  const keyStore = await openFolderKeyStore({ folder: join(folder, 'keys'), wrappingKey: keys.keyStore })
  const [app, otherApp] = [newApp('letters', () => at), newApp('parcels', () => at)]
  const delivered: { readonly notice: Notice; readonly revision: number }[] = []
  const { posted, channels, answerPosts } = postOffice()
  const relays: string[] = []
  const wakes: { account: string; at: number }[] = []
  const deps: Deps = {
    records,
    keyStore,
    jobs: {
      relay: (account) => void relays.push(account),
      wake: (account, wakeAt) => void wakes.push({ account, at: wakeAt }),
      close: async () => undefined,
    },
    notices: { deliver: async (notice, revision) => void delivered.push({ notice, revision }) },
    channels,
    atRest: atRestOf(ringOf(keys.keyStore)),
    random: { bytes: randomBytes },
    tokens: sessionTokens(keys.tokens),
    tickets: await appTickets([app, otherApp]),
    keys: keys.service,
    settings: { ...SETTINGS, ...options.settings },
  }
  const work = async (): Promise<void> => {
    for (const account of await records.due(1000)) await settleAccount(deps)(account)
    for (let rounds = 0; rounds < 10; rounds += 1) {
      const left = await records.unrelayed(1000)
      if (left.length === 0) return
      for (const account of left)
        if ((await relayOutbox(deps)(account)).isOwed) await tellPeople(deps)(account)
    }
    throw new Error('The outboxes do not become empty.')
  }
  return {
    deps,
    app,
    otherApp,
    delivered,
    posted,
    answerPosts,
    hints: { relays, wakes },
    now: () => at,
    advance(ms) {
      at += ms
    },
    call: (name, given) => callWith(deps, name, given),
    work,
    restore: () => records.markRestored(),
    async close() {
      await records.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
