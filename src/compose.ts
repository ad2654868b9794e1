/**
 * Puts the service together: the only file that knows every layer. Everything below gets what it needs as an argument.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { randomBytes } from '@holdfast/client/protocol'
import { startBackground, lateJobs, type Background } from './background.ts'
import { CLOSING } from './closing.ts'
import type { Config } from './config.ts'
import { dataPaths, developmentApp, developmentKey } from './data-folder.ts'
import {
  countedChannels,
  countedNotices,
  countedRecords,
  countedReport,
  countedUnreadable,
} from './counted.ts'
import { createApp } from './http/app.ts'
import { createHealthApp } from './http/health.ts'
import { rateLimits } from './http/limits.ts'
import { createMetricsServer } from './http/metrics-server.ts'
import { repeats } from './http/repeats.ts'
import { StopPageMissing, readStopPage } from './http/stop-page.ts'
import { REQUEST_TIMEOUT_MS, createHttpServer, drain, listen } from './http/server.ts'
import { appTickets } from './http/tickets.ts'
import { sessionTokens } from './http/tokens.ts'
import type { Report } from './jobs/incident.ts'
import type { QueueEngine } from './jobs/queue-backend.ts'
import { openChannels } from './notify/channels.ts'
import { openNotices } from './notify/notices.ts'
import { openNoticesLog } from './notify/notices-log.ts'
import {
  handlersWithFailPoint,
  passPointOf,
  queuesWithFailPoint,
  withFailPoint,
} from './observe/fail-points.ts'
import type { Log, LogLevel } from './observe/log.ts'
import { NO_METRICS, openMetrics, type OpenMetrics } from './observe/metrics.ts'
import { openReadiness } from './observe/readiness.ts'
import { Opened } from './opened.ts'
import { partsOf } from './parts.ts'
import { openGateway, type Gateway } from './realtime/gateway.ts'
import type { RealtimeDeps } from './realtime/handshake.ts'
import { openNoticeChannel } from './realtime/notice-channel.ts'
import { tellingAtOnce } from './realtime/tell-at-once.ts'
import { checkRedis } from './redis.ts'
import { deriveKeys } from './service-keys.ts'
import type { TimeSources } from './store/embedded/clock.ts'
import { lockFolder } from './store/embedded/lock.ts'
import { atRestOf } from './store/key-ring.ts'
import { openRing, openStores } from './stores.ts'
import { allUseCases } from './use-cases/all-use-cases.ts'
import { relayOutbox } from './use-cases/relay-outbox.ts'
import { resealedDestinations, staleStatements } from './use-cases/reseal-destinations.ts'
import { settleAccount } from './use-cases/settle-account.ts'
import { tellPeople } from './use-cases/tell-people.ts'
import { openMailroom } from '../workers/mailroom.ts'
import { startReseal, type Reseal } from '../workers/reseal.ts'

/** Built beside this file's own built form; run from source, in the same place. */
const STOP_PAGE = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/web/stop' : '../web/stop', import.meta.url),
)

export interface ComposeOptions {
  readonly log: Log
  /** Stands in for the process's clocks in tests. */
  readonly clock?: TimeSources
  /** `none`: no queue is started, the sweep alone does everything a little later. For tests that are about something else. */
  readonly queue?: 'pglite' | 'none'
  /** Where the built stop page lies, if not in dist. */
  readonly stopPageFolder?: string
  /** Shared by several services of one test, which closes them itself. */
  readonly stores?: Pick<RealtimeDeps, 'records' | 'keyStore'>
}

export interface Service {
  /** What the use cases work with: tests look into it. */
  readonly deps: RealtimeDeps
  /** Listens. Jobs start after that, and nobody waits for them. Rejects if the address is taken. */
  start(): Promise<{ readonly url: string; readonly metricsUrl: string | null }>
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

/** Gives figures to whoever asks at their address, until the service is closed. Rejects if the address is taken. */
const openFigures = async (config: Config, figures: OpenMetrics, opened: Opened): Promise<string> => {
  const { host, port } = config.metrics ?? { host: '127.0.0.1', port: 0 }
  const server = createMetricsServer(figures)
  const url = await listen(server, host, port)
  opened.push(() => drain(server, 0))
  return url
}

/**
 * Opens everything but the network. Throws FolderInUse, FolderNotLockable, RecordsTooNew, RecordsMissing, KeysMissing,
 * WrongWrappingKey, RedisUnusable, StopPageMissing, or what MongoDB's stores throw, with nothing left open.
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
  const { dataFolder, settings, redisUrl, role } = config
  if (redisUrl !== null) await checkRedis(redisUrl)
  const paths = dataPaths(dataFolder)
  const lock = await lockFolder(dataFolder)
  opened.push(() => lock.release())

  const keys = await deriveKeys(config.masterKey ?? (await developmentKey(dataFolder)))
  const apps =
    settings.development && config.apps.length === 0 ? [await developmentApp(dataFolder)] : config.apps
  const pass = passPointOf(config.failPoint, paths.failPoints)
  const ring = openRing(config.atRestKeys, keys.keyStore)
  const stores = options.stores ?? (await openStores({ config, ring, log, clock, pass }, opened))

  let background: Background | null = null
  let gateway: Gateway | null = null
  let reseal: Reseal | null = null
  const queue = queueEngine(config, options)
  const readiness = openReadiness(
    partsOf({
      ...stores,
      sealsWith: ring.sealsWith,
      reseal: () => reseal,
      background: () => background,
      sockets: role === 'worker' ? null : () => gateway?.open() ?? 0,
      works: role !== 'api',
      onlyWorks: role === 'worker',
      sweepEveryMs: config.sweepSeconds * 1000,
      hasQueue: queue !== null,
    }),
  )
  const figures = config.metrics === null ? null : await openMetrics(() => readiness.read())
  const metrics = figures ?? NO_METRICS
  const channel = redisUrl === null ? null : await openNoticeChannel(redisUrl, log)
  if (channel !== null) opened.push(() => channel.close())
  const channels = openChannels(config.notices, apps, { vapidSeed: keys.vapid })
  opened.push(async () => channels.close())
  for (const missing of channels.missing) log('info', 'channel_not_offered', { code: missing })
  const tellers: Pick<Gateway, 'tell'> = {
    async tell(notice, revision) {
      await Promise.all([gateway?.tell(notice, revision), channel?.tell(notice, revision)])
    },
  }
  const noticesLog = openNoticesLog(paths.noticesLog)
  opened.push(() => noticesLog.close())
  const { records, keyStore, notices, useCases } = withFailPoint(pass, {
    records: tellingAtOnce(
      figures === null ? stores.records : countedRecords(stores.records, metrics),
      tellers.tell,
    ),
    keyStore: stores.keyStore,
    notices: countedNotices(
      openNotices(noticesLog, () => tellers),
      metrics,
    ),
    useCases: allUseCases,
  })
  const jobs = lateJobs()
  const deps: RealtimeDeps = {
    records,
    keyStore,
    jobs,
    notices,
    channels: countedChannels(channels, metrics),
    atRest: atRestOf(ring),
    random: { bytes: randomBytes },
    tokens: sessionTokens(keys.tokens),
    tickets: await appTickets(apps),
    keys: keys.service,
    settings,
  }
  const page = await readStopPage(options.stopPageFolder ?? STOP_PAGE, apps)
  if (page === null && role !== 'worker' && config.notices.publicUrl !== null) {
    if (!settings.development) throw new StopPageMissing()
    log('warn', 'stop_page_missing')
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
      stopPage: page,
      readiness,
      metrics,
    })
  const app = role === 'worker' ? createHealthApp({ records, readiness }) : openApp()
  const server = createHttpServer(app, () => readiness.isDraining())
  let closing: Promise<void> | undefined

  return {
    deps,
    async start() {
      const url = await listen(server, config.host, config.port)
      const metricsUrl = figures === null ? null : await openFigures(config, figures, opened)
      const sockets =
        role === 'worker' ? null : openGateway({ http: server, deps, origins: config.origins, log })
      gateway = sockets
      if (sockets !== null) await channel?.listen(sockets)
      const report = countedReport(reportTo(log), metrics)
      const onUnreadable = countedUnreadable(report, metrics)
      const mailroom = openMailroom({ tellPeople: tellPeople({ ...deps, onUnreadable }), report })
      const relay = relayOutbox(deps, mailroom.tell)
      const running = startBackground({
        queue,
        works: role !== 'api',
        records,
        jobs,
        handlers: handlersWithFailPoint(pass, {
          relayAccount: async (account) => {
            await relay(account)
          },
          settleAccount: settleAccount(deps),
        }),
        around: (backend) => queuesWithFailPoint(pass, backend),
        report,
        sweepEveryMs: config.sweepSeconds * 1000,
        onSwept: ({ settled, relayed, failed }) => {
          metrics.count('sweeps_total', { result: 'settled' }, settled)
          metrics.count('sweeps_total', { result: 'relayed' }, relayed)
          metrics.count('sweeps_total', { result: 'failed' }, failed)
        },
        log,
      })
      background = running
      opened.push(() => mailroom.close())
      opened.push(() => running.close())
      if (role !== 'api') {
        const { atRest } = deps
        const resealed = resealedDestinations(atRest)
        const begun = startReseal({ deps: { ...deps, resealed, staleIn: staleStatements(atRest) }, log })
        reseal = begun
        opened.push(() => begun.close())
      }
      opened.push(async () => {
        const drained = drain(server, CLOSING.requestsMs)
        await sockets?.close()
        await drained
      })
      return { url, metricsUrl }
    },
    started: async () => background?.started,
    close() {
      closing ??= (async () => {
        readiness.drain()
        // Whoever asks whether it is ready is to hear of it while requests are still served.
        if (background !== null) await sleep(config.drainSeconds * 1000)
        await opened.close()
      })()
      return closing
    },
  }
}
