/**
 * Prepares the database that MONGODB_URL names: `npm run migrate`, before the first start and after each update. Safe to run
 * at any time, and by several at once.
 */
import { ConfigError } from '../config-reader.ts'
import { processConfig } from '../config.ts'
import { migrateMongo } from '../store/mongo/stores.ts'

const EXIT = { failed: 1, config: 78 } as const

const end = (text: string, code: number): never => {
  process.stderr.write(`${text}\n`)
  process.exit(code)
}

const readUrl = (): string => {
  try {
    const { mongoUrl } = processConfig(process.argv.slice(2))
    return mongoUrl ?? end('MONGODB_URL is not set: a data folder needs no migration.', EXIT.config)
  } catch (error) {
    if (error instanceof ConfigError) return end(error.message, EXIT.config)
    throw error
  }
}

try {
  await migrateMongo(readUrl())
  process.stdout.write('The database is ready.\n')
} catch (error) {
  // The driver's own messages may repeat the URL, and with it a password.
  const name = error instanceof Error ? error.name : 'unknown'
  end(
    `The migration failed (${name}). Can the database be reached, and may this user create collections?`,
    EXIT.failed,
  )
}
