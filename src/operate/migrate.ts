/**
 * Prepares the database that MONGODB_URL names: `npm run migrate`, before the first start and after each update. Safe to run
 * at any time, and by several at once.
 */
import { migrateMongo } from '../store/mongo/stores.ts'
import { EXIT, configure, end } from './command.ts'

const { mongoUrl } = configure()
if (mongoUrl === null) end('MONGODB_URL is not set: a data folder needs no migration.', EXIT.config)
else
  try {
    await migrateMongo(mongoUrl)
    end('The database is ready.', EXIT.ok)
  } catch (error) {
    // The driver's own messages may repeat the URL, and with it a password.
    const name = error instanceof Error ? error.name : 'unknown'
    end(
      `The migration failed (${name}). Can the database be reached, and may this user create collections?`,
      EXIT.failed,
    )
  }
