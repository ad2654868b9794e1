/**
 * The HTTP layer over the real records, tokens, limits and repeats, with use cases that the test gives: for what the layer
 * itself must do whatever the ones below say.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  OPERATIONS,
  OPERATION_NAMES,
  Secret,
  randomBytes,
  toBase64url,
  type Operation,
  type OperationName,
} from '@holdfast/client/protocol'
import type { Limits } from '../../src/config.ts'
import { createApp } from '../../src/http/app.ts'
import { rateLimits } from '../../src/http/limits.ts'
import { repeats } from '../../src/http/repeats.ts'
import { createHttpServer, drain, listen } from '../../src/http/server.ts'
import { appTickets } from '../../src/http/tickets.ts'
import { sessionTokens } from '../../src/http/tokens.ts'
import { NO_METRICS } from '../../src/observe/metrics.ts'
import { openReadiness } from '../../src/observe/readiness.ts'
import { openLog } from '../../src/observe/log.ts'
import { deriveKeys } from '../../src/service-keys.ts'
import type { TimeSources } from '../../src/store/embedded/clock.ts'
import { openChannels } from '../../src/notify/channels.ts'
import { atRestOf, ringOf } from '../../src/store/key-ring.ts'
import { openFolderKeyStore } from '../../src/store/embedded/key-store.ts'
import { openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import type { Caller } from '../../src/use-cases/ports.ts'
import type { Deps, UseCases } from '../../src/use-cases/use-cases.ts'
import { IS_SCALED } from '../support/engine.ts'
import { NO_CHANNELS, vapidSeed } from '../support/tellings.ts'
import { SETTINGS } from '../support/world.ts'

export interface Layer {
  readonly url: string
  readonly deps: Deps
  /** Log lines so far. */
  readonly lines: readonly string[]
  /** A token that this service would give out. */
  token(name: OperationName): Promise<string>
  close(): Promise<void>
}

export interface LayerOptions {
  /** What every operation does. */
  readonly act?: (name: OperationName) => unknown
  readonly limits?: Partial<Limits>
  readonly timeoutMs?: number
  readonly checkAnswers?: boolean
  readonly clock?: TimeSources
}

const LIMITS: Limits = { address: 1e6, account: 1e6, contact: 1e6, openings: 1e6 }

export const someId = (): string => toBase64url(randomBytes(16))
const key = toBase64url(randomBytes(32))

export const CALLERS = {
  device: { role: 'device', account: someId(), device: key },
  requester: { role: 'requester', account: someId(), recovery: someId(), key },
} as const satisfies Record<string, Caller>

export const openLayer = async (options: LayerOptions = {}): Promise<Layer> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-layer-'))
  const { clock } = options
  const { records, remove } = IS_SCALED
    ? await (await import('../support/mongo.ts')).openTestRecords()
    : {
        records: await openEmbeddedRecords({ folder: join(folder, 'records'), ...(clock && { clock }) }),
        remove: async () => undefined,
      }
  const keys = await deriveKeys(Secret.random(32))
  const tokens = sessionTokens(keys.tokens)
  const act = options.act ?? (() => ({ revision: 1 }))
  const useCases = Object.fromEntries(OPERATION_NAMES.map((name) => [name, async () => act(name)]))
  const lines: string[] = []
  const deps: Deps = {
    records,
    keyStore: await openFolderKeyStore({ folder: join(folder, 'keys'), wrappingKey: keys.keyStore }),
    jobs: { relay: () => undefined, wake: () => undefined, close: async () => undefined },
    notices: { deliver: async () => undefined },
    channels: openChannels(NO_CHANNELS, [], { vapidSeed }),
    atRest: atRestOf(ringOf(keys.keyStore)),
    random: { bytes: randomBytes },
    tokens,
    tickets: await appTickets([]),
    keys: keys.service,
    settings: SETTINGS,
  }
  const app = createApp({
    deps,
    useCases: useCases as unknown as UseCases,
    limits: rateLimits({ ...LIMITS, ...options.limits }),
    repeats: repeats(records),
    log: openLog('debug', { write: (line) => void lines.push(line) }),
    checkAnswers: options.checkAnswers ?? false,
    timeoutMs: options.timeoutMs ?? 5000,
    origins: ['https://app.example'],
    stopPage: null,
    trustedHops: 0,
    readiness: openReadiness({}),
    metrics: NO_METRICS,
  })
  const server = createHttpServer(app)
  const url = await listen(server, '127.0.0.1', 0)
  return {
    url,
    deps,
    lines,
    async token(name) {
      const { caller } = OPERATIONS[name]
      if (caller === 'none') return ''
      return (await tokens.issue(CALLERS[caller], Date.now())).token
    },
    async close() {
      await drain(server, 100)
      await records.close()
      await remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const signature = 'A'.repeat(86)
const signed = { body: '{}', signature }

/** Input that passes the table's schemas, with nothing in it that would pass a use case. */
export const VALID_BODIES: { readonly [N in OperationName]?: object } = {
  createAccount: { ticket: 't', identity: signed, device: signed },
  createChallenge: { account: someId() },
  proposeEpoch: { manifest: signed, payload: '', shares: [], factor: '' },
  acceptShare: { message: signed, proof: signature },
  openRecovery: { ticket: 't', message: signed },
  completeRecovery: {
    completion: { body: '{}', signatures: { request: signature, identity: signature, next: null } },
    device: signed,
    identity: null,
  },
  startSession: { owner: someId(), message: signed },
  revealSession: { owner: someId(), message: signed },
  concludeSession: { owner: someId(), message: signed },
  decide: { message: signed, proof: null, sealed: null },
}

export const bodyFor = (name: OperationName): object => VALID_BODIES[name] ?? { message: signed }

export const pathFor = (name: OperationName): string => OPERATIONS[name].path.replace(/:\w+/g, () => someId())

/** Sends a request of this operation that is valid unless changed. */
export const send = async (
  layer: Pick<Layer, 'url' | 'token'>,
  name: OperationName,
  changes: {
    readonly headers?: Record<string, string>
    readonly body?: BodyInit
    readonly path?: string
  } = {},
): Promise<Response> => {
  const operation: Operation = OPERATIONS[name]
  const headers: Record<string, string> = {}
  if (operation.method === 'POST') headers['content-type'] = 'application/json'
  if (operation.caller !== 'none') headers['authorization'] = `Bearer ${await layer.token(name)}`
  Object.assign(headers, changes.headers)
  for (const [header, value] of Object.entries(headers)) if (value === '') delete headers[header]
  const init: RequestInit = { method: operation.method, headers }
  if (operation.method === 'POST') init.body = changes.body ?? JSON.stringify(bodyFor(name))
  return fetch(`${layer.url}${changes.path ?? pathFor(name)}`, init)
}
