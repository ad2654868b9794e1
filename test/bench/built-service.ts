/**
 * Parts of the built service that the bench calls without HTTP in between.
 */
import type * as AccountIndex from '../../src/domain/account-index.ts'
import type * as FolderKeyStore from '../../src/store/embedded/key-store.ts'
import type * as EmbeddedRecords from '../../src/store/embedded/records.ts'
import type * as MongoRecords from '../../src/store/mongo/records.ts'
import type * as MongoStores from '../../src/store/mongo/stores.ts'
import type * as QueueJobs from '../../src/jobs/queue-jobs.ts'
import type * as RedisBackend from '../../src/jobs/redis-backend.ts'
import type * as SettleAccount from '../../src/use-cases/settle-account.ts'
import type * as Sweep from '../../workers/sweep.ts'
import { builtModule } from './built.ts'

export const { indexOf } = await builtModule<typeof AccountIndex>('dist/src/domain/account-index.js')
export const { openEmbeddedRecords } = await builtModule<typeof EmbeddedRecords>(
  'dist/src/store/embedded/records.js',
)
export const { openFolderKeyStore } = await builtModule<typeof FolderKeyStore>(
  'dist/src/store/embedded/key-store.js',
)
export const { openMongoRecords } = await builtModule<typeof MongoRecords>('dist/src/store/mongo/records.js')
export const { migrateMongo } = await builtModule<typeof MongoStores>('dist/src/store/mongo/stores.js')
export const { openQueueJobs } = await builtModule<typeof QueueJobs>('dist/src/jobs/queue-jobs.js')
export const { openRedisBackend } = await builtModule<typeof RedisBackend>('dist/src/jobs/redis-backend.js')
export const { settleAccount } = await builtModule<typeof SettleAccount>(
  'dist/src/use-cases/settle-account.js',
)
export const { startSweep } = await builtModule<typeof Sweep>('dist/workers/sweep.js')
