/**
 * Puts the service together: the only file that knows every layer. Everything below gets what it needs as an argument.
 */
import { randomBytes } from '@holdfast/client/protocol'
import { startBackground, lateJobs, type Background } from './background.ts'
import type { Config } from './config.ts'
import { dataPaths, developmentApp, developmentKey } from './data-folder.ts'
import { createApp } from './http/app.ts'
import { createHealthApp } from './http/health.ts'
import { rateLimits } from './http/limits.ts'
import { repeats } from './http/repeats.ts'
import { REQUEST_TIMEOUT_MS, createHttpServer, drain, listen } from './http/server.ts'
import { appTickets } from './http/tickets.ts'
import { sessionTokens } from './http/tokens.ts'
import type { Report } from './jobs/incident.ts'
import type { QueueEngine } from './jobs/queue-backend.ts'
import { openNotices } from './notify/notices.ts'
import { openNoticesLog } from './notify/notices-log.ts'
import { dieAt, withFailPoint } from './observe/fail-points.ts'
import type { Log, LogLevel } from './observe/log.ts'
import { openGateway, type Gateway } from './realtime/gateway.ts'
import type { RealtimeDeps } from './realtime/handshake.ts'
import { openNoticeChannel } from './realtime/notice-channel.ts'
import { checkRedis } from './redis.ts'
import { deriveKeys } from './service-keys.ts'
import type { TimeSources } from './store/embedded/clock.ts'
import { openFolderKeyStore } from './store/embedded/key-store.ts'
import { lockFolder } from './store/embedded/lock.ts'
import { openEmbeddedRecords } from './store/embedded/records.ts'
import { openRestoreGuard } from './store/embedded/restore-guard.ts'
import { allUseCases } from './use-cases/all-use-cases.ts'
import { relayOutbox } from './use-cases/relay-outbox.ts'
import { settleAccount } from './use-cases/settle-account.ts'

/** How long requests under way may take once the service was asked to stop. */
const DRAIN_MS = 5_000

export interface ComposeOptions {
  readonly log: Log
  /** Stands in for the process's clocks in tests. */
  readonly clock?: TimeSources
  /** `none`: no queue is started, the sweep alone does everything a little later. For tests that are about something else. */
  readonly queue?: 'pglite' | 'none'
  /** Shared by several services of one test, which closes them itself. */
  readonly stores?: Pick<RealtimeDeps, 'records' | 'keyStore'>
}

export interface Service {
  /** What the use cases work with: tests look into it. */
  readonly deps: RealtimeDeps
  /** Listens. Jobs start after that, and nobody waits for them. Rejects if the address is taken. */
  start(): Promise<{ readonly url: string }>
  /** Resolves when jobs run as well. */
  started(): Promise<void>
  /** Lets what is under way finish, then closes everything. Safe to call twice, and before `start`. */
  close(): Promise<void>
}

const LEVELS: Partial<Record<Parameters<Report>[0]['event'], LogLevel>> = {
  hints_dropped: 'warn',
  queue_disconnected: 'warn',
  queue_not_durable: 'warn',
  queue_reconnected: 'info',
  workers_closed_busy: 'warn',
}

/** Incidents carry codes and names only, and the log keeps only what it knows. */
const reportTo =
  (log: Log): Report =>
  ({ event, ...fields }) =>
    log(LEVELS[event] ?? 'error', event, fields)

const queueEngine = (config: Config, options: ComposeOptions): QueueEngine | null => {
  if (options.queue === 'none') return null
  return config.redisUrl === null
    ? { engine: 'pglite', folder: dataPaths(config.dataFolder).queue }
    : { engine: 'redis', url: config.redisUrl }
}

/** Opened parts, closed last first, each once, even if one of them fails. */
class Opened {
  readonly #closers: (() => Promise<unknown>)[] = []
  #closing: Promise<void> | undefined

  push(close: () => Promise<unknown>): void {
    this.#closers.push(close)
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      let failure: unknown
      for (const close of this.#closers.toReversed())
        await close().catch((error: unknown) => {
          failure ??= error
        })
      if (failure !== undefined) throw failure
    })()
    return this.#closing
  }
}

/**
 * Opens everything but the network. Throws FolderInUse, FolderNotLockable, RecordsTooNew, RecordsMissing, KeysMissing,
 * WrongWrappingKey, RedisUnusable, or
 * what MongoDB's stores throw, with nothing left open.
 */
export const composeService = async (config: Config, options: ComposeOptions): Promise<Service> => {
  const opened = new Opened()
  try {
    return await openAll(config, options, opened)
  } catch (error) {
    await opened.close().catch(() => undefined)
    throw error
  }
}

const openAll = async (config: Config, options: ComposeOptions, opened: Opened): Promise<Service> => {
  const { log, clock } = options
  const { dataFolder, settings, redisUrl, mongoUrl, role } = config
  if (redisUrl !== null) await checkRedis(redisUrl)
  const paths = dataPaths(dataFolder)
  const lock = await lockFolder(dataFolder)
  opened.push(() => lock.release())

  const keys = await deriveKeys(config.masterKey ?? (await developmentKey(dataFolder)))
  const apps =
    settings.development && config.apps.length === 0 ? [await developmentApp(dataFolder)] : config.apps
  const pass = config.failPoint === null ? null : dieAt(config.failPoint)
  const openStores = async (): Promise<Pick<RealtimeDeps, 'records' | 'keyStore'>> => {
    if (mongoUrl !== null) {
      const { migrateMongo, openMongoStores } = await import('./store/mongo/stores.ts')
      if (settings.development) await migrateMongo(mongoUrl)
      const stores = await openMongoStores(mongoUrl, keys.keyStore)
      opened.push(() => stores.close())
      return stores
    }
    const onWritten = pass === null ? undefined : () => pass('key-file-written')
    const onJump = (aheadMs: number) => log('warn', 'clock_jumped', { durationMs: aheadMs })
    const embedded = await openEmbeddedRecords({ folder: paths.records, clock: { onJump, ...clock } })
    opened.push(() => embedded.close())
    const mayBeNew = embedded.generation() === 0
    const atRest = { folder: paths.keys, wrappingKey: keys.keyStore, mayBeNew, onWritten }
    const folderKeys = await openFolderKeyStore(atRest)
    const guard = await openRestoreGuard({ folder: paths.keys, records: embedded })
    opened.push(() => guard.close())
    if (guard.restored) log('warn', 'records_restored')
    return { records: embedded, keyStore: folderKeys }
  }

  let gateway: Gateway | null = null
  const channel = redisUrl === null ? null : await openNoticeChannel(redisUrl, log)
  if (channel !== null) opened.push(() => channel.close())
  const tellers: Pick<Gateway, 'tell'> = {
    async tell(notice, revision) {
      await Promise.all([gateway?.tell(notice, revision), channel?.tell(notice, revision)])
    },
  }
  const { records, keyStore, notices, useCases } = withFailPoint(pass, {
    ...(options.stores ?? (await openStores())),
    notices: openNotices(openNoticesLog(paths.noticesLog), () => tellers),
    useCases: allUseCases,
  })
  const jobs = lateJobs()
  const deps: RealtimeDeps = {
    records,
    keyStore,
    jobs,
    notices,
    random: { bytes: randomBytes },
    tokens: sessionTokens(keys.tokens),
    tickets: await appTickets(apps),
    keys: keys.service,
    settings,
  }
  const openApp = () =>
    createApp({
      deps,
      useCases,
      limits: rateLimits(config.limits),
      repeats: repeats(records),
      log,
      checkAnswers: settings.development,
      timeoutMs: REQUEST_TIMEOUT_MS,
      origins: config.origins,
      trustedHops: config.trustedHops,
    })
  const server = createHttpServer(role === 'worker' ? createHealthApp(records) : openApp())
  let background: Background | null = null

  return {
    deps,
    async start() {
      const url = await listen(server, config.host, config.port)
      const sockets =
        role === 'worker' ? null : openGateway({ http: server, deps, origins: config.origins, log })
      gateway = sockets
      if (sockets !== null) await channel?.listen(sockets)
      const running = startBackground({
        queue: queueEngine(config, options),
        works: role !== 'api',
        records,
        jobs,
        handlers: { relayAccount: relayOutbox(deps), settleAccount: settleAccount(deps) },
        report: reportTo(log),
        sweepEveryMs: config.sweepSeconds * 1000,
        log,
      })
      background = running
      opened.push(() => running.close())
      opened.push(async () => {
        const drained = drain(server, DRAIN_MS)
        await sockets?.close()
        await drained
      })
      return { url }
    },
    started: async () => background?.started,
    close: () => opened.close(),
  }
}
