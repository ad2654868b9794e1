/**
 * The process: configuration in, service up, and an orderly end on SIGTERM or SIGINT.
 */
import { composeService, type Service } from './compose.ts'
import { ConfigError } from './config-reader.ts'
import { processConfig } from './config.ts'
import { openLog, thrownFields } from './observe/log.ts'

/** Exit codes, so that whoever supervises the process can tell a mistake from a crash (sysexits.h). */
const EXIT = { crashed: 1, config: 78, refused: 75 } as const

const fail = (error: unknown, code: number): never => {
  process.stderr.write(`${error instanceof Error ? error.message : 'unknown error'}\n`)
  process.exit(code)
}

const configure = () => {
  try {
    return processConfig(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const hint = 'To try it out on this machine: npm start -- --development'
    return fail(new Error(`${error.message}\n${hint}`), EXIT.config)
  }
}

const config = configure()
const log = openLog(config.logLevel)

// The state after an unexpected error is unknown, and every commit is durable: ending is the safe thing to do.
const crash = (error: unknown): void => {
  log('error', 'uncaught', thrownFields(error))
  process.exit(EXIT.crashed)
}
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)

let service: Service | undefined
let stopping = false
const stop = (): void => {
  // Asked twice: whoever asks does not want to wait.
  if (stopping) process.exit(EXIT.crashed)
  stopping = true
  log('info', 'service_stopping')
  Promise.resolve(service?.close()).then(() => {
    log('info', 'service_stopped')
    process.exit(0)
  }, crash)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

for (const name of config.exposedSecrets) log('warn', 'secret_readable', { code: name })
if (config.mode === 'development') log('warn', 'development_mode', { folder: config.dataFolder })

try {
  service = await composeService(config, { log })
  const { url, metricsUrl } = await service.start()
  log('info', 'service_listening', { url, durationMs: Math.round(performance.now()) })
  if (metricsUrl !== null) log('info', 'metrics_listening', { url: metricsUrl })
} catch (error) {
  await service?.close().catch(() => undefined)
  fail(error, EXIT.refused)
}
